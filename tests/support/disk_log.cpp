#include "tests/support/disk_log.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fcntl.h>
#include <mutex>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::mutex mutex;
std::vector<std::string> entries;

void note(std::string entry)
{
    const std::lock_guard lock(mutex);
    entries.push_back(std::move(entry));
}

std::string pathOf(int descriptor)
{
    std::array<char, 4096> path {};
    const ssize_t size = ::readlink(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), path.data(), path.size());
    return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : std::string();
}

}

namespace percept::test {

std::vector<std::string> diskLog()
{
    const std::lock_guard lock(mutex);
    return entries;
}

void clearDiskLog()
{
    const std::lock_guard lock(mutex);
    entries.clear();
}

std::size_t placeInDiskLog(const std::string& entry)
{
    const std::lock_guard lock(mutex);
    return static_cast<std::size_t>(std::find(entries.begin(), entries.end(), entry) - entries.begin());
}

}

extern "C" int fsync(int descriptor)
{
    note("sync " + pathOf(descriptor));
    return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

extern "C" int syncfs(int descriptor) noexcept
{
    note("sync all " + pathOf(descriptor));
    return static_cast<int>(::syscall(SYS_syncfs, descriptor));
}

extern "C" int rename(const char* from, const char* to) noexcept
{
    note(std::string("rename ") + from + " " + to);
    return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

extern "C" int renameat2(int fromFolder, const char* from, int toFolder, const char* to, unsigned flags) noexcept
{
    note(std::string(flags & RENAME_EXCHANGE ? "swap " : "rename ") + from + " " + to);
    return static_cast<int>(::syscall(SYS_renameat2, fromFolder, from, toFolder, to, flags));
}
