#pragma once

// What devices promise to take, where those that roll out have to know it too.
namespace percept::protocol {

// A device refuses a model that takes more than this many times as long as the one that it runs (`percept-edge run --max-slowdown`),
// unless it answers within kSlowFloorMs all the same. Why these: core/device/candidate_check.h.
inline constexpr double kMaxSlowdown = 4, kSlowFloorMs = 20;

}
