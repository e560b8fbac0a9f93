#pragma once

#include "core/dataset/connection.h"
#include "core/dataset/project_reader.h"

// What people say about runs, as it lies in the store and in the change log.
namespace percept::dataset {

// "r0002" of 2, and back; nullopt: no name of a run.
std::string runIdOf(std::int64_t run);
std::optional<std::int64_t> runNumberOf(const std::string& id);

std::string toJson(const RunRecord& record); // without its thresholds, which are an entity of their own
std::string toJson(const RunThresholds& thresholds);
// These throw on text that toJson did not make: the change log is damaged then.
RunRecord runFromJson(const std::string& text);
RunThresholds thresholdsFromJson(const std::string& text);

}
