// Preloaded into a program: it dies (SIGKILL) at the PERCEPT_DIE_AT-th of its steps on the disk below PERCEPT_DIE_FOLDER, before the step is
// done, or after its first half where it writes; 0: never. Every step is a line of PERCEPT_DIE_LOG: "NUMBER CALL FILE". Programs
// that it starts are left alone.
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

struct Plan {
    std::string folder;
    long at = 0;
    int log = -1;
};

std::string variable(const char* name)
{
    const char* text = std::getenv(name);
    return text ? text : "";
}

const Plan& plan()
{
    static const Plan plan = [] {
        Plan p { variable("PERCEPT_DIE_FOLDER"), std::atol(variable("PERCEPT_DIE_AT").c_str()), -1 };
        p.log = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, variable("PERCEPT_DIE_LOG").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
        ::unsetenv("LD_PRELOAD");
        return p;
    }();
    return plan;
}

__attribute__((constructor)) void readPlan() { (void)plan(); }

std::string pathOf(int file)
{
    char path[4096];
    const ssize_t size = ::readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), path, sizeof(path));
    return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : std::string();
}

[[noreturn]] void die()
{
    ::kill(::getpid(), SIGKILL);
    for (;;)
        ::pause();
}

// True when it is the last one.
bool isLastStep(const char* call, const std::string& path)
{
    static std::atomic<long> steps = 0;
    const Plan& p = plan();
    if (p.folder.empty() || !path.starts_with(p.folder))
        return false;
    const long number = ++steps;
    const std::string line = std::to_string(number) + " " + call + " " + path.substr(p.folder.size()) + "\n";
    (void)::syscall(SYS_write, p.log, line.data(), line.size());
    return number == p.at;
}

void step(const char* call, const std::string& path)
{
    if (isLastStep(call, path))
        die();
}

// Half of it, then death; else as many bytes as it would be.
template <typename Write>
long written(const char* call, int file, std::size_t bytes, Write write)
{
    if (!isLastStep(call, pathOf(file)))
        return write(bytes);
    (void)write(bytes / 2);
    die();
}

int opened(int folder, const char* path, int flags, unsigned mode)
{
    if (flags & (O_CREAT | O_TRUNC))
        step("open", path);
    return static_cast<int>(::syscall(SYS_openat, folder, path, flags, mode));
}

unsigned modeFrom(int flags, va_list rest) { return flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, unsigned) : 0; }

}

#define PERCEPT_OPEN(name)                                   \
    int name(const char* path, int flags, ...)               \
    {                                                        \
        va_list rest;                                        \
        va_start(rest, flags);                               \
        const unsigned mode = modeFrom(flags, rest);         \
        va_end(rest);                                        \
        return opened(AT_FDCWD, path, flags, mode);          \
    }
#define PERCEPT_OPENAT(name)                                 \
    int name(int folder, const char* path, int flags, ...)   \
    {                                                        \
        va_list rest;                                        \
        va_start(rest, flags);                               \
        const unsigned mode = modeFrom(flags, rest);         \
        va_end(rest);                                        \
        return opened(folder, path, flags, mode);            \
    }

extern "C" {

PERCEPT_OPEN(open)
PERCEPT_OPEN(open64)
PERCEPT_OPENAT(openat)
PERCEPT_OPENAT(openat64)

ssize_t write(int file, const void* data, size_t bytes)
{
    return written("write", file, bytes, [&](std::size_t n) { return ::syscall(SYS_write, file, data, n); });
}

ssize_t pwrite(int file, const void* data, size_t bytes, off_t at)
{
    return written("pwrite", file, bytes, [&](std::size_t n) { return ::syscall(SYS_pwrite64, file, data, n, at); });
}

ssize_t writev(int file, const iovec* parts, int count)
{
    step("writev", pathOf(file));
    return ::syscall(SYS_writev, file, parts, count);
}

ssize_t sendfile(int to, int from, off_t* at, size_t bytes) noexcept
{
    return written("sendfile", to, bytes, [&](std::size_t n) { return ::syscall(SYS_sendfile, to, from, at, n); });
}

ssize_t sendfile64(int to, int from, off_t* at, size_t bytes) noexcept { return sendfile(to, from, at, bytes); }

int fsync(int file)
{
    step("fsync", pathOf(file));
    return static_cast<int>(::syscall(SYS_fsync, file));
}

int fdatasync(int file)
{
    step("fdatasync", pathOf(file));
    return static_cast<int>(::syscall(SYS_fdatasync, file));
}

int ftruncate(int file, off_t size) noexcept
{
    step("ftruncate", pathOf(file));
    return static_cast<int>(::syscall(SYS_ftruncate, file, size));
}

int renameat2(int fromFolder, const char* from, int toFolder, const char* to, unsigned flags) noexcept
{
    step("rename", to);
    return static_cast<int>(::syscall(SYS_renameat2, fromFolder, from, toFolder, to, flags));
}

int rename(const char* from, const char* to) noexcept { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int folder, const char* path, int flags) noexcept
{
    step("unlink", path);
    return static_cast<int>(::syscall(SYS_unlinkat, folder, path, flags));
}

int unlink(const char* path) noexcept { return unlinkat(AT_FDCWD, path, 0); }

int remove(const char* path) noexcept
{
    const int done = unlinkat(AT_FDCWD, path, 0);
    return done != 0 && errno == EISDIR ? static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR)) : done;
}

int mkdir(const char* path, mode_t mode) noexcept
{
    step("mkdir", path);
    return static_cast<int>(::syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}
}
