// How a supervisor has one request answered.
#include "core/base/time.h"
#include "core/device/model_session.h"
#include "core/device/supervisor.h"
#include "core/protocol/json_fields.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace percept::device {

using nlohmann::json;

namespace {

base::Error noModel() { return base::failed("No model answers here yet: the first package has not come."); }

// Requests of others than us are relayed as they are, so a name may be anything.
std::string fileOf(const json& request) { return protocol::JsonFields(request, "The request").text("file", "no file"); }

}

void Supervisor::useFormer()
{
    LoadedChild former = m_trial->takeFormer();
    m_trial.reset();
    m_deaths.clear();
    serve(std::move(former));
}

void Supervisor::failTrial(const Trial::Failure& failure)
{
    spdlog::error("version {} is rolled back: {}", m_child.model.value("version", ""), failure.why);
    useFormer();
    if (m_options.onTakenBack)
        m_options.onTakenBack(failure.kind, failure.why);
}

base::Result<json> Supervisor::runOnTrial(const Job& job)
{
    auto reply = m_trial->ask(*m_child.process, job.request, job.payload, m_options.answerTimeoutSeconds);
    m_formerHasAnswered = reply.isFormers;
    if (!reply.failure)
        return std::move(reply.answer);
    failTrial(*reply.failure);
    return run(job);
}

base::Result<json> Supervisor::run(const Job& job)
{
    m_formerHasAnswered = false;
    if (!m_child.process)
        return noModel();
    if (m_trial)
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
    if (!observer || !isPictureRequest(job.request))
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
    const bool isFormers = m_formerHasAnswered && m_trial;
    observer({ job.request, job.payload, answer, isFormers ? m_trial->formerModel() : m_child.model, measured, seconds });
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
    if (tap && isPictureRequest(job.request) && answer.hasValue() && !errorOfAnswer(answer.value()).has_value())
        tap(job.request, job.payload);
}

}
