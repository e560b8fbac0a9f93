#include "core/base/files.h"

#include "core/base/fresh_names.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace percept::base {

namespace fs = std::filesystem;

namespace {

// A file descriptor that closes itself; close() reports what the kernel says.
class Descriptor {
public:
    explicit Descriptor(int fd) : m_fd(fd) { }
    ~Descriptor()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return m_fd; }
    bool close()
    {
        const int fd = m_fd;
        m_fd = -1;
        return ::close(fd) == 0;
    }

private:
    int m_fd;
};

Error ioError(const fs::path& path, const char* verb, int errorNumber)
{
    return failed(fmt::format("{} cannot be {}: {}.", path.string(), verb, describeErrno(errorNumber)), std::strerror(errorNumber));
}

bool writeAll(int fd, std::span<const std::uint8_t> bytes)
{
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return true;
}

Result<void> syncBy(int (*sync)(int), const fs::path& folder)
{
    Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0 || sync(fd.get()) != 0)
        return ioError(folder, "synchronised", errno);
    return {};
}

fs::path parentOf(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

// Without a moment at which there is none, but on file systems that cannot swap two names.
bool swapFolders(const fs::path& a, const fs::path& b)
{
    if (::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    const fs::path aside = b.string() + ".old";
    std::error_code ignored;
    fs::remove_all(aside, ignored);
    if (::rename(b.c_str(), aside.c_str()) != 0)
        return false;
    if (::rename(a.c_str(), b.c_str()) == 0)
        return ::rename(aside.c_str(), a.c_str()) == 0;
    const int problem = errno;
    ::rename(aside.c_str(), b.c_str());
    errno = problem;
    return false;
}

// Opens a regular file for reading without ever blocking on a FIFO or device.
Result<std::pair<int, std::uint64_t>> openRegular(const fs::path& path, std::uint64_t maxBytes)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        Error error = ioError(path, "read", errno);
        if (errno == ENOENT)
            error.code = ErrorCode::NotFound;
        return error;
    }
    struct stat status { };
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        ::close(fd);
        return failed(fmt::format("{} is not a regular file.", path.string()));
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > maxBytes) {
        ::close(fd);
        return refused(fmt::format("{} has {} bytes; the limit here is {}.", path.string(), size, maxBytes));
    }
    return std::pair(fd, size);
}

}

Result<void> syncFolder(const fs::path& folder) { return syncBy(&::fsync, folder); }
Result<void> syncAllUnder(const fs::path& folder) { return syncBy(&::syncfs, folder); }

Result<void> replaceFolder(const fs::path& fresh, const fs::path& folder)
{
    std::error_code ignored;
    const bool isThere = fs::exists(fs::symlink_status(folder, ignored));
    if (!(isThere ? swapFolders(fresh, folder) : ::rename(fresh.c_str(), folder.c_str()) == 0))
        return ioError(folder, "put in place", errno);
    PERCEPT_TRY(syncFolder(parentOf(folder)));
    if (isThere)
        fs::remove_all(fresh, ignored); // what was there before
    return {};
}

Result<void> atomicWrite(const fs::path& path, std::span<const std::uint8_t> bytes)
{
    struct stat there { };
    if (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) // a device or a pipe would be replaced by a file
        return failed(fmt::format("{} cannot be written: it is there and is not a regular file.", path.string()));
    std::string temporary = path.string() + ".";
    Descriptor fd(openFreshFile(temporary));
    if (fd.get() < 0)
        return ioError(path, "written", errno);
    const auto giveUp = [&](int errorNumber) -> Error {
        ::unlink(temporary.c_str());
        return ioError(path, "written", errorNumber);
    };
    if (!writeAll(fd.get(), bytes) || ::fsync(fd.get()) != 0)
        return giveUp(errno);
    if (!fd.close())
        return giveUp(errno);
    if (::rename(temporary.c_str(), path.c_str()) != 0)
        return giveUp(errno);
    return syncFolder(parentOf(path));
}

Result<void> atomicWrite(const fs::path& path, std::string_view text)
{
    return atomicWrite(path, std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

Result<std::vector<std::uint8_t>> readFile(const fs::path& path, std::uint64_t maxBytes)
{
    PERCEPT_ASSIGN(opened, openRegular(path, maxBytes));
    Descriptor fd(opened.first);
    std::vector<std::uint8_t> bytes(opened.second);
    std::size_t have = 0;
    while (have < bytes.size()) {
        const ssize_t n = ::read(fd.get(), bytes.data() + have, bytes.size() - have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ioError(path, "read", errno);
        if (n == 0)
            break; // it became shorter while being read
        have += static_cast<std::size_t>(n);
    }
    bytes.resize(have);
    return bytes;
}

Result<std::string> readTextFile(const fs::path& path, std::uint64_t maxBytes)
{
    PERCEPT_ASSIGN(bytes, readFile(path, maxBytes));
    return std::string(bytes.begin(), bytes.end());
}

Result<fs::path> safePath(const fs::path& root, std::string_view name)
{
    const auto leaves = [&] {
        return refused(fmt::format("The name \"{}\" leads out of {}; it was left out.", name, root.string()));
    };
    if (name.empty() || name.find('\0') != std::string_view::npos || name.find('\\') != std::string_view::npos)
        return leaves();
    const fs::path relative { std::string(name) };
    if (relative.is_absolute())
        return leaves();
    for (const auto& part : relative)
        if (part == ".." || part.empty())
            return leaves();
    std::error_code error;
    const fs::path base = fs::canonical(root, error);
    if (error)
        return notFound(fmt::format("The folder {} does not exist.", root.string()));
    const fs::path real = fs::canonical(base / relative, error);
    if (error)
        return notFound(fmt::format("{} does not exist.", (root / relative).string()));
    const auto [end, ignored] = std::mismatch(base.begin(), base.end(), real.begin(), real.end());
    if (end != base.end())
        return leaves();
    return real;
}

fs::path programFolder()
{
    std::error_code error;
    const fs::path self = fs::read_symlink("/proc/self/exe", error);
    return error ? fs::path(".") : self.parent_path();
}

fs::path sisterProgram(std::string_view name)
{
    if (const char* folder = std::getenv("PERCEPT_BIN_DIR"); folder && *folder)
        return fs::path(folder) / name;
    return programFolder() / name;
}

fs::path shareFolder()
{
    if (const char* folder = std::getenv("PERCEPT_SHARE_DIR"); folder && *folder)
        return folder;
    return programFolder().parent_path() / "share" / "percept";
}

fs::path configFolder()
{
    if (const char* folder = std::getenv("PERCEPT_CONFIG_DIR"); folder && *folder)
        return folder;
    if (const char* folder = std::getenv("XDG_CONFIG_HOME"); folder && *folder)
        return fs::path(folder) / "percept";
    const char* home = std::getenv("HOME");
    return fs::path(home ? home : ".") / ".config" / "percept";
}

std::string describeErrno(int errorNumber)
{
    switch (errorNumber) {
    case ENOSPC: return "the disk is full";
    case EDQUOT: return "the disk quota is used up";
    case EFBIG: return "it would be larger than files may be here (see `ulimit -f`)";
    case EROFS: return "the file system is read-only";
    case EACCES:
    case EPERM: return "no permission";
    case ENOENT: return "it does not exist";
    case EIO: return "the disk reports an error";
    case EMFILE:
    case ENFILE: return "too many files are open";
    case ENAMETOOLONG: return "the name is too long";
    case ELOOP: return "links lead in a circle";
    default: return std::strerror(errorNumber);
    }
}

}
