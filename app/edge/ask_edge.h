#pragma once

#include "core/device/enrolment.h"

#include <filesystem>
#include <nlohmann/json.hpp>

namespace percept::edge_app {

// percept-edge update, rollback, status: ask the percept-edge that runs on a state folder, and say in words or as JSON what
// it answered. They give the exit status.
int updateEdge(const std::filesystem::path& state, const std::filesystem::path& package, bool asJson);
int rollBackEdge(const std::filesystem::path& state, bool asJson);
int showEdge(const std::filesystem::path& state, bool asJson);

// percept-edge enroll, likewise.
int enrolEdge(const device::EnrolOptions& options, bool asJson);

// To standard error; gives the exit status.
int report(const base::Error& error);

}
