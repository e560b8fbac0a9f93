#include "core/monitoring/track.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace percept::monitoring {

namespace {

// Towards minus infinity, so that clocks before 1970 fall into hours too.
std::int64_t floorDivided(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

bool holdsEnough(const Window& window, const WindowRules& rules, Enough enough)
{
    // Neighbouring frames show the same; fewer hours do not tell how much (see dispersion()).
    constexpr std::size_t kLeastHours = 4;
    if (window.parts.empty() || window.total.predictions >= rules.leastPredictions)
        return !window.parts.empty();
    return enough == Enough::Frames && window.total.frames >= rules.leastFrames && window.parts.size() >= kLeastHours;
}

}

void Track::add(std::int64_t timeMs, const protocol::TelemetryWindow& window)
{
    const std::int64_t beginMs = timeMs - static_cast<std::int64_t>(1000 * window.seconds);
    firstMs = hours.empty() ? beginMs : std::min(firstMs, beginMs);
    lastMs = hours.empty() ? timeMs : std::max(lastMs, timeMs);
    hours[floorDivided(timeMs, kHourMs)].add(window);
}

std::string periodName(const WindowRules& rules)
{
    constexpr std::int64_t kDayMs = 24 * kHourMs;
    if (rules.periodMs == kDayMs || rules.periodMs == 7 * kDayMs)
        return rules.periodMs == kDayMs ? "day" : "week";
    const std::int64_t hours = rules.periodMs / kHourMs;
    return hours == 1 ? "hour" : fmt::format("period of {} hours", hours);
}

std::string periodsText(const WindowRules& rules, int count)
{
    std::string name = periodName(rules);
    if (count != 1)
        name.insert(std::min(name.find(' '), name.size()), "s");
    return fmt::format("{} {}", count, name);
}

std::vector<Window> windowsOf(const Track& track, const WindowRules& rules, std::int64_t nowMs, Enough enough)
{
    const std::int64_t hoursInPeriod = std::max<std::int64_t>(1, rules.periodMs / kHourMs);
    std::vector<Window> windows;
    Window open;
    const auto close = [&] {
        if (holdsEnough(open, rules, enough))
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
