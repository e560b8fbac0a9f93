#include "core/base/fresh_names.h"

#include "core/base/files.h"

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

namespace percept::base {

namespace {

constexpr int kTries = 100;

bool appendLetters(std::string& name)
{
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::uint64_t bits = 0;
    if (::getrandom(&bits, sizeof(bits), 0) != static_cast<ssize_t>(sizeof(bits)))
        return false;
    for (int i = 0; i < 6; ++i, bits /= kLetters.size())
        name += kLetters[bits % kLetters.size()];
    return true;
}

// `make` with one name after the other until one is free; what it gives, or -1 with errno.
template <typename Make>
int withFreshName(std::string& name, Make make)
{
    const std::string prefix = name;
    for (int i = 0; i < kTries; ++i) {
        name = prefix;
        if (!appendLetters(name))
            return -1;
        if (const int made = make(name.c_str()); made >= 0 || errno != EEXIST)
            return made;
    }
    return -1;
}

}

int openFreshFile(std::string& name)
{
    return withFreshName(name, [](const char* path) { return ::open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666); });
}

Result<std::filesystem::path> makeFreshFolder(const std::filesystem::path& prefix)
{
    std::string name = prefix.string();
    if (withFreshName(name, [](const char* path) { return ::mkdir(path, 0777); }) != 0)
        return failed(prefix.parent_path().string() + " cannot be written: " + describeErrno(errno) + ".");
    return std::filesystem::path(name);
}

}
