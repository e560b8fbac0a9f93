#include "core/interchange/output_file.h"

#include "core/base/files.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace percept::interchange {

OutputFile::OutputFile(int fd, std::string name)
    : m_fd(fd)
    , m_name(std::move(name))
{
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : m_fd(std::exchange(other.m_fd, -1))
    , m_name(std::move(other.m_name))
    , m_buffer(std::move(other.m_buffer))
{
}

OutputFile::~OutputFile()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

base::Result<OutputFile> OutputFile::create(const std::filesystem::path& path)
{
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return base::failed(path.string() + " cannot be written: " + base::describeErrno(errno) + ".");
    return OutputFile(fd, path.string());
}

base::Result<void> OutputFile::write(std::string_view text)
{
    m_buffer += text;
    return m_buffer.size() > (1u << 20) ? flush() : base::Result<void>();
}

base::Result<void> OutputFile::flush()
{
    std::size_t done = 0;
    while (done < m_buffer.size()) {
        const ssize_t n = ::write(m_fd, m_buffer.data() + done, m_buffer.size() - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return base::failed(m_name + " cannot be written: " + base::describeErrno(errno) + ".");
        done += static_cast<std::size_t>(n);
    }
    m_buffer.clear();
    return {};
}

base::Result<void> OutputFile::close(bool sync)
{
    PERCEPT_TRY(flush());
    const bool isSynced = !sync || ::fsync(m_fd) == 0;
    const int syncError = errno;
    const bool isClosed = ::close(std::exchange(m_fd, -1)) == 0;
    if (!isSynced || !isClosed)
        return base::failed(m_name + " cannot be written: " + base::describeErrno(isSynced ? errno : syncError) + ".");
    return {};
}

std::string decimal(double value)
{
    std::string text = fmt::format("{}", value);
    if (text.find_first_of(".en") == std::string::npos)
        text += ".0";
    return text;
}

}
