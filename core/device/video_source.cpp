#include "core/device/video_source.h"

#include "core/base/time.h"
#include "core/device/model_session.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <thread>

namespace percept::device {

using nlohmann::json;

namespace {

constexpr std::string_view kPrefix = "video:";
constexpr double kSkipSeconds = 1; // behind the place where a decoder died
constexpr int kPauseMs = 100;      // after a picture that nobody could answer

std::string withoutPrefix(const std::string& text) { return text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : text; }

}

bool VideoSource::isVideo(const std::string& text)
{
    static constexpr std::array<std::string_view, 16> kEndings { ".mp4", ".m4v", ".mov", ".3gp", ".3g2", ".mkv", ".webm", ".avi", ".ts",
        ".mts", ".m2ts", ".mpg", ".mpeg", ".ogv", ".flv", ".wmv" };
    std::string ending = std::filesystem::path(text).extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
    std::error_code problem; // a folder may be called anything
    return text.starts_with(kPrefix)
        || (std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end() && !text.starts_with("folder:")
            && !std::filesystem::is_directory(text, problem));
}

VideoSource::VideoSource(const std::string& text, const Options& options)
    : m_file(withoutPrefix(text))
    , m_options(options)
{
}

VideoProcess::Options VideoSource::processOptions(double fromSeconds) const
{
    VideoProcess::Options process;
    process.program = m_options.decoder;
    process.file = m_file;
    process.loops = m_options.loops;
    process.fromSeconds = fromSeconds;
    return process;
}

base::Result<void> VideoSource::check() const
{
    PERCEPT_ASSIGN(decoder, VideoProcess::start(processOptions(0)));
    const auto& facts = decoder->facts();
    spdlog::info("{}: {} x {}, {:.3g} pictures a second, {:.1f} s, {}", m_file.string(), facts.width, facts.height, facts.framesPerSecond,
        facts.seconds, facts.codec);
    return {};
}

base::Result<void> VideoSource::play(Supervisor& supervisor, VideoLog& log, Metrics& metrics, const base::CancelToken& cancel)
{
    setState("playing", "");
    base::Result<void> result = playFrom(0, supervisor, log, metrics, cancel);
    while (result.hasError() && result.error().code == base::ErrorCode::Failed && ++m_deaths <= kMostDeaths && !supervisor.fatal()
        && !cancel.isCancelled()) {
        const double from = m_lastSeconds + m_deaths * kSkipSeconds;
        spdlog::warn("{} It is started again behind {:.1f} s.", result.error().message, from);
        result = playFrom(from, supervisor, log, metrics, cancel);
    }
    if (result.hasError() && (cancel.isCancelled() || supervisor.fatal()))
        result = base::Result<void>();
    if (result.hasError())
        setState("failed", result.error().message);
    return result;
}

base::Result<void> VideoSource::playFrom(
    double fromSeconds, Supervisor& supervisor, VideoLog& log, Metrics& metrics, const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(decoder, VideoProcess::start(processOptions(fromSeconds)));
    protocol::VideoCounts counts;
    while (!cancel.isCancelled()) {
        PERCEPT_ASSIGN(picture, decoder->next(cancel));
        addCounts(counts, picture.step.counts);
        counts = picture.step.counts;
        if (picture.step.isEnd) {
            setState("ended", picture.step.message);
            if (!picture.step.message.empty())
                spdlog::warn("{}", picture.step.message);
            return {};
        }
        m_lastSeconds = picture.step.seconds;
        m_deaths = 0;
        PERCEPT_TRY(answer(std::move(picture), supervisor, log, metrics));
    }
    return {};
}

base::Result<void> VideoSource::answer(VideoProcess::Picture picture, Supervisor& supervisor, VideoLog& log, Metrics& metrics)
{
    const double start = base::monotonicSeconds();
    // "stream": pictures that follow each other, see FrameWatch.
    auto answer = supervisor.ask({ { "id", 0 }, { "type", "predict" }, { "file", m_file.string() }, { "stream", m_file.string() } },
        std::move(picture.bmp));
    auto error = answer.hasError() ? std::optional(answer.error()) : errorOfAnswer(answer.value());
    if (const auto fatal = supervisor.fatal())
        return *fatal;
    const std::int64_t frame = count(error.has_value());
    json line = error.has_value() ? json { { "file", m_file.string() }, { "error", error->message } } : answer.value();
    line.erase("id");
    line.erase("ok");
    line["frame"] = frame;
    line["seconds"] = picture.step.seconds;
    line["timeMs"] = base::nowMs();
    line["model"] = supervisor.model().value("version", "");
    log.add(line);
    const std::string problem = error.has_value() ? error->message : "";
    if (!problem.empty() && problem != m_problem)
        spdlog::warn("{}: {}", m_file.string(), problem);
    m_problem = problem;
    if (problem.empty()) {
        metrics.addPrediction(base::monotonicSeconds() - start);
        return {};
    }
    metrics.addError();
    std::this_thread::sleep_for(std::chrono::milliseconds(kPauseMs)); // there is no model yet, say
    return {};
}

// One more that was asked about; gives its number in the video, from 0, over all rounds.
std::int64_t VideoSource::count(bool hasFailed)
{
    const std::lock_guard lock(m_mutex);
    ++(hasFailed ? m_progress.failed : m_progress.answered);
    return m_progress.counts.frames - 1;
}

void VideoSource::addCounts(const protocol::VideoCounts& before, const protocol::VideoCounts& now)
{
    const std::lock_guard lock(m_mutex);
    auto& total = m_progress.counts;
    total.frames += now.frames - before.frames;
    total.dropped += now.dropped - before.dropped;
    total.damaged += now.damaged - before.damaged;
    total.loops += now.loops - before.loops;
}

void VideoSource::setState(const std::string& state, const std::string& message)
{
    const std::lock_guard lock(m_mutex);
    m_progress.state = state;
    m_progress.message = message;
}

json VideoSource::status() const
{
    const std::lock_guard lock(m_mutex);
    const auto& [state, message, counts, answered, failed] = m_progress;
    return { { "file", m_file.string() }, { "state", state }, { "answered", answered }, { "failed", failed }, { "dropped", counts.dropped },
        { "damaged", counts.damaged }, { "loops", counts.loops }, { "message", message } };
}

}
