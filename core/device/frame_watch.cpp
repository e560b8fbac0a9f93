#include "core/device/frame_watch.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/time.h"
#include "core/device/field_picture.h"
#include "core/device/model_session.h"
#include "core/device/telemetry_merge.h"
#include "core/protocol/json_fields.h"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace percept::device {

using nlohmann::json;

namespace {

constexpr std::size_t kMostPicked = 4;   // that wait to be kept
constexpr std::size_t kMostUnkept = 256; // windows in memory while the disk is full; then neighbours become one
constexpr std::size_t kMostStreams = 64; // of pictures, each with a memory of its last frames
constexpr std::uint64_t kMaxPictureBytes = 64u << 20;

WindowRecorder::Moment momentNow() { return { base::monotonicSeconds(), base::nowMs() }; }

// Pictures that were sent come from one stream, those of a folder from another, those of a video from its own.
std::string streamOf(const Supervisor::Frame& frame)
{
    if (const json stream = frame.request.value("stream", json()); stream.is_string())
        return stream.get<std::string>();
    if (!frame.payload.empty())
        return "sent";
    return std::filesystem::path(frame.request.value("file", "")).parent_path().string();
}

std::optional<double> numberOf(const json& object, const char* name)
{
    return object.contains(name) && object[name].is_number() ? std::optional(object[name].get<double>()) : std::nullopt;
}

std::vector<double> scoresOf(const json& measured)
{
    std::vector<double> scores;
    if (measured.contains("scores") && measured["scores"].is_array())
        for (const auto& score : measured["scores"])
            scores.push_back(score.is_number() ? score.get<double>() : 0);
    return scores;
}

std::vector<SmoothingRule> rulesFor(const json& model)
{
    std::vector<SmoothingRule> rules;
    for (const auto& threshold : model.value("thresholds", json::array()))
        rules.push_back(smoothingFor(std::clamp(threshold.get<double>(), 0.01, 1.0)));
    return rules;
}

}

std::vector<protocol::EdgePrediction> atThresholds(const protocol::EdgeResult& result, const json& model)
{
    const json thresholds = model.value("thresholds", json::array());
    std::vector<protocol::EdgePrediction> kept;
    for (const auto& prediction : result.predictions) {
        const auto label = static_cast<std::size_t>(prediction.labelIndex);
        const double threshold = label < thresholds.size() && thresholds[label].is_number() ? thresholds[label].get<double>() : 0;
        if (prediction.score >= threshold)
            kept.push_back(prediction);
    }
    return kept;
}

FrameWatch::FrameWatch(Options options, Outbox& outbox)
    : m_options(std::move(options))
    , m_outbox(outbox)
{
}

void FrameWatch::setRules(const protocol::DesiredState& state)
{
    m_windowSeconds = state.windowSeconds;
    const auto& wire = state.sampling;
    const SamplingRules rules { wire.randomShare, wire.belowScore, wire.eventEdges, wire.perDay };
    const std::lock_guard lock(m_mutex);
    if (!m_options.collects || (m_sampler && rules == m_rules))
        return;
    json budget;
    if (m_sampler)
        budget = m_sampler->toJson();
    else if (const auto text = base::readTextFile(m_options.budget, 65536); text.hasValue())
        budget = json::parse(text.value(), nullptr, /*allow_exceptions=*/false);
    m_rules = rules;
    m_sampler.emplace(rules, m_options.seed);
    if (budget.is_object())
        m_sampler->restore(budget);
}

void FrameWatch::add(const Supervisor::Frame& frame)
{
    FrameFacts facts;
    facts.packageSha256 = frame.model.value("sha256", "");
    facts.packageVersion = frame.model.value("version", "");
    if (facts.packageSha256.empty())
        return; // nothing to count it for
    facts.seconds = frame.seconds;
    auto result = frame.answer.hasValue() && !errorOfAnswer(frame.answer.value()) ? protocol::edgeResultFromJson(frame.answer.value())
                                                                                  : base::Result<protocol::EdgeResult>(base::notFound(""));
    facts.hasFailed = result.hasError();
    if (result.hasValue()) {
        result->predictions = atThresholds(result.value(), frame.model);
        for (const auto& prediction : result->predictions)
            facts.seen.push_back({ prediction.label, prediction.score });
        facts.brightness = numberOf(frame.measured, "brightness");
        facts.sharpness = numberOf(frame.measured, "sharpness");
    }
    m_windows.add(facts, momentNow());
    if (result.hasValue() && m_options.collects)
        pick(frame, result.value(), frame.measured);
}

