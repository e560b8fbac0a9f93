#include "core/device/supervisor.h"

#include "core/base/time.h"
#include "core/device/model_session.h"
#include "core/inference/golden.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace percept::device {

using nlohmann::json;

namespace {

constexpr int kMaxRestarts = 3;
constexpr double kRestartWindowSeconds = 60, kLookSeconds = 0.1, kDrainSeconds = 10;

base::Result<void> checkGoldenAnswer(const json& answer)
{
    if (const auto error = errorOfAnswer(answer))
        return *error;
    const inference::GoldenDifference difference { 1, answer.value("maxScoreDifference", 1e9),
        answer.value("maxBoxDifference", 1e9) };
    if (!difference.isWithinTolerance())
        return base::refused(fmt::format("On this machine the model does not answer as it did where it was trained (scores "
            "differ by {:.2g}, boxes by {:.2g} pixels), so it is not used.", difference.maxScoreDifference,
            difference.maxBoxDifference));
    return {};
}

}

Supervisor::Supervisor(Options options, Metrics& metrics)
    : m_options(std::move(options))
    , m_metrics(metrics)
{
}

Supervisor::~Supervisor() { stop(); }

base::Result<json> Supervisor::start()
{
    std::promise<base::Result<json>> started;
    auto result = started.get_future();
    m_thread = std::thread([this, started = std::move(started)]() mutable { work(std::move(started)); });
    return result.get();
}

void Supervisor::setPackage(const std::filesystem::path& path)
{
    const std::lock_guard lock(m_mutex);
    m_options.package = path;
}

base::Result<json> Supervisor::ask(json request, std::vector<std::uint8_t> payload)
{
    std::future<base::Result<json>> answer;
    {
        const std::lock_guard lock(m_mutex);
        if (m_fatal.has_value())
            return *m_fatal;
        if (m_stopping)
            return base::failed("percept-edge is shutting down.");
        if (m_jobs.size() >= m_options.maxWaiting)
            return base::failed("Too many pictures are waiting for this model. Try again in a moment.");
        m_jobs.push_back({ std::move(request), std::move(payload), {} });
        answer = m_jobs.back().answer.get_future();
    }
    m_wake.notify_one();
    return answer.get();
}

bool Supervisor::isServing() const
{
    const std::lock_guard lock(m_mutex);
    return m_serving;
}

std::optional<base::Error> Supervisor::fatal() const
{
    const std::lock_guard lock(m_mutex);
    return m_fatal;
}

int Supervisor::childPid() const
{
    const std::lock_guard lock(m_mutex);
    return m_childPid;
}

json Supervisor::model() const
{
    const std::lock_guard lock(m_mutex);
    return m_model;
}

void Supervisor::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_one();
    if (m_thread.joinable())
        m_thread.join();
}

void Supervisor::setServing(bool serving)
{
    {
        const std::lock_guard lock(m_mutex);
        m_serving = serving;
        m_childPid = serving ? m_child->pid() : 0;
    }
    m_metrics.setServing(serving);
}

base::Result<json> Supervisor::launch(bool isFirst)
{
    std::filesystem::path package;
    {
        const std::lock_guard lock(m_mutex);
        package = m_options.package;
    }
    PERCEPT_ASSIGN(child, ChildProcess::start(m_options.program, m_options.arguments));
    const json load { { "id", 0 }, { "type", "load" }, { "package", package.string() } };
    PERCEPT_ASSIGN(answer, child->ask(load, {}, m_options.loadTimeoutSeconds));
    if (const auto error = errorOfAnswer(answer))
        return *error;
    if (isFirst) {
        PERCEPT_ASSIGN(golden, child->ask({ { "id", 0 }, { "type", "golden" } }, {}, m_options.loadTimeoutSeconds));
        PERCEPT_TRY(checkGoldenAnswer(golden));
    }
    m_child = std::move(child);
    setServing(true);
    return answer["model"];
}

// After a death. An error means: given up.
base::Result<void> Supervisor::revive()
{
    const std::string end = m_child ? m_child->describeEnd() : "could not be started";
    m_child.reset();
    setServing(false);
    while (true) {
        const double now = base::monotonicSeconds();
        m_deaths.push_back(now);
        while (m_deaths.front() < now - kRestartWindowSeconds)
            m_deaths.pop_front();
        if (m_deaths.size() > kMaxRestarts)
            return base::failed(fmt::format("The model process {} and was restarted {} times within a minute; percept-edge "
                "gives up. Its log says which picture it read last.", end, kMaxRestarts));
        spdlog::warn("the model process {}; it is started again", end);
        m_metrics.addRestart();
        const auto launched = launch(false);
        if (launched.hasValue())
            return {};
        spdlog::error("the restart failed: {}", launched.error().message);
    }
}

base::Result<json> Supervisor::run(const Job& job)
{
    auto answer = m_child->ask(job.request, job.payload, m_options.answerTimeoutSeconds);
    if (answer.hasValue())
        return answer;
    const bool canRepeat = answer.error().code == base::ErrorCode::Conflict;
    if (!canRepeat)
        spdlog::error("{} Last request: {}", answer.error().message, job.request.value("file", "no file"));
    if (const auto revived = revive(); revived.hasError()) {
        giveUp(revived.error());
        return revived.error();
    }
    if (canRepeat)
        return m_child->ask(job.request, job.payload, m_options.answerTimeoutSeconds);
    return base::failed(answer.error().message + " It was started again.");
}

void Supervisor::giveUp(base::Error error)
{
    const std::lock_guard lock(m_mutex);
    m_fatal = std::move(error);
    for (auto& job : m_jobs)
        job.answer.set_value(*m_fatal);
    m_jobs.clear();
}

void Supervisor::work(std::promise<base::Result<json>> started)
{
    auto first = launch(true);
    if (first.hasError()) {
        giveUp(first.error());
        started.set_value(first.error());
        return;
    }
    {
        const std::lock_guard lock(m_mutex);
        m_model = first.value();
    }
    started.set_value(std::move(first));
    while (true) {
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, std::chrono::duration<double>(kLookSeconds), [this] { return m_stopping || !m_jobs.empty(); });
        if (m_jobs.empty() && m_stopping)
            break;
        std::optional<Job> job;
        if (!m_jobs.empty()) {
            job.emplace(std::move(m_jobs.front()));
            m_jobs.pop_front();
        }
        lock.unlock();
        if (job.has_value()) {
            job->answer.set_value(run(*job));
        } else if (!m_child->isAlive()) {
            if (const auto revived = revive(); revived.hasError())
                giveUp(revived.error());
        }
        if (fatal().has_value())
            return;
    }
    m_child->finish(kDrainSeconds);
}

}
