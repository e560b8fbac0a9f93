// The model process of a supervisor: started, revived, left for another one.
#include "core/base/time.h"
#include "core/device/model_session.h"
#include "core/device/supervisor.h"
#include "core/inference/golden.h"
#include "core/protocol/json_fields.h"

#include <fmt/format.h>
#include <limits>
#include <spdlog/spdlog.h>

namespace percept::device {

using nlohmann::json;

namespace {

constexpr int kMaxRestarts = 3;
constexpr double kRestartWindowSeconds = 60;

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
    m_trial.reset();
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

void Supervisor::lookAfterChild()
{
    if (!m_child.process)
        return;
    if (m_trial) {
        if (const auto failure = m_trial->look(*m_child.process))
            failTrial(*failure);
        return;
    }
    if (m_child.process->isAlive())
        return;
    if (const auto revived = revive(); revived.hasError())
        giveUp(revived.error());
}

}
