#pragma once

#include "core/report/report.h"

#include <string>

// Made-up numbers for the drawing.
namespace percept::report {

inline ClassRow classRow(const std::string& name, int palette, std::int64_t found, std::int64_t of, std::int64_t labeled)
{
    return { name, palette, found, of, evaluation::wilson(found, of), of < kTooFewObjects, labeled };
}

inline ReportData sampleReport()
{
    ReportData data;
    data.project = "Blood cells";
    data.version = "1.4";
    data.date = "24 November 2026";
    data.hasModel = true;
    data.testPictures = 72;
    data.testObjects = 954;
    data.marks = 941;
    data.datasetVersion = 7;
    data.found = { 0.931, 0.912, 0.946 };
    data.marksRight = { 0.939, 0.921, 0.953 };
    data.classes = { classRow("RBC", 0, 748, 805, 4155), classRow("WBC", 1, 70, 71, 372),
        classRow("Platelets", 2, 64, 69, 361), classRow("Artifact", 3, 6, 9, 46) };
    const double found[] { 0.812, 0.864, 0.899, 0.916, 0.931 };
    for (int i = 0; i < 5; ++i)
        data.versions.push_back({ "1." + std::to_string(i), 1'780'000'000'000 + i * 35ll * 86'400'000,
            { found[i], found[i] - 0.025, found[i] + 0.02 } });
    data.versionsScope = "all scored on today's test set";
    data.comparison.present = true;
    data.comparison.other = "1.3";
    data.comparison.points = { 1.5, 0.3, 2.7 };
    data.comparison.found = { 1.5, 0.3, 2.7 };
    data.comparison.falseAlarms = { -0.3, -0.6, 0.1 };
    data.comparison.pictures = 72;
    data.comparison.before = { 0.916, 1.1 };
    data.comparison.now = { 0.931, 0.8 };
    data.pictures = 412;
    data.boxes = 4934;
    data.done = 318;
    data.toReview = 46;
    data.toDo = 48;
    for (int month = 1; month <= 9; ++month)
        data.days.push_back({ "2026-0" + std::to_string(month) + "-05", month == 1 ? 300 : 14, 42, 35 });
    data.testBeganAsProposal = 0.11;
    data.notes = { "Under 30 test objects, too few to judge: Artifact (9).",
        "11.0 % of the test labels began as proposals of a model, which flatters it." };
    return data;
}

inline ReportData withoutModel()
{
    ReportData data = sampleReport();
    data.hasModel = false;
    data.version.clear();
    data.versions.clear();
    data.comparison.present = false;
    data.found = data.marksRight = evaluation::wilson(0, 0);
    data.notes.clear();
    data.nextSteps = { "Train a first model: page Train (Ctrl+3), or percept train PROJECT --recipe full." };
    return data;
}

}
