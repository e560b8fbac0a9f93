#include "app/cli/terminal.h"

#include "core/base/time.h"

#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace percept::cli {

namespace {

constexpr double kRedrawSeconds = 0.1, kPlainSeconds = 10;

std::string describe(const base::Progress& p, double seconds)
{
    if (p.total <= 0)
        return p.done > 0 ? fmt::format("{} ... {}", p.what, base::groupedCount(p.done)) : p.what + " ...";
    auto text = fmt::format("{} ... {} of {} ({} %)", p.what, base::groupedCount(p.done), base::groupedCount(p.total), 100 * p.done / p.total);
    if (p.done > 0 && p.done < p.total && seconds > 2)
        text += ", " + base::describeDuration(seconds / static_cast<double>(p.done) * static_cast<double>(p.total - p.done)) + " left";
    return text;
}

}

Terminal::Terminal() : m_isTerminal(::isatty(STDERR_FILENO) != 0) { }

void Terminal::showProgress(const base::Progress& p)
{
    const std::scoped_lock lock(m_mutex);
    const double now = base::monotonicSeconds();
    const bool isNew = p.what != m_what;
    if (isNew) {
        m_what = p.what;
        m_startedAt = now;
    }
    if (!isNew && now < m_shownAt + (m_isTerminal ? kRedrawSeconds : kPlainSeconds))
        return;
    m_shownAt = now;
    draw(describe(p, now - m_startedAt));
}

void Terminal::showStatus(const std::string& text)
{
    const std::scoped_lock lock(m_mutex);
    if (m_isTerminal)
        draw(text);
}

void Terminal::line(const std::string& text)
{
    const std::scoped_lock lock(m_mutex);
    clearLocked();
    std::fputs((printable(text) + "\n").c_str(), stderr);
}

void Terminal::clear()
{
    const std::scoped_lock lock(m_mutex);
    clearLocked();
    m_what.clear();
}

void Terminal::clearLocked()
{
    if (m_drawn > 0)
        std::fputs("\r\033[K", stderr);
    m_drawn = 0;
}

void Terminal::draw(const std::string& text)
{
    const auto clean = printable(text);
    if (m_isTerminal)
        std::fputs(("\r\033[K" + clean).c_str(), stderr);
    else
        std::fputs((clean + "\n").c_str(), stderr);
    std::fflush(stderr);
    m_drawn = m_isTerminal ? clean.size() : 0;
}

namespace {

// C1 controls, and what turns the direction of the text after it, in UTF-8: how many bytes at `at`, 0 for none.
std::size_t hiddenControlAt(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
    if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) < 0xa0)
        return 2;
    const bool turns = byte(0) == 0xe2 && ((byte(1) == 0x80 && byte(2) >= 0xaa && byte(2) <= 0xae) || (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9));
    return turns ? 3 : 0;
}

}

std::string printable(std::string text)
{
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto c = static_cast<unsigned char>(text[at]);
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            text[at] = '?';
        else if (const std::size_t bytes = hiddenControlAt(text, at); bytes > 0)
            text.replace(at, bytes, "?");
    }
    return text;
}

}
