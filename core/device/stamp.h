#pragma once

#include <cstdint>
#include <string>

namespace percept::device {

// A moment by two clocks: the one on the wall, which may be wrong by years and be set at any time, and one that only goes
// forward, within one run of the machine.
struct Stamp {
    std::string bootId;
    std::int64_t bootMs = 0, wallMs = 0;
    bool operator==(const Stamp&) const = default;
};
Stamp stampNow();

// When `then` was by the clock that `now` has: right as soon as that clock is right, also for what came before it was set.
// Only within one run of the machine; else what the clock said then.
std::int64_t wallMsOf(const Stamp& then, const Stamp& now);

}
