#pragma once

#include "core/base/result.h"
#include "core/monitoring/drift.h"

#include <filesystem>

namespace percept::monitoring {

// What the model of a run answered on the validation set, at the thresholds that it was scored with: scores, classes and
// empty pictures, one part a picture (or a group of pictures that belong together). Holds no input properties and no times.
// NotFound: the run was not scored.
base::Result<Window> readValidation(const std::filesystem::path& project, const std::string& run);

}
