#include "core/runs/line_buffer.h"

#include <vector>

namespace percept::runs {

void LineBuffer::add(std::string_view bytes, const std::function<void(std::string_view)>& onLine)
{
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        const auto piece = bytes.substr(0, end);
        if (!m_skipping && m_tail.size() + piece.size() > m_maxLine) {
            m_tail.clear();
            m_skipping = true;
            ++m_dropped;
        }
        if (!m_skipping)
            m_tail.append(piece);
        if (end == std::string_view::npos)
            return;
        if (!m_skipping)
            onLine(m_tail);
        m_tail.clear();
        m_skipping = false;
        bytes.remove_prefix(end + 1);
    }
}

void TailBuffer::add(std::string_view bytes)
{
    if (bytes.size() > m_limit)
        bytes.remove_prefix(bytes.size() - m_limit);
    if (m_text.size() + bytes.size() > m_limit)
        m_text.erase(0, m_text.size() + bytes.size() - m_limit);
    m_text.append(bytes);
}

std::string TailBuffer::lastLines(int lines) const
{
    std::vector<std::string_view> found;
    std::string_view rest = m_text;
    while (!rest.empty() && static_cast<int>(found.size()) < lines) {
        const auto start = rest.find_last_of('\n');
        const auto line = start == std::string_view::npos ? rest : rest.substr(start + 1);
        if (!line.empty())
            found.push_back(line);
        rest = start == std::string_view::npos ? std::string_view() : rest.substr(0, start);
    }
    std::string text;
    for (auto it = found.rbegin(); it != found.rend(); ++it) {
        if (!text.empty())
            text += '\n';
        text += *it;
    }
    return text;
}

}
