#include "core/device/state_lock.h"

#include "core/base/files.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

namespace percept::device {

base::Result<StateLock> StateLock::take(const std::filesystem::path& state)
{
    std::error_code problem;
    std::filesystem::create_directories(state, problem);
    const std::filesystem::path path = state / "lock";
    int fd = problem ? -1 : ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    // A device whose disk is full or read-only must answer all the same: a lock needs nothing that could be written.
    if (fd < 0 && !problem)
        fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && !problem && errno == ENOENT)
        fd = ::open(state.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return base::failed(fmt::format("The state folder {} cannot be used: {}.", state.string(),
            base::describeErrno(problem ? problem.value() : errno)));
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        ::close(fd);
        return base::failed(fmt::format("Another percept-edge works with the state folder {}. Stop it, or give this one "
                                        "a folder of its own.", state.string()));
    }
    return StateLock(fd);
}

StateLock::~StateLock()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

}
