#pragma once

#include <cstdint>
#include <string>

namespace percept::base {

// Milliseconds since 1970 UTC, from the system clock: for people and logs, never for measuring durations.
std::int64_t nowMs();
// Seconds of a monotonic clock: for durations only.
double monotonicSeconds();
// "2026-11-24T16:20:00Z"
std::string isoUtc(std::int64_t ms);
// "23 s", "4 min", "1 h 20 min": for time left and durations.
std::string describeDuration(double seconds);
// 1234567 -> "1,234,567"
std::string groupedCount(std::int64_t n);

}
