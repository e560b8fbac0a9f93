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
    const int fd = problem ? -1 : ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
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
