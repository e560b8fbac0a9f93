#pragma once

#include "core/device/stamp.h"

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

namespace percept::device {

// Which pictures go home to be labeled.
// - Random: each frame with the chance randomShare, whatever is on it. They tell the accuracy in the field, so they have the
//   first choice and a tenth of the daily budget (at least one a day) for themselves: no other picture can crowd them out.
// - Unsure: the best score is below `belowScore` and at least half of it. (Below half of it there is nothing, most likely.)
// - Edge: a label has begun or ceased to be seen (see smoothing.h).
struct SamplingRules {
    double randomShare = 0.01;
    double belowScore = 0; // 0: none for this reason
    bool takesEdges = true;
    int perDay = 200;
    bool operator==(const SamplingRules&) const = default;
};

enum class SampleReason { Random, Unsure, Edge };
std::string_view toString(SampleReason reason); // "random", "unsure", "edge"

// What the rules ask of a frame before the budget. `seed`: of the device; the same seed and frame always give the same.
std::optional<SampleReason> wantedSample(
    const SamplingRules& rules, std::uint64_t seed, std::int64_t frame, double bestScore, bool hasEdge);

// A budget that fills evenly over the day and that cannot be saved up: in no 24 hours are there more than `perDay`, nor more
// than a hundredth of it (at least one) at once, so that one busy hour neither takes the whole day's pictures nor sends
// twenty of the same scene. Time is that of the machine's run: setting the clock changes nothing, and time while the machine
// was off does not count. Starts empty, so that nothing is gained by restarting.
class SampleBudget {
public:
    explicit SampleBudget(double perDay)
        : m_perDay(perDay)
    {
    }
    // True once for each sample that may be taken now.
    bool take(const Stamp& now);

    // {"share","boot","bootMs"}: to go on after a restart. What cannot be read counts as empty.
    nlohmann::json toJson() const;
    void restore(const nlohmann::json& json);

private:
    double burst() const;

    double m_perDay;
    double m_saved = 0; // samples
    Stamp m_last;
};

// Rules and both budgets. One thread.
class Sampler {
public:
    Sampler(const SamplingRules& rules, std::uint64_t seed);
    // The reason to send this frame home; nothing for most.
    std::optional<SampleReason> decide(std::int64_t frame, double bestScore, bool hasEdge, const Stamp& now);

    nlohmann::json toJson() const;
    void restore(const nlohmann::json& json);

private:
    SamplingRules m_rules;
    std::uint64_t m_seed;
    SampleBudget m_random, m_other;
};

}
