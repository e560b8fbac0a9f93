#pragma once

#include "core/dataset/connection.h"
#include "core/dataset/project_reader.h"

namespace percept::dataset {

// Freezes what trains: every item in state done that is not in the trash, with its boxes that have an area, its set and
// group. Inside a write transaction. With the content of the last version, gives that one and writes nothing.
DatasetVersion freeze(Connection& connection, std::int64_t timeMs);
// The manifest's sha256, computed anew from the stored rows of `version`; for checking.
std::string manifestOfVersion(Connection& connection, VersionId version);
// The boxes of one row of version_content. Throws when its text is not what freeze() wrote.
std::vector<domain::Annotation> decodeBoxes(ItemId item, const std::string& body);

}
