#pragma once

#include "core/base/cancel.h"

#include <mutex>
#include <string>

namespace percept::cli {

// stderr: progress with the time left, and lines. stdout belongs to results. Any thread.
class Terminal {
public:
    Terminal();
    // One line that is drawn over; where stderr is no terminal, a line now and then.
    void showProgress(const base::Progress& progress);
    void showStatus(const std::string& text);
    void line(const std::string& text);
    void clear();

private:
    void draw(const std::string& text);
    void clearLocked();

    std::mutex m_mutex;
    const bool m_isTerminal;
    std::size_t m_drawn = 0;
    std::string m_what;
    double m_startedAt = 0, m_shownAt = 0;
};

}
