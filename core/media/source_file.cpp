#include "core/media/source_file.h"

#include "core/base/files.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace percept::media {

namespace {

class Descriptor {
public:
    explicit Descriptor(int fd)
        : m_fd(fd)
    {
    }
    ~Descriptor()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return m_fd; }

private:
    int m_fd;
};

base::Error cannotOpen(const std::string& name, int error)
{
    if (error == ENOENT || error == ENOTDIR)
        return base::notFound(name + " is not there any more.");
    if (error == ENXIO)
        return base::refused(name + " is not a regular file.");
    return base::failed(name + " cannot be opened: " + base::describeErrno(error) + ".");
}

// Reads until `wanted` bytes or the end; the file may have shrunk since fstat.
bool readUpTo(int fd, std::vector<std::uint8_t>& bytes, std::size_t wanted)
{
    bytes.resize(wanted);
    std::size_t have = 0;
    while (have < wanted) {
        const ssize_t n = ::read(fd, bytes.data() + have, wanted - have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            break;
        have += static_cast<std::size_t>(n);
    }
    bytes.resize(have);
    return true;
}

}

base::Result<SourceBytes> readSourcePrefix(const std::filesystem::path& file, const DecodeLimits& limits, std::size_t prefix)
{
    const std::string name = file.filename().string();
    // O_NONBLOCK: opening a FIFO that nobody writes to must not wait.
    const Descriptor fd(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (fd.get() < 0)
        return cannotOpen(name, errno);
    struct stat info = {};
    if (::fstat(fd.get(), &info) != 0)
        return cannotOpen(name, errno);
    if (!S_ISREG(info.st_mode))
        return base::refused(name + (S_ISDIR(info.st_mode) ? " is a folder, not a picture." : " is not a regular file."));
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (size > limits.maxFileBytes)
        return base::refused(name + " has " + std::to_string(size >> 20) + " MiB, over the limit of "
            + std::to_string(limits.maxFileBytes >> 20) + " MiB for a picture file.");
    if (size == 0)
        return base::refused(name + " is empty.");
    SourceBytes source;
    source.fileSize = size;
    source.isWhole = size <= prefix;
    if (!readUpTo(fd.get(), source.bytes, static_cast<std::size_t>(std::min<std::uint64_t>(size, prefix))))
        return base::failed(name + " cannot be read: " + base::describeErrno(errno) + ".");
    if (!source.isWhole) {
        const auto end = static_cast<std::size_t>(std::min<std::uint64_t>(size, SourceBytes::kEnd));
        if (::lseek(fd.get(), static_cast<off_t>(size - end), SEEK_SET) < 0 || !readUpTo(fd.get(), source.rest, end))
            return base::failed(name + " cannot be read: " + base::describeErrno(errno) + ".");
    }
    return source;
}

base::Result<SourceBytes> readSource(const std::filesystem::path& file, const DecodeLimits& limits)
{
    return readSourcePrefix(file, limits, static_cast<std::size_t>(limits.maxFileBytes));
}

}
