#pragma once

#include "core/dataset/change_log.h"
#include "core/dataset/project_store.h"

namespace percept::dataset {

// Gives sets to whole groups, inside a write transaction; details of the change are appended to `details`.
base::Result<SplitResult> splitItems(
    Connection& connection, EntityWriter& writer, const SplitOptions& options, std::vector<Detail>& details);

}
