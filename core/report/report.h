#pragma once

#include "core/base/result.h"
#include "core/dataset/project_reader.h"
#include "core/evaluation/detection_metrics.h"

#include <filesystem>
#include <string>
#include <vector>

namespace percept::report {

struct ClassRow { std::string name; int palette = 0; std::int64_t found = 0, of = 0; evaluation::Interval share; bool tooFew = false; };
struct VersionPoint { std::string version; std::int64_t timeMs = 0; evaluation::Interval found; };

// The numbers of the manager's page; the drawing knows nothing else.
struct ReportData {
    std::string project, version, date;   // version: "1.1" or "draft of run r0002"
    std::int64_t testPictures = 0, testObjects = 0, datasetVersion = 0;
    evaluation::Interval found, marksRight;
    bool hasModel = false;
    std::vector<ClassRow> classes;
    std::vector<VersionPoint> versions;   // all scored on today's test set
    struct { bool present = false; std::string other; evaluation::Interval points; double pValue = 1; } comparison; // against the previous version
    std::int64_t pictures = 0, boxes = 0, done = 0, toReview = 0, toDo = 0;
    std::vector<dataset::LabelingDay> days;
    double testBeganAsProposal = 0; // share
    std::vector<std::string> notes; // "What to know", in sentences
};

struct ReportParts { bool headline = true, classes = true, versions = true, labeling = true, definitions = false; };

// One drawing for screen, PDF and HTML: SVG of 1123 x 794 (A4 landscape at 96 dpi), text as text, font Inter. All text from data escaped.
std::string renderSvg(const ReportData& data, const ReportParts& parts = {});
// Single file, no outside reference.
std::string renderHtml(const ReportData& data, const ReportParts& parts = {});

}
