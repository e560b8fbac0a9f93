#pragma once

#include "core/base/result.h"
#include "core/dataset/project_reader.h"
#include "core/evaluation/detection_metrics.h"
#include "core/report/field.h"
#include "core/report/fleet.h"

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

namespace percept::report {

// One class: found of the test objects, and all boxes of it in the project. palette: place of its colour, from 0.
struct ClassRow {
    std::string name;
    int palette = 0;
    std::int64_t found = 0, of = 0;
    evaluation::Interval share;
    bool tooFew = false; // fewer than kTooFewObjects
    std::int64_t labeled = 0;
    int color = -1; // 0xRRGGBB when the class has its own, else that of the palette
};
inline constexpr std::int64_t kTooFewObjects = 30;
// A model at the thresholds that were chosen for it: what it finds, and what it pays for that in false alarms.
struct OwnPoint { double found = 0, falsePerPicture = 0; };
// Against the version before, paired on the same pictures. What people are told is what is found, at each version's thresholds, and
// what it costs in false alarms; AP50 asks for no threshold and tells models apart whichever they were given.
struct Comparison {
    static constexpr double kMostAccepted = 0.5;
    bool present = false;
    std::string other;
    evaluation::Interval points; // of AP50, in hundredths
    std::int64_t pictures = 0;
    OwnPoint before, now;
    evaluation::Interval found {};       // of the share found, in hundredths
    evaluation::Interval falseAlarms {}; // a picture
    double accepted = 0;                 // share of the labels that are a model's answers as they were
    // Mostly labels that some model gave: whose answers became the truth looks right, whatever it is. Nothing is decided by that.
    bool isCircular() const { return present && accepted >= kMostAccepted; }
    bool canTell() const { return std::isfinite(points.low); } // else there are too few groups of pictures for an interval
    bool isProven() const { return points.low > 0 || points.high < 0; }
    bool findsMore() const { return found.low > 0; } // beyond chance, as the next three
    bool findsLess() const { return found.high < 0; }
    bool hasMoreFalse() const { return falseAlarms.low > 0; }
    bool hasFewerFalse() const { return falseAlarms.high < 0; }
    bool isBetter() const { return findsMore() && !hasMoreFalse(); }
    bool isWorse() const { return findsLess() && !hasFewerFalse(); }
};
struct VersionPoint {
    std::string version;
    std::int64_t timeMs = 0;
    evaluation::Interval found;
    std::int64_t rolledBackMs = 0; // 0: it was not taken back from the devices
};

// The numbers of the manager's page; the drawing knows nothing else.
struct ReportData {
    std::string project, version, date;   // version: "1.1" or "draft of run 2"
    std::int64_t testPictures = 0, testObjects = 0, marks = 0, datasetVersion = 0; // marks: its answers on the test set
    evaluation::Interval found, marksRight;
    bool hasModel = false;
    std::vector<ClassRow> classes;
    std::vector<VersionPoint> versions;   // oldest first, all scored on the same pictures
    std::string versionsScope;            // on which pictures, at which thresholds
    Comparison comparison;
    std::int64_t pictures = 0, boxes = 0, done = 0, toReview = 0, toDo = 0;
    std::vector<dataset::LabelingDay> days; // what each day added
    double testBeganAsProposal = 0; // share
    std::vector<std::string> notes;     // "What to know", in sentences
    std::vector<std::string> nextSteps; // without a model: what to do to get one
    FieldAccuracy field;                // on pictures that devices chose by chance
    FleetStand fleet;
    std::int64_t testFromField = 0;     // finished test pictures that devices sent
};

struct ReportParts { bool headline = true, classes = true, versions = true, labeling = true, definitions = false, field = true; };

// One drawing for screen, PDF and HTML: SVG of 1123 x 794 (A4 landscape at 96 dpi), text as text, font Inter. All text from
// data escaped. Only what SVG Tiny 1.2 knows: attributes, no classes, patterns or foreign objects.
inline constexpr int kPageWidth = 1123, kPageHeight = 794;
std::string renderSvg(const ReportData& data, const ReportParts& parts = {});
// Single file, no outside reference: the drawing, and its numbers as tables for readers, spreadsheets and screen readers.
std::string renderHtml(const ReportData& data, const ReportParts& parts = {});

}
