#include "core/monitoring/track.h"

#include <algorithm>
#include <utility>

namespace percept::monitoring {

namespace {

// Towards minus infinity, so that clocks before 1970 fall into hours too.
std::int64_t floorDivided(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}

void Track::add(std::int64_t timeMs, const protocol::TelemetryWindow& window)
{
    const std::int64_t beginMs = timeMs - static_cast<std::int64_t>(1000 * window.seconds);
    firstMs = hours.empty() ? beginMs : std::min(firstMs, beginMs);
    lastMs = hours.empty() ? timeMs : std::max(lastMs, timeMs);
    hours[floorDivided(timeMs, kHourMs)].add(window);
}

std::vector<Window> windowsOf(const Track& track, const WindowRules& rules, std::int64_t nowMs)
{
    const std::int64_t hoursInPeriod = std::max<std::int64_t>(1, rules.periodMs / kHourMs);
    std::vector<Window> windows;
    Window open;
    const auto close = [&] {
        if (!open.parts.empty() && open.total.predictions >= rules.leastPredictions)
            windows.push_back(std::exchange(open, {}));
    };
    for (const auto& [hour, tally] : track.hours) {
        const std::int64_t period = floorDivided(hour, hoursInPeriod), endMs = (period + 1) * hoursInPeriod * kHourMs;
        if (endMs > nowMs)
            break;
        if (endMs != open.toMs)
            close();
        if (open.parts.empty())
            open.fromMs = period * hoursInPeriod * kHourMs;
        open.toMs = endMs;
        open.add(tally);
    }
    close();
    return windows;
}

}
