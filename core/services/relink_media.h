#pragma once

#include "core/services/project_session.h"

#include <filesystem>
#include <vector>

// Pictures whose files are not where they were: a folder that was moved, a disk with another name.
namespace percept::services {

struct MissingMedia {
    std::vector<ItemId> items;    // ascending
    std::filesystem::path folder; // where most of them were
};
base::Result<MissingMedia> findMissingMedia(const dataset::ProjectReader& reader, const base::CancelToken& cancel = {});

struct RelinkReport {
    std::int64_t missing = 0; // before
    std::int64_t found = 0;
    std::int64_t changed = 0; // a file of that name is there, but it is another one
    std::vector<dataset::ItemFile> before; // of those that were found: moveMedia() with these takes it back
};
// Looks in `folder` and below for the files that are missing: of the same name and size, the place as alike as can be (the longest
// common end of the path), and of the same content wherever that is known. Nothing is written until all have been looked for, so
// that Cancelled leaves everything as it was. The labels stay with the pictures; it is no step of the history.
base::Result<RelinkReport> relinkMedia(ProjectSession& session, const std::filesystem::path& folder, const base::ProgressFn& progress,
    const base::CancelToken& cancel);
// In chunks, behind edits. Returns where they were before.
base::Result<std::vector<dataset::ItemFile>> moveMedia(ProjectSession& session, const std::vector<dataset::ItemFile>& files);

}
