#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace percept::runs {

// An open file descriptor with one owner.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : m_fd(fd) { }
    Descriptor(Descriptor&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) { }
    Descriptor& operator=(Descriptor&& other) noexcept
    {
        std::swap(m_fd, other.m_fd);
        return *this;
    }
    ~Descriptor() { reset(); }
    int get() const { return m_fd; }
    bool isOpen() const { return m_fd >= 0; }
    void reset();

private:
    int m_fd = -1;
};

// Our ends of a child's three pipes, not blocking, closed on exec.
struct ChildPipes { Descriptor input, output, errors; };

// Starts `program` in a process group (or session) of its own, so that Ctrl+C at the terminal reaches only us and the
// group can be ended as a whole. Returns 0 or an errno, also for a program that cannot be executed.
int spawnChild(const std::filesystem::path& program, const std::vector<std::string>& arguments, bool ownSession,
    ChildPipes& ours, pid_t& pid);

// Starts `program` so that it outlives us: a session of its own, nobody's child (no zombie either), stdin empty, stdout and
// stderr added to `logFile`. Returns 0 and its pid, or an errno, also for a program that cannot be executed.
int spawnDetached(const std::filesystem::path& program, const std::vector<std::string>& arguments,
    const std::filesystem::path& logFile, pid_t& pid);

// "SIGSEGV"
std::string signalName(int signal);

}