bool FrameWatch::hasEdge(const Supervisor::Frame& frame, const std::string& stream, const std::vector<double>& scores)
{
    const std::string package = frame.model.value("sha256", "");
    if (package != m_smoothedPackage)
        m_smoothers.clear();
    m_smoothedPackage = package;
    auto found = m_smoothers.find(stream);
    if (found == m_smoothers.end()) {
        const auto rules = rulesFor(frame.model);
        if (rules.size() != scores.size() || m_smoothers.size() >= kMostStreams)
            return false;
        found = m_smoothers.emplace(stream, Smoother(rules)).first;
    }
    return !found->second.add(scores).empty();
}

void FrameWatch::pick(const Supervisor::Frame& frame, const protocol::EdgeResult& result, const json& measured)
{
    const std::lock_guard lock(m_mutex);
    const auto scores = scoresOf(measured);
    if (!m_sampler || scores.empty())
        return;
    const bool edge = hasEdge(frame, streamOf(frame), scores);
    if (m_picked.size() >= kMostPicked)
        return;
    const auto reason = m_sampler->decide(m_frame++, *std::max_element(scores.begin(), scores.end()), edge, stampNow());
    if (!reason)
        return;
    Picked picked { *reason, result, frame.model.value("sha256", ""), frame.model.value("version", ""), frame.request.value("file", ""), frame.payload, stampNow() };
    if (picked.bytes.empty()) { // now, before the file is replaced by the next one
        auto bytes = base::readFile(picked.file, kMaxPictureBytes);
        if (bytes.hasError())
            return;
        picked.bytes = std::move(bytes).value();
    }
    m_picked.push_back(std::move(picked));
}

void FrameWatch::tick(Supervisor& supervisor)
{
    keepWindows(/*all=*/false);
    std::deque<Picked> picked;
    {
        const std::lock_guard lock(m_mutex);
        picked.swap(m_picked);
    }
    for (auto& one : picked)
        keepSample(std::move(one), supervisor);
    if (!picked.empty())
        keepBudget();
}

void FrameWatch::finish() { keepWindows(/*all=*/true); }

void FrameWatch::keepWindows(bool all)
{
    const std::lock_guard lock(m_windowMutex);
    for (const auto& window : m_windows.take(m_windowSeconds, momentNow(), all))
        m_unkept.emplace_back(bodyOf(window), stampNow());
    if (m_unkept.size() > kMostUnkept)
        mergeUnkept();
    const std::size_t before = m_unkept.size();
    std::optional<base::Error> problem;
    while (!m_unkept.empty() && !problem) {
        if (const auto kept = m_outbox.addWindow(m_unkept.front().first, m_unkept.front().second); kept.hasError())
            problem = kept.error();
        else
            m_unkept.pop_front();
    }
    if (problem && before != m_reported)
        spdlog::error("{} windows of counts cannot be kept yet: {}", m_unkept.size(), problem->message);
    m_reported = m_unkept.size();
}

// Every second one goes into the next, as in the outbox: counts never give way.
void FrameWatch::mergeUnkept()
{
    std::deque<std::pair<json, Stamp>> kept;
    bool isOpen = false; // the last of them may take one more
    for (auto& window : m_unkept) {
        const auto both = isOpen ? mergedBodies(kept.back().first, window.first) : std::nullopt;
        if (both.has_value())
            kept.back() = { *both, window.second };
        else
            kept.push_back(std::move(window));
        isOpen = !both.has_value();
    }
    m_unkept = std::move(kept);
}

void FrameWatch::keepSample(Picked picked, Supervisor& supervisor)
{
    protocol::FieldSample sample;
    sample.packageSha256 = picked.packageSha256;
    sample.packageVersion = picked.packageVersion;
    sample.reason = toString(picked.reason);
    const auto sized = sizedPicture({ picked.file, std::move(picked.bytes), std::move(picked.result) }, supervisor);
    if (sized.hasError()) {
        spdlog::warn("a picture that was to go home is left out: {}", sized.error().message);
        return;
    }
    const auto body = sampleBody(std::move(sample), sized.value());
    const auto kept = body.hasValue() ? m_outbox.addSample(body.value(), sized->bytes, picked.stamp) : base::Result<void>(body.error());
    if (kept.hasError())
        spdlog::warn("a picture that was to go home is left out: {}", kept.error().message);
}

void FrameWatch::keepBudget()
{
    json budget;
    {
        const std::lock_guard lock(m_mutex);
        budget = m_sampler ? m_sampler->toJson() : json::object();
    }
    if (const auto kept = base::atomicWrite(m_options.budget, budget.dump() + "\n"); kept.hasError())
        spdlog::warn("{}", kept.error().message);
}

}
