#include "core/media/source_file.h"

#include "core/base/files.h"
#include "core/base/hash.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace percept::media {

class SourceFile::Descriptor {
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

namespace {

base::Error cannotOpen(const std::string& name, int error)
{
    if (error == ENOENT || error == ENOTDIR)
        return base::notFound(name + " is not there any more.");
    if (error == ENXIO)
        return base::refused(name + " is not a regular file.");
    return base::failed(name + " cannot be opened: " + base::describeErrno(error) + ".");
}

base::Error cannotRead(const std::string& name, int error)
{
    return base::failed(name + " cannot be read: " + base::describeErrno(error) + ".");
}

// The number of bytes that were read; negative: errno says why.
ssize_t readUpTo(int fd, std::span<std::uint8_t> bytes, std::uint64_t offset)
{
    std::size_t have = 0;
    while (have < bytes.size()) {
        const ssize_t n = ::pread(fd, bytes.data() + have, bytes.size() - have, static_cast<off_t>(offset + have));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return n;
        if (n == 0)
            break;
        have += static_cast<std::size_t>(n);
    }
    return static_cast<ssize_t>(have);
}

}

base::Result<SourceFile> SourceFile::open(const std::filesystem::path& file, const DecodeLimits& limits)
{
    SourceFile source;
    source.m_name = file.filename().string();
    const std::string& name = source.m_name;
    // O_NONBLOCK: opening a FIFO that nobody writes to must not wait.
    source.m_descriptor = std::make_shared<Descriptor>(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (source.m_descriptor->get() < 0)
        return cannotOpen(name, errno);
    struct stat info = {};
    if (::fstat(source.m_descriptor->get(), &info) != 0)
        return cannotOpen(name, errno);
    if (!S_ISREG(info.st_mode))
        return base::refused(name + (S_ISDIR(info.st_mode) ? " is a folder, not a picture." : " is not a regular file."));
    source.m_size = static_cast<std::uint64_t>(info.st_size);
    if (source.m_size > limits.maxFileBytes)
        return base::refused(name + " has " + std::to_string(source.m_size >> 20) + " MiB, over the limit of "
            + std::to_string(limits.maxFileBytes >> 20) + " MiB for a picture file.");
    if (source.m_size == 0)
        return base::refused(name + " is empty.");
    return source;
}

base::Result<std::vector<std::uint8_t>> SourceFile::read(std::uint64_t offset, std::uint64_t count) const
{
    offset = std::min(offset, m_size);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(std::min(count, m_size - offset)));
    const ssize_t have = readUpTo(m_descriptor->get(), bytes, offset);
    if (have < 0)
        return cannotRead(m_name, errno);
    bytes.resize(static_cast<std::size_t>(have));
    return bytes;
}

base::Result<std::string> SourceFile::sha256(std::span<const std::uint8_t> start) const
{
    constexpr std::size_t kPiece = 256 * 1024;
    base::Sha256 hash;
    hash.add(start);
    std::vector<std::uint8_t> piece(start.size() < m_size ? kPiece : 0);
    for (std::uint64_t offset = start.size(); offset < m_size;) {
        const ssize_t have = readUpTo(m_descriptor->get(), piece, offset);
        if (have < 0)
            return cannotRead(m_name, errno);
        if (have == 0)
            break; // it shrank meanwhile
        hash.add(std::span(piece).first(static_cast<std::size_t>(have)));
        offset += static_cast<std::uint64_t>(have);
    }
    return hash.hexDigest();
}

}
