#include "core/device/supervisor.h"

#include "core/base/time.h"
#include "core/device/model_session.h"
#include "core/inference/golden.h"
#include "core/protocol/json_fields.h"

#include <fmt/format.h>
#include <limits>
#include <spdlog/spdlog.h>

namespace percept::device {

using nlohmann::json;

namespace {

constexpr int kMaxRestarts = 3;
constexpr double kRestartWindowSeconds = 60, kLookSeconds = 0.1, kDrainSeconds = 10;

base::Error noModel() { return base::failed("No model answers here yet: the first package has not come."); }

bool isPredict(const json& request) { return request.value("type", json()) == "predict"; }

// Requests of others than us are relayed as they are, so a name may be anything.
std::string fileOf(const json& request) { return protocol::JsonFields(request, "The request").text("file", "no file"); }

}

base::Result<void> checkGoldenAnswer(const json& answer)
{
    if (const auto error = errorOfAnswer(answer))
        return *error;
    protocol::JsonFields fields(answer, "The answer");
    constexpr double kMost = std::numeric_limits<double>::max(); // also where nothing was measured
    const inference::GoldenDifference difference { 1, fields.number("maxScoreDifference", 0, kMost, kMost),
        fields.number("maxBoxDifference", 0, kMost, kMost) };
    if (!difference.isWithinTolerance())
        return base::refused(fmt::format("On this machine the model does not answer as it did where it was trained (scores "
            "differ by {:.2g}, boxes by {:.2g} pixels), so it is not used.", difference.maxScoreDifference,
            difference.maxBoxDifference));
    return {};
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
        if (m_child.process)
            m_former = std::move(m_child);
        m_trialTimeoutSeconds = answerTimeoutSeconds;
        m_deaths.clear();
        serve(std::move(next));
    });
}

void Supervisor::settle()
{
    runOnWorker([this] { m_former.reset(); });
}

bool Supervisor::takeBack()
{
    bool wasTrial = false;
    runOnWorker([&] {
        wasTrial = m_former.has_value();
        if (wasTrial)
            useFormer();
    });
    return wasTrial;
}

