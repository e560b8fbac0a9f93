#include "core/transport/line_pipe.h"

#include "core/base/files.h"
#include "core/base/time.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <poll.h>
#include <unistd.h>

namespace percept::transport {

base::Result<bool> LineReader::fill(double deadline)
{
    if (m_position > 0 && m_position * 2 >= m_buffer.size()) {
        m_buffer.erase(0, m_position);
        m_position = 0;
    }
    while (deadline >= 0) {
        const double left = std::max(0.0, deadline - base::monotonicSeconds());
        pollfd waiting { m_fd, POLLIN, 0 };
        const int ready = ::poll(&waiting, 1, static_cast<int>(std::min(std::ceil(left * 1000), 1e9)));
        if (ready > 0)
            break;
        if (ready == 0)
            return base::Error { base::ErrorCode::Cancelled, "No answer came in time.", {} };
        if (errno != EINTR)
            return base::failed("A pipe cannot be read: " + base::describeErrno(errno) + ".");
    }
    char block[1 << 16];
    while (true) {
        const ssize_t n = ::read(m_fd, block, sizeof(block));
        if (n > 0) {
            m_buffer.append(block, static_cast<std::size_t>(n));
            return true;
        }
        if (n == 0)
            return false;
        if (errno != EINTR)
            return base::failed("A pipe cannot be read: " + base::describeErrno(errno) + ".");
    }
}

base::Result<std::optional<std::string>> LineReader::readLine(double timeoutSeconds)
{
    const double deadline = timeoutSeconds < 0 ? -1 : base::monotonicSeconds() + timeoutSeconds;
    std::size_t searched = m_position;
    while (true) {
        const std::size_t end = m_buffer.find('\n', searched);
        if (end != std::string::npos) {
            std::string line = m_buffer.substr(m_position, end - m_position);
            m_position = end + 1;
            return std::optional(std::move(line));
        }
        const std::size_t pending = m_buffer.size() - m_position;
        if (pending > kMaxLineBytes)
            return base::refused("A line of a message is too long.");
        PERCEPT_ASSIGN(more, fill(deadline));
        if (!more)
            return std::optional<std::string>();
        searched = m_position + pending;
    }
}

base::Result<std::vector<std::uint8_t>> LineReader::readBytes(std::size_t count, double timeoutSeconds)
{
    const double deadline = timeoutSeconds < 0 ? -1 : base::monotonicSeconds() + timeoutSeconds;
    std::vector<std::uint8_t> bytes;
    while (true) {
        const std::size_t take = std::min(count - bytes.size(), m_buffer.size() - m_position);
        const auto from = m_buffer.begin() + static_cast<std::ptrdiff_t>(m_position);
        bytes.insert(bytes.end(), from, from + static_cast<std::ptrdiff_t>(take));
        m_position += take;
        if (bytes.size() == count)
            return bytes;
        PERCEPT_ASSIGN(more, fill(deadline));
        if (!more)
            return base::failed("A message ended early.");
    }
}

base::Result<void> writeAll(int fd, std::span<const std::uint8_t> bytes)
{
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return base::failed("A pipe cannot be written: " + base::describeErrno(errno) + ".");
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return {};
}

base::Result<void> writeLine(int fd, std::string_view line)
{
    std::string text(line);
    text.push_back('\n'); // one write: short lines (PIPE_BUF, 4 KiB) of several writers do not mix in a pipe
    return writeAll(fd, std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

}
