#include "app/cli/terminal.h"

#include "core/base/printable.h"
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
    std::fputs((base::printable(text) + "\n").c_str(), stderr);
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
    const auto clean = base::printable(text);
    if (m_isTerminal)
        std::fputs(("\r\033[K" + clean).c_str(), stderr);
    else
        std::fputs((clean + "\n").c_str(), stderr);
    std::fflush(stderr);
    m_drawn = m_isTerminal ? clean.size() : 0;
}

}
