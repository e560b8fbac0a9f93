#include "core/device/edge_run.h"

#include "core/base/files.h"
#include "core/device/edge_http.h"
#include "core/device/edge_service.h"
#include "core/device/edge_status.h"
#include "core/device/model_session.h"
#include "core/device/state_lock.h"
#include "core/device/stdio_relay.h"
#include "core/protocol/json_fields.h"

#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace percept::device {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

// Not by a blocked signal and sigwait: libraries have threads of their own before main() begins, which would still die of it.
std::atomic<int> caughtSignal = 0;

void catchSignals()
{
    struct sigaction action { };
    action.sa_handler = [](int signal) { caughtSignal = signal; };
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
}

json okAnswer(json answer)
{
    answer["ok"] = true;
    return answer;
}

// For who looks into the folder; nothing that answers needs it. What stood there is of a process that is gone: where the disk
// is full, it is the room for what is so now.
void tellWhereItIs(const fs::path& file, const json& state)
{
    const std::string text = protocol::dumpLine(state) + "\n";
    auto written = base::atomicWrite(file, text);
    if (std::error_code ignored; written.hasError() && fs::remove(file, ignored))
        written = base::atomicWrite(file, text);
    if (written.hasError())
        spdlog::warn("{} It only says where percept-edge answers, which goes on.", written.error().message);
}

}

EdgeRun::EdgeRun(const RunOptions& options)
    : m_options(options)
    , m_supervisor(supervisorOptions(), m_metrics)
    , m_live(m_supervisor)
    , m_server({ kMaxPictureBytes, 4 + LiveFrames::kMostWatchers, {} })
{
    catchSignals();
}

EdgeRun::~EdgeRun()
{
    if (m_updater.has_value())
        m_updater->interrupt(); // who asks by the control socket waits for it
}

base::Result<json> EdgeRun::run()
{
    PERCEPT_ASSIGN(lock, StateLock::take(m_options.state));
    PERCEPT_TRY(lookForFleet());
    PERCEPT_TRY(openSlots());
    PERCEPT_TRY(openSources());
    PERCEPT_ASSIGN(model, startModel());
    // Only now: a package that is refused leaves nothing behind.
    PERCEPT_TRY(m_sources.openLogs(m_options.resultsToStdout ? fs::path() : m_options.state));
    PERCEPT_TRY(joinFleet());
    if (const auto started = m_control.start(m_options.state, [this](const json& request) { return control(request); }); started.hasError())
        spdlog::warn("{} It answers, but percept-edge status, update and rollback do not reach it.", started.error().message);
    observe();
    PERCEPT_TRY(startHttp(model));
    startThreads();
    waitForEnd();
    return finish();
}

json EdgeRun::control(const json& request)
{
    const std::string type = request.contains("type") && request["type"].is_string() ? request["type"] : "";
    if (type == "status")
        return okAnswer(describeStatus());
    if (type != "update" && type != "rollback")
        return failureAnswer(nullptr, base::refused("This version does not know the request \"" + type + "\"."));
    if (m_isDraft)
        return failureAnswer(nullptr, base::refused("The folder of a draft is served here; only packages can be updated."));
    if (type == "rollback") {
        const auto model = m_updater->rollBack();
        return model.hasValue() ? okAnswer({ { "model", model.value() } }) : failureAnswer(nullptr, model.error());
    }
    const std::string package = request.contains("package") && request["package"].is_string() ? request["package"] : "";
    const auto result = m_updater->update(package);
    return result.hasValue() ? okAnswer(toJson(result.value())) : failureAnswer(nullptr, result.error());
}

json EdgeRun::describeStatus()
{
    json status = edgeStatus(m_usesSlots ? m_slots.get() : nullptr, m_supervisor, m_metrics, m_updater->phase());
    status["fleet"] = m_member ? m_member->status() : json();
    status["videos"] = m_sources.describeVideos();
    return status;
}

base::Result<void> EdgeRun::startHttp(const json& model)
{
    json state { { "pid", ::getpid() }, { "model", model } };
    if (m_options.http.has_value()) {
        addEdgeRoutes(m_server, m_supervisor, m_metrics, m_live, [this] { return describeStatus(); });
        PERCEPT_ASSIGN(port, m_server.start(*m_options.http));
        const std::string& host = m_options.http->host;
        const bool isV6 = host.find(':') != std::string::npos;
        const std::string url = fmt::format("http://{}{}{}:{}", isV6 ? "[" : "", host, isV6 ? "]" : "", port);
        state["url"] = url;
        fmt::print(stderr, "percept-edge answers at {}\n", url);
    }
    tellWhereItIs(m_options.state / "edge.json", state);
    return {};
}

void EdgeRun::observe()
{
    m_supervisor.setObserver(
        [this](const Supervisor::Frame& frame) {
            m_live.add(frame);
            if (m_member && !frame.request.contains("probe")) // somebody tries the device: no part of what it sees
                m_member->add(frame);
        },
        /*measures=*/m_member != nullptr);
}

void EdgeRun::startThreads()
{
    m_sources.start(m_supervisor, m_metrics);
    if (m_options.stdio)
        m_threads.emplace_back([this] {
            relayStdio(m_supervisor, m_metrics, m_cancel);
            m_stdioDone = true;
        });
}

bool EdgeRun::hasWork() const
{
    return m_fleet || m_options.http.has_value() || !m_sources.areDone() || (m_options.stdio && !m_stdioDone);
}

void EdgeRun::waitForEnd()
{
    while (hasWork() && !m_supervisor.fatal().has_value() && !m_sources.hasFatalError()) {
        if (const int signal = caughtSignal; signal != 0) {
            spdlog::info("signal {}: finishing", signal);
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

base::Result<json> EdgeRun::finish()
{
    m_cancel.cancel();
    m_updater->interrupt();
    m_control.stop();
    m_server.stop();
    m_sources.stop();
    for (auto& thread : m_threads)
        thread.join();
    if (m_member)
        m_member->leave();
    m_supervisor.stop();
    if (const auto fatal = m_supervisor.fatal())
        return *fatal;
    if (m_usesSlots)
        if (const auto uncounted = m_slots->uncountStart(); uncounted.hasError())
            spdlog::warn("{}", uncounted.error().message);
    // A service that has stopped in order is none that failed, though a video has.
    const bool isService = m_fleet || m_options.http.has_value();
    if (const auto error = m_sources.error(); error && (!isService || m_sources.hasFatalError()))
        return *error;
    const auto totals = m_metrics.totals();
    return json { { "predictions", totals.predictions }, { "errors", totals.errors }, { "restarts", totals.restarts },
        { "model", m_supervisor.model() }, { "videos", m_sources.describeVideos() } };
}

base::Result<json> runEdge(const RunOptions& options)
{
    for (const auto& key : options.trusted)
        if (packaging::publicKeyFromText(key).hasError())
            return base::usage(fmt::format("--trust {} is not a public key. percept verify shows the signer of a package.", key));
    if (options.http.has_value() && !options.http->isLoopback())
        return base::usage(fmt::format("{} can be reached from other machines, which needs TLS and a token; this version has "
                                       "neither. Use --http 127.0.0.1:PORT.", options.http->host));
    return EdgeRun(options).run();
}

}
