#pragma once

#include "core/report/report.h"
#include "core/report/stored_model.h"
#include "core/runs/run_store.h"

// Inside of core/report: what the page has to say beside its figures. Not for other folders.
namespace percept::report {

// Everything that was read for the page.
struct Sources {
    dataset::Counts counts;
    TestSet test;
    std::vector<runs::RunInfo> runs; // newest first
    std::size_t tornGroups = 0;
};

// What a reader must know to trust the figures of `chosen` (null: there is none).
std::vector<std::string> findings(const ReportData& data, const Sources& sources, const StoredModel* chosen);
// How to get a first figure.
std::vector<std::string> firstSteps(const ReportData& data, const Sources& sources);

}
