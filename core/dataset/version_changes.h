#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/domain/annotation.h"

#include <cstdint>
#include <filesystem>
#include <map>

namespace percept::dataset {

// How today's finished pictures of one set differ from those of a frozen version.
struct SetChanges {
    std::int64_t before = 0;  // pictures of the version
    std::int64_t added = 0;   // finished now, not in the version's set
    std::int64_t changed = 0; // in both, with other boxes that have an area
    std::int64_t removed = 0; // in the version's set; now in the trash, unfinished or in another set
    std::int64_t addedBoxes = 0; // boxes with an area on the added pictures
};
using VersionChanges = std::map<domain::SplitSet, SetChanges>; // sets without a picture are left out

// Opens PROJECT read-only, beside a writer. Only pictures that something touched since are compared box by box.
// NotFound: there is no such version.
base::Result<VersionChanges> readChangesSince(const std::filesystem::path& project, VersionId version);

}
