#pragma once

#include "core/base/result.h"
#include "core/dataset/project_reader.h"
#include "core/evaluation/detection_metrics.h"
#include "core/services/project_session.h"

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace percept::cli {

// The project as named, or with ".percept" behind it where only that exists.
std::filesystem::path projectFolder(const std::string& name);
base::Result<std::unique_ptr<dataset::ProjectReader>> openReader(const std::string& project);
base::Result<std::unique_ptr<services::ProjectSession>> openSession(const std::string& project);

// A result replaces what bears its name; a slip must not cost a file of another kind. Refused as wrong usage.
base::Result<void> checkOutFile(const std::filesystem::path& file, std::initializer_list<std::string_view> extensions);

std::vector<std::string> splitCommas(const std::string& text);
base::Result<domain::SplitSet> setFromArgument(const std::string& text);
nlohmann::json intervalJson(const evaluation::Interval& interval); // null for what is undefined
std::string plural(std::int64_t n, const char* one, const char* many);

}
