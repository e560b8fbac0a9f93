#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace percept::runs {

// Cuts a stream of bytes into lines. Keeps the unfinished tail; a line longer than `maxLine` bytes is thrown away up to
// its newline (and counted), so that a child gone mad cannot eat our memory.
class LineBuffer {
public:
    explicit LineBuffer(std::size_t maxLine = 32u << 20) : m_maxLine(maxLine) { }
    void add(std::string_view bytes, const std::function<void(std::string_view)>& onLine);
    std::size_t dropped() const { return m_dropped; }

private:
    std::size_t m_maxLine;
    std::string m_tail;
    bool m_skipping = false;
    std::size_t m_dropped = 0;
};

// The last `limit` bytes of a stream, for error sentences.
class TailBuffer {
public:
    explicit TailBuffer(std::size_t limit = 8192) : m_limit(limit) { }
    void add(std::string_view bytes);
    // At most `lines` last lines, without empty ones, joined by newlines.
    std::string lastLines(int lines) const;

private:
    std::size_t m_limit;
    std::string m_text;
};

}
