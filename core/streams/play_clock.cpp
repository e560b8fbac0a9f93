#include "core/streams/play_clock.h"

namespace percept::streams {

namespace {

constexpr double kSlowest = 0.1, kFastest = 240, kUnknown = 25; // pictures a second

}

PlayClock::PlayClock(double framesPerSecond)
    : m_usualStep(1 / (framesPerSecond >= kSlowest && framesPerSecond <= kFastest ? framesPerSecond : kUnknown))
{
}

double PlayClock::due(double seconds, double now)
{
    const double step = seconds - m_last;
    if (!m_hasBegun)
        m_due = now;
    else
        m_due += m_jumps || !(step > 0 && step <= kLongestStep) ? m_usualStep : step;
    if (m_due < now - kMostBehind)
        m_due = now;
    m_last = seconds;
    m_hasBegun = true;
    m_jumps = false;
    return m_due;
}

}