void Supervisor::replace(LoadedChild next)
{
    runOnWorker([&] {
        m_former.reset();
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
        if (m_jobs.size() >= m_options.maxWaiting && isPredict(request)) // our own questions wait their turn
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

// From here on this child answers.
void Supervisor::serve(LoadedChild child)
{
    m_child = std::move(child);
    m_metrics.setModel(m_child.model.value("name", ""), m_child.model.value("version", ""), m_child.model.value("sha256", ""));
    {
        const std::lock_guard lock(m_mutex);
        m_model = m_child.model;
    }
    setServing(true);
}

base::Result<LoadedChild> Supervisor::load(const ModelFile& file, bool comparesGolden, const base::CancelToken& cancel) const
{
    PERCEPT_ASSIGN(child, ChildProcess::start(m_options.program, m_options.arguments));
    const json request { { "id", 0 }, { "type", "load" }, { "package", file.path.string() } };
    PERCEPT_ASSIGN(answer, child->ask(request, {}, m_options.loadTimeoutSeconds, cancel));
    if (const auto error = errorOfAnswer(answer))
        return *error;
    if (!file.sha256.empty() && answer["model"].value("sha256", "") != file.sha256)
        return base::refused(fmt::format("{} is not the package that was put there.", file.path.string()));
    if (comparesGolden) {
        PERCEPT_ASSIGN(golden, child->ask({ { "id", 0 }, { "type", "golden" } }, {}, m_options.loadTimeoutSeconds, cancel));
        PERCEPT_TRY(checkGoldenAnswer(golden));
    }
    return LoadedChild { std::move(child), answer["model"], file };
}

base::Result<void> Supervisor::launch(const ModelFile& file, bool comparesGolden)
{
    PERCEPT_ASSIGN(child, load(file, comparesGolden));
    serve(std::move(child));
    return {};
}

// As long as there is another package to try; the error is that of the last one.
base::Result<void> Supervisor::launchFallback(base::Error why)
{
    while (m_options.fallback) {
        const auto next = m_options.fallback(why);
        if (!next.has_value())
            break;
        spdlog::error("{} The other slot takes over.", why.message);
        m_deaths.clear();
        const auto launched = launch(*next, /*comparesGolden=*/true);
        if (launched.hasValue())
            return {};
        why = launched.error();
    }
    if (!m_options.staysEmpty || !m_options.staysEmpty(why))
        return why;
    spdlog::error("{} There is no other model; the next one is waited for.", why.message);
    serveNothing();
    return {};
}

void Supervisor::serveNothing()
{
    m_child = {};
    m_former.reset();
    m_deaths.clear();
    m_metrics.setModel("", "", "");
    setServing(false);
    const std::lock_guard lock(m_mutex);
    m_model = json::object();
}

// After a death. An error means: given up.
base::Result<void> Supervisor::revive()
{
    const std::string end = m_child.process->describeEnd();
    const ModelFile file = m_child.file;
    setServing(false);
    while (true) {
        const double now = base::monotonicSeconds();
        m_deaths.push_back(now);
        while (m_deaths.front() < now - kRestartWindowSeconds)
            m_deaths.pop_front();
        if (m_deaths.size() > kMaxRestarts)
            return launchFallback(base::failed(fmt::format("The model process {} and was restarted {} times within a minute; "
                "percept-edge gives up. Its log says which picture it read last.", end, kMaxRestarts)));
        spdlog::warn("the model process {}; it is started again", end);
        m_metrics.addRestart();
        const auto launched = launch(file, /*comparesGolden=*/false);
        if (launched.hasValue())
            return {};
        spdlog::error("the restart failed: {}", launched.error().message);
    }
}

void Supervisor::useFormer()
{
    LoadedChild former = std::move(*m_former);
    m_former.reset();
    m_deaths.clear();
    serve(std::move(former));
}

void Supervisor::failTrial(const Failure& failure)
{
    spdlog::error("version {} is rolled back: {}", m_child.model.value("version", ""), failure.why);
    useFormer();
    if (m_options.onTakenBack)
        m_options.onTakenBack(failure.kind, failure.why);
}

std::optional<Supervisor::Failure> Supervisor::failureOnTrial(const base::Result<json>& answer, const Job& job)
{
    if (answer.hasError())
        return Failure { m_child.process->hasTimedOut() ? RefusalKind::Hang : RefusalKind::Crash, answer.error().message };
    const auto error = errorOfAnswer(answer.value());
    if (!error.has_value() || error->code != base::ErrorCode::Failed || !isPredict(job.request))
        return std::nullopt;
    const auto former = m_former->process->ask(job.request, job.payload, m_options.answerTimeoutSeconds);
    if (former.hasError() || errorOfAnswer(former.value()).has_value())
        return std::nullopt; // it is the picture
    return Failure { RefusalKind::Live, "It failed on a picture that the version before can answer: " + error->message };
}

base::Result<json> Supervisor::runOnTrial(const Job& job)
{
    const double patience = isPredict(job.request) ? m_trialTimeoutSeconds : m_options.answerTimeoutSeconds; // measured on predictions
    auto answer = m_child.process->ask(job.request, job.payload, patience);
    const auto failure = failureOnTrial(answer, job);
    if (!failure.has_value())
        return answer;
    failTrial(*failure);
    return run(job);
}

base::Result<json> Supervisor::run(const Job& job)
{
    if (!m_child.process)
        return noModel();
    if (m_former.has_value())
        return runOnTrial(job);
    auto answer = m_child.process->ask(job.request, job.payload, m_options.answerTimeoutSeconds);
    if (answer.hasValue())
        return answer;
    const bool canRepeat = answer.error().code == base::ErrorCode::Conflict;
    if (!canRepeat)
        spdlog::error("{} Last request: {}", answer.error().message, fileOf(job.request));
    if (const auto revived = revive(); revived.hasError()) {
        giveUp(revived.error());
        return revived.error();
    }
    if (!m_child.process)
        return base::failed(answer.error().message + " No other model could take over.");
    if (canRepeat)
        return m_child.process->ask(job.request, job.payload, m_options.answerTimeoutSeconds);
    return base::failed(answer.error().message + " It was started again.");
}

base::Result<json> Supervisor::runObserved(Job& job)
{
    Observer observer;
    bool measures = false;
    {
        const std::lock_guard lock(m_mutex);
        observer = m_observer;
        measures = m_measures;
    }
    job.request.erase("measure");
    if (!observer || !isPredict(job.request))
        return run(job);
    if (measures)
        job.request["measure"] = true;
    const double start = base::monotonicSeconds();
    auto answer = run(job);
    const double seconds = base::monotonicSeconds() - start;
    json measured = json::object();
    if (answer.hasValue() && answer.value().contains("measured")) {
        measured = std::move(answer.value()["measured"]);
        answer.value().erase("measured");
    }
    job.request.erase("measure");
    observer({ job.request, job.payload, answer, m_child.model, measured, seconds });
    return answer;
}

// Whatever happens to one picture, memory that has run out say, the thread goes on for the others.
base::Result<json> Supervisor::answerOf(Job& job)
{
    try {
        auto answer = runObserved(job);
        callTap(job, answer);
        return answer;
    } catch (const std::exception& e) {
        spdlog::error("a request could not be answered: {}", e.what());
        return base::failed("The request could not be answered. The log of percept-edge says why.");
    }
}

void Supervisor::callTap(const Job& job, const base::Result<json>& answer)
{
    Tap tap;
    {
        const std::lock_guard lock(m_mutex);
        tap = m_tap;
    }
    if (tap && isPredict(job.request) && answer.hasValue() && !errorOfAnswer(answer.value()).has_value())
        tap(job.request, job.payload);
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

void Supervisor::lookAfterChild()
{
    if (!m_child.process || m_child.process->isAlive())
        return;
    if (m_former.has_value())
        failTrial({ RefusalKind::Crash, "Its process " + m_child.process->describeEnd() + "." });
    else if (const auto revived = revive(); revived.hasError())
        giveUp(revived.error());
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
    m_former.reset();
    if (m_child.process)
        m_child.process->finish(kDrainSeconds);
}

}
