#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <utility>

namespace percept::device {

// Keeps a second percept-edge out of a state folder, which is made when it is not there. Held by the kernel as long as this
// process lives, however it ends.
class StateLock {
public:
    static base::Result<StateLock> take(const std::filesystem::path& state);
    ~StateLock();
    StateLock(StateLock&& other) noexcept
        : m_fd(std::exchange(other.m_fd, -1))
    {
    }
    StateLock& operator=(StateLock&&) = delete;

private:
    explicit StateLock(int fd)
        : m_fd(fd)
    {
    }
    int m_fd;
};

}
