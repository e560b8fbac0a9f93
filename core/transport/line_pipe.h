#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace percept::transport {

// Lines, and blocks of bytes between lines, out of a pipe or socket. Not for two threads at once. Does not own the descriptor.
class LineReader {
public:
    static constexpr std::size_t kMaxLineBytes = 64u << 20;
    explicit LineReader(int fd)
        : m_fd(fd)
    {
    }

    // The next line without its newline; nothing at the end of the stream (what follows the last newline is no line).
    // timeoutSeconds < 0: for ever. Errors: Cancelled when the time is over, Failed, Refused for a line that is too long.
    base::Result<std::optional<std::string>> readLine(double timeoutSeconds = -1);
    // Exactly `count` bytes; Failed when the stream ends before, Cancelled when the time is over.
    base::Result<std::vector<std::uint8_t>> readBytes(std::size_t count, double timeoutSeconds = -1);

private:
    base::Result<bool> fill(double deadline); // false at the end of the stream

    int m_fd;
    std::string m_buffer;
    std::size_t m_position = 0; // of what was not handed out yet
};

// Everything or an error; a reader that has gone is an error, not a signal (SIGPIPE must be ignored by the program).
base::Result<void> writeAll(int fd, std::span<const std::uint8_t> bytes);
base::Result<void> writeLine(int fd, std::string_view line);

}
