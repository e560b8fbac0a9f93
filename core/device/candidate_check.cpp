#include "core/device/candidate_check.h"

#include "core/base/files.h"
#include "core/base/time.h"
#include "core/device/model_session.h"
#include "core/packaging/package.h"
#include "core/protocol/json_fields.h"

#include <algorithm>
#include <fmt/format.h>
#include <sys/resource.h>

namespace percept::device {

using nlohmann::json;

namespace {

constexpr int kSpeedRounds = 3;
constexpr double kLookSeconds = 0.1;
constexpr std::size_t kMaxWaitingBytes = 64u << 20;

// Pictures on their way from the thread that answers them to the one that checks. What does not fit is left out.
class PictureQueue {
public:
    explicit PictureQueue(std::size_t maxPictures)
        : m_maxPictures(maxPictures)
    {
    }
    void put(const json& request, const std::vector<std::uint8_t>& payload)
    {
        const std::lock_guard lock(m_mutex);
        if (m_pictures.size() >= m_maxPictures || m_bytes + payload.size() > kMaxWaitingBytes)
            return;
        m_bytes += payload.size();
        m_pictures.emplace_back(request, payload);
        m_wake.notify_one();
    }
    std::optional<std::pair<json, std::vector<std::uint8_t>>> take(double seconds)
    {
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return !m_pictures.empty(); });
        if (m_pictures.empty())
            return std::nullopt;
        auto picture = std::move(m_pictures.front());
        m_pictures.pop_front();
        m_bytes -= picture.second.size();
        return picture;
    }

private:
    const std::size_t m_maxPictures;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<std::pair<json, std::vector<std::uint8_t>>> m_pictures;
    std::size_t m_bytes = 0;
};

RefusalKind kindOf(const base::Error& error)
{
    if (error.detail == packaging::kSignatureFault)
        return RefusalKind::Untrusted;
    return error.code == base::ErrorCode::Refused ? RefusalKind::Invalid : RefusalKind::Load;
}

