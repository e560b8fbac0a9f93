#include "core/device/window_recorder.h"

#include <algorithm>
#include <cmath>

namespace percept::device {

using protocol::ClassCount;
using protocol::InputSpread;
using protocol::TelemetryWindow;

namespace {

constexpr std::size_t kMostLatencies = 20'000; // of one window; later ones take the place of earlier ones
constexpr double kMostSharpness = 5;

std::size_t binOf(double value, double high, std::size_t bins)
{
    const double share = std::clamp(value / high, 0.0, 1.0);
    return std::min(bins - 1, static_cast<std::size_t>(share * static_cast<double>(bins)));
}

// Nearest rank.
double percentile(std::vector<float>& values, double share)
{
    if (values.empty())
        return 0;
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

}

void WindowRecorder::Spread::add(double value, double high)
{
    if (!std::isfinite(value))
        return;
    ++count;
    sum += value;
    squares += value * value;
    ++bins[binOf(value, high, bins.size())];
}

std::optional<InputSpread> WindowRecorder::Spread::result() const
{
    if (count == 0)
        return std::nullopt;
    const double n = static_cast<double>(count), mean = sum / n;
    return InputSpread { mean, std::sqrt(std::max(0.0, squares / n - mean * mean)), bins };
}

void WindowRecorder::add(const FrameFacts& frame, const Moment& now)
{
    const std::lock_guard lock(m_mutex);
    if (m_open && m_open->window.packageSha256 != frame.packageSha256)
        close(now);
    if (!m_open) {
        m_open.emplace(Open { now, {}, {}, {}, {}, {} });
        m_open->window.packageSha256 = frame.packageSha256;
        m_open->window.packageVersion = frame.packageVersion;
        m_open->window.fromMs = now.wallMs;
    }
    TelemetryWindow& window = m_open->window;
    if (frame.hasFailed) {
        ++window.failedFrames;
        return;
    }
    if (m_open->took.size() < kMostLatencies)
        m_open->took.push_back(static_cast<float>(frame.seconds * 1000));
    else
        m_open->took[static_cast<std::size_t>(window.frames) % kMostLatencies] = static_cast<float>(frame.seconds * 1000);
    ++window.frames;
    window.emptyFrames += frame.seen.empty() ? 1 : 0;
    for (const auto& seen : frame.seen) {
        if (!m_open->classes.contains(seen.label) && m_open->classes.size() >= TelemetryWindow::kMostClasses)
            continue;
        ClassCount& entry = m_open->classes[seen.label];
        ++entry.count;
        ++entry.scores[binOf(seen.score, 1, ClassCount::kScoreBins)];
    }
    if (frame.brightness)
        m_open->brightness.add(*frame.brightness, 1);
    if (frame.sharpness)
        m_open->sharpness.add(*frame.sharpness, kMostSharpness);
}

void WindowRecorder::close(const Moment& now)
{
    TelemetryWindow window = std::move(m_open->window);
    window.toMs = now.wallMs;
    window.seconds = std::max(0.0, now.seconds - m_open->since.seconds);
    window.latencyP50Ms = percentile(m_open->took, 0.50);
    window.latencyP95Ms = percentile(m_open->took, 0.95);
    for (auto& [label, entry] : m_open->classes) {
        entry.label = label;
        window.classes.push_back(entry);
    }
    window.brightness = m_open->brightness.result();
    window.sharpness = m_open->sharpness.result();
    m_closed.push_back(std::move(window));
    m_open.reset();
}

std::vector<TelemetryWindow> WindowRecorder::take(double windowSeconds, const Moment& now, bool all)
{
    const std::lock_guard lock(m_mutex);
    if (m_open && (all || now.seconds - m_open->since.seconds >= windowSeconds))
        close(now);
    return std::exchange(m_closed, {});
}

}
