#include "core/device/supervisor.h"

namespace percept::device {

using nlohmann::json;

namespace {

constexpr double kLookSeconds = 0.1, kDrainSeconds = 10;

}

Supervisor::Supervisor(Options options, Metrics& metrics)
    : m_options(std::move(options))
    , m_metrics(metrics)
{
}

Supervisor::~Supervisor() { stop(); }

base::Result<json> Supervisor::start(const ModelFile& model)
{
    std::promise<base::Result<json>> started;
    auto result = started.get_future();
    m_thread = std::thread([this, model, started = std::move(started)]() mutable { work(model, std::move(started)); });
    return result.get();
}

void Supervisor::setModelFile(const ModelFile& file)
{
    runOnWorker([&] { m_child.file = file; });
}

void Supervisor::setTap(Tap tap)
{
    const std::lock_guard lock(m_mutex);
    m_tap = std::move(tap);
}

void Supervisor::setObserver(Observer observer, bool measures)
{
    const std::lock_guard lock(m_mutex);
    m_observer = std::move(observer);
    m_measures = measures;
}

void Supervisor::runOnWorker(std::function<void()> action)
{
    std::future<void> done;
    {
        const std::lock_guard lock(m_mutex);
        if (m_fatal.has_value() || m_stopping)
            return;
        m_actions.emplace_back(std::move(action));
        done = m_actions.back().get_future();
    }
    m_wake.notify_one();
    done.wait();
}

void Supervisor::adopt(LoadedChild next, double answerTimeoutSeconds)
{
    runOnWorker([&] {
        m_trial.reset();
        if (m_child.process)
            m_trial.emplace(std::move(m_child), answerTimeoutSeconds);
        m_deaths.clear();
        serve(std::move(next));
    });
}

bool Supervisor::settle()
{
    bool isSettled = false;
    runOnWorker([&] {
        isSettled = !m_trial || !m_trial->owesAnswer();
        if (isSettled)
            m_trial.reset();
    });
    return isSettled;
}

bool Supervisor::takeBack()
{
    bool wasTrial = false;
    runOnWorker([&] {
        wasTrial = m_trial.has_value();
        if (wasTrial)
            useFormer();
    });
    return wasTrial;
}

void Supervisor::replace(LoadedChild next)
{
    runOnWorker([&] {
        m_trial.reset();
        m_deaths.clear();
        serve(std::move(next));
    });
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
        if (m_jobs.size() >= m_options.maxWaiting && isPictureRequest(request)) // our own questions wait their turn
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
        m_childPid = serving ? m_child.process->pid() : 0;
    }
    m_metrics.setServing(serving);
}

void Supervisor::giveUp(base::Error error)
{
    const std::lock_guard lock(m_mutex);
    m_fatal = std::move(error);
    for (auto& job : m_jobs)
        job.answer.set_value(*m_fatal);
    m_jobs.clear();
    m_actions.clear(); // who waits for one is woken by the broken promise
}

bool Supervisor::workOnce()
{
    std::optional<Job> job;
    std::optional<Action> action;
    {
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, std::chrono::duration<double>(kLookSeconds),
            [this] { return m_stopping || !m_jobs.empty() || !m_actions.empty(); });
        if (!m_actions.empty()) {
            action.emplace(std::move(m_actions.front()));
            m_actions.pop_front();
        } else if (!m_jobs.empty()) {
            job.emplace(std::move(m_jobs.front()));
            m_jobs.pop_front();
        } else if (m_stopping) {
            return false;
        }
    }
    if (action.has_value()) {
        (*action)();
    } else if (job.has_value()) {
        job->answer.set_value(answerOf(*job));
    } else {
        lookAfterChild();
    }
    return !fatal().has_value();
}

void Supervisor::work(const ModelFile& model, std::promise<base::Result<json>> started)
{
    auto first = model.path.empty() ? base::Result<void>() : launch(model, /*comparesGolden=*/true);
    if (first.hasError())
        first = launchFallback(first.error());
    if (first.hasError()) {
        giveUp(first.error());
        started.set_value(first.error());
        return;
    }
    started.set_value(m_child.model);
    while (workOnce()) { }
    m_trial.reset();
    if (m_child.process)
        m_child.process->finish(kDrainSeconds);
}

}