// People know the file that they gave, not the copy of it.
std::string withoutPath(const std::string& message, const std::filesystem::path& path)
{
    const std::string prefix = path.string() + ": ";
    return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

double goldenMs(const json& answer) { return protocol::JsonFields(answer, "The answer").number("ms", 0, 1e9, 1e9); }

// What it may not do while it is checked it may when it serves.
void liftLimits(int pid)
{
    rlimit limit { };
    if (::prlimit(pid, RLIMIT_DATA, nullptr, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        ::prlimit(pid, RLIMIT_DATA, &limit, nullptr);
    }
    if (FILE* file = std::fopen(fmt::format("/proc/{}/oom_score_adj", pid).c_str(), "w")) {
        std::fputs("0", file);
        std::fclose(file);
    }
}

}

CandidateCheck::CandidateCheck(
    GateOptions options, std::filesystem::path program, std::vector<std::string> arguments, Supervisor& running,
    base::CancelToken cancel)
    : m_options(options)
    , m_program(std::move(program))
    , m_arguments(std::move(arguments))
    , m_running(running)
    , m_cancel(std::move(cancel))
{
    m_arguments.insert(m_arguments.end(), { "--memory-limit", std::to_string(m_options.memoryBytes) });
}

std::optional<Refusal> CandidateCheck::run(const Candidate& candidate)
{
    for (const auto& step : { std::function([&] { return load(candidate); }), std::function([&] { return compareGolden(); }),
             std::function([&] { return compareSpeed(); }), std::function([&] { return answerLivePictures(); }) }) {
        if (auto refusal = step()) {
            if (refusal->sha256.empty())
                refusal->sha256 = candidate.sha256;
            return refusal;
        }
    }
    return std::nullopt;
}

LoadedChild CandidateCheck::takeChild()
{
    liftLimits(m_child.process->pid());
    return std::move(m_child);
}

// Twenty times its slowest picture so far: a picture may be far larger than those, and the machine busy. Nobody waits meanwhile: the
// former answers (see trial.h).
double CandidateCheck::trialAnswerSeconds() const { return std::clamp(20 * m_slowestSeconds, 3.0, 60.0); }

Refusal CandidateCheck::refusal(RefusalKind kind, std::string message) const
{
    return { kind, std::move(message), m_child.file.sha256, m_child.model.is_object() ? m_child.model.value("version", "") : "",
        base::nowMs() };
}

Refusal CandidateCheck::processFailed(const base::Error& error, RefusalKind otherwise) const
{
    if (!m_child.process || m_child.process->hasTimedOut())
        return refusal(m_child.process ? RefusalKind::Hang : otherwise, error.message);
    return refusal(RefusalKind::Crash, error.message);
}

std::optional<Refusal> CandidateCheck::load(const Candidate& candidate)
{
    auto child = ChildProcess::start(m_program, m_arguments);
    if (child.hasError())
        return processFailed(child.error(), RefusalKind::Load);
    m_child = { std::move(child).value(), json::object(), { candidate.path, candidate.sha256 } };
    json request { { "id", 0 }, { "type", "load" }, { "package", candidate.path.string() } };
    if (!candidate.trusted.empty())
        request["trusted"] = candidate.trusted;
    const auto answer = m_child.process->ask(request, {}, m_options.loadSeconds, m_cancel);
    if (answer.hasError())
        return processFailed(answer.error(), RefusalKind::Load);
    if (const auto error = errorOfAnswer(answer.value()))
        return refusal(kindOf(*error), withoutPath(error->message, candidate.path));
    m_child.model = answer.value()["model"];
    if (m_child.model.value("sha256", "") != candidate.sha256)
        return refusal(RefusalKind::Unreadable, "The package was changed while it was being checked.");
    if (const auto counter = m_child.model.value("releaseCounter", std::int64_t(0)); counter < candidate.releaseFloor)
        return refusal(RefusalKind::Older, fmt::format("It is an older release ({}) than one that this device has had ({}).",
            counter, candidate.releaseFloor));
    return std::nullopt;
}

std::optional<Refusal> CandidateCheck::compareGolden()
{
    const auto answer = m_child.process->ask({ { "id", 0 }, { "type", "golden" } }, {}, m_options.loadSeconds, m_cancel);
    if (answer.hasError())
        return processFailed(answer.error(), RefusalKind::Golden);
    if (const auto checked = checkGoldenAnswer(answer.value()); checked.hasError())
        return refusal(RefusalKind::Golden, checked.error().message);
    return std::nullopt;
}

std::optional<Refusal> CandidateCheck::compareSpeed()
{
    double candidateMs = 1e9, runningMs = 1e9;
    const bool isFirst = m_running.model().empty();
    for (int round = 0; round < kSpeedRounds; ++round) {
        const json request { { "id", 0 }, { "type", "golden" } };
        const auto running = isFirst ? base::Result<json>(base::notFound("")) : m_running.ask(request);
        const auto candidate = m_child.process->ask(request, {}, m_options.loadSeconds, m_cancel);
        if (candidate.hasError())
            return processFailed(candidate.error(), RefusalKind::Golden);
        if (running.hasValue())
            runningMs = std::min(runningMs, goldenMs(running.value()));
        candidateMs = std::min(candidateMs, goldenMs(candidate.value()));
    }
    m_slowestSeconds = candidateMs / 1000;
    if (candidateMs > std::max(m_options.maxSlowdown * runningMs, m_options.slowFloorMs))
        return refusal(RefusalKind::Slow, fmt::format("It takes {:.0f} ms for a picture where the running model takes {:.1f} ms; "
            "at most {:g} times as long is taken.", candidateMs, runningMs, m_options.maxSlowdown));
    return std::nullopt;
}

std::optional<Refusal> CandidateCheck::answerLivePictures()
{
    if (m_running.model().empty())
        return std::nullopt; // the first package: nobody answers anything yet
    const auto queue = std::make_shared<PictureQueue>(static_cast<std::size_t>(m_options.livePictures));
    m_running.setTap([queue](const json& request, const std::vector<std::uint8_t>& payload) { queue->put(request, payload); });
    const double deadline = base::monotonicSeconds() + m_options.livePicturesSeconds;
    std::optional<Refusal> refused;
    while (m_seen < m_options.livePictures && !refused.has_value() && !m_cancel.isCancelled()) {
        const double left = deadline - base::monotonicSeconds();
        if (left <= 0)
            break;
        if (const auto picture = queue->take(std::min(left, kLookSeconds)))
            refused = answerOne(picture->first, picture->second);
    }
    m_running.setTap({});
    return refused;
}

std::optional<Refusal> CandidateCheck::answerOne(const json& request, const std::vector<std::uint8_t>& payload)
{
    const double start = base::monotonicSeconds();
    const auto answer = m_child.process->ask(request, payload, m_options.pictureSeconds, m_cancel);
    m_slowestSeconds = std::max(m_slowestSeconds, base::monotonicSeconds() - start);
    if (answer.hasError())
        return processFailed(answer.error(), RefusalKind::Live);
    const auto error = errorOfAnswer(answer.value());
    if (error.has_value() && error->code == base::ErrorCode::NotFound)
        return std::nullopt; // the file has gone since the running model has read it
    if (error.has_value())
        return refusal(RefusalKind::Live, "It failed on a picture that the running model answers: " + error->message);
    ++m_seen;
    return std::nullopt;
}

}
