#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <optional>
#include <string>

namespace percept::dataset {

// The lock of a project's one writer: PROJECT/lock, held with flock(), so that it is free again when the process dies,
// and naming the program, host and process that hold it.
class ProjectLock
{
public:
    // Conflict: a sentence that names who holds it.
    static base::Result<ProjectLock> take(const std::filesystem::path& project, const std::string& programName);
    ProjectLock(ProjectLock&& other) noexcept;
    ProjectLock& operator=(ProjectLock&& other) noexcept;
    ~ProjectLock();

private:
    explicit ProjectLock(int descriptor)
        : m_descriptor(descriptor)
    {
    }
    int m_descriptor = -1;
};

// "nfs", "smb", "fuse.sshfs", ... when files of this kind lie on another machine. `fuseType` is the type of the mount
// where `magic` (statfs f_type) is that of FUSE.
std::optional<std::string> networkFileSystem(long magic, const std::string& fuseType);
// Refused for writing: SQLite's write-ahead log needs memory that all programs share, which a network folder does not
// give.
base::Result<void> checkFileSystem(const std::filesystem::path& folder);

}
