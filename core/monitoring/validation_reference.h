#pragma once

#include "core/base/result.h"
#include "core/monitoring/drift.h"
#include "core/protocol/model_spec.h"

#include <filesystem>
#include <string>
#include <vector>

namespace percept::monitoring {

// What the model of a run answered on the validation set, at the thresholds of `classes`, which are those of the package whose
// devices are compared: the run itself may be scored again at others. Scores, classes and empty pictures, one part a picture (or a
// group of pictures that belong together). Holds no input properties and no times. NotFound: the run was not scored.
base::Result<Window> readValidation(const std::filesystem::path& project, const std::string& run, const std::vector<protocol::SpecLabel>& classes);

}
