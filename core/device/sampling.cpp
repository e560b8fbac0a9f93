#include "core/device/sampling.h"

#include "core/base/random.h"
#include "core/protocol/json_fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace percept::device {

using nlohmann::json;

namespace {

constexpr double kDayMs = 24.0 * 3600 * 1000;

double randomPerDay(const SamplingRules& rules) { return rules.perDay <= 0 ? 0 : std::max(1.0, rules.perDay / 10.0); }

}

std::string_view toString(SampleReason reason)
{
    return reason == SampleReason::Random ? "random" : reason == SampleReason::Unsure ? "unsure" : "edge";
}

std::optional<SampleReason> wantedSample(
    const SamplingRules& rules, std::uint64_t seed, std::int64_t frame, double bestScore, bool hasEdge)
{
    if (base::Random(seed, 0, static_cast<std::uint64_t>(frame)).uniform() < rules.randomShare)
        return SampleReason::Random;
    if (hasEdge && rules.takesEdges)
        return SampleReason::Edge;
    if (bestScore < rules.belowScore && bestScore >= rules.belowScore / 2)
        return SampleReason::Unsure;
    return std::nullopt;
}

double SampleBudget::burst() const { return std::min(m_perDay, std::max(1.0, m_perDay / 100)); }

bool SampleBudget::take(const Stamp& now)
{
    // What can be saved up belongs to the day's budget, so it fills by the rest.
    const double perMs = std::max(m_perDay - burst(), m_perDay / 2) / kDayMs;
    if (m_last.bootId == now.bootId && now.bootMs > m_last.bootMs)
        m_saved = std::min(burst(), m_saved + perMs * static_cast<double>(now.bootMs - m_last.bootMs));
    m_last = now;
    if (m_saved < 1)
        return false;
    m_saved -= 1;
    return true;
}

json SampleBudget::toJson() const { return { { "share", m_saved }, { "boot", m_last.bootId }, { "bootMs", m_last.bootMs } }; }

void SampleBudget::restore(const json& json)
{
    protocol::JsonFields fields(json, "A budget");
    m_saved = std::min(burst(), fields.number("share", 0, 1e6, 0));
    m_last = { fields.text("boot"), fields.integer("bootMs", 0, INT64_MAX, 0), 0 };
    if (fields.hasFault()) {
        m_saved = 0;
        m_last = { };
    }
}

Sampler::Sampler(const SamplingRules& rules, std::uint64_t seed)
    : m_rules(rules)
    , m_seed(seed)
    , m_random(randomPerDay(rules))
    , m_other(rules.perDay - randomPerDay(rules))
{
}

std::optional<SampleReason> Sampler::decide(std::int64_t frame, double bestScore, bool hasEdge, const Stamp& now)
{
    const auto reason = wantedSample(m_rules, m_seed, frame, bestScore, hasEdge);
    if (!reason.has_value())
        return std::nullopt;
    auto& budget = *reason == SampleReason::Random ? m_random : m_other;
    return budget.take(now) ? reason : std::nullopt;
}

json Sampler::toJson() const { return { { "random", m_random.toJson() }, { "other", m_other.toJson() } }; }

void Sampler::restore(const json& json)
{
    m_random.restore(json.value("random", nlohmann::json()));
    m_other.restore(json.value("other", nlohmann::json()));
}

}
