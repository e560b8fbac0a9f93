#include "core/device/edge_run.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/time.h"
#include "core/device/control_socket.h"
#include "core/device/edge_http.h"
#include "core/device/edge_status.h"
#include "core/device/fleet_member.h"
#include "core/device/model_session.h"
#include "core/device/sources.h"
#include "core/device/state_lock.h"
#include "core/device/stdio_relay.h"
#include "core/device/updater.h"
#include "core/protocol/json_fields.h"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <thread>
#include <unistd.h>

namespace percept::device {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::uint64_t kMaxPackageBytes = 1ull << 30;

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

class EdgeRun {
public:
    explicit EdgeRun(const RunOptions& options)
        : m_options(options)
        , m_supervisor(supervisorOptions(), m_metrics)
        , m_live(m_supervisor)
        , m_server({ kMaxPictureBytes, 4 + LiveFrames::kMostWatchers, {} })
    {
        catchSignals();
    }
    ~EdgeRun()
    {
        if (m_updater.has_value())
            m_updater->interrupt(); // who asks by the control socket waits for it
    }

    base::Result<json> run()
    {
        PERCEPT_ASSIGN(lock, StateLock::take(m_options.state));
        PERCEPT_TRY(lookForFleet());
        PERCEPT_TRY(openSlots());
        PERCEPT_TRY(openSources());
        PERCEPT_ASSIGN(model, startModel());
        // Only now: a package that is refused leaves nothing behind.
        PERCEPT_TRY(m_sources.openLogs(m_options.resultsToStdout ? fs::path() : m_options.state));
        PERCEPT_TRY(joinFleet());
        PERCEPT_TRY(m_control.start(m_options.state, [this](const json& request) { return control(request); }));
        observe();
        PERCEPT_TRY(startHttp(model));
        startThreads();
        waitForEnd();
        return finish();
    }

private:
    std::vector<std::string> childArguments() const { return { "--serve", "--threads", std::to_string(m_options.threads) }; }

    Supervisor::Options supervisorOptions()
    {
        Supervisor::Options supervisor;
        supervisor.program = m_options.program;
        supervisor.arguments = childArguments();
        supervisor.fallback = [this](const base::Error& why) { return m_usesSlots ? m_updater->fallBack(why) : std::nullopt; };
        supervisor.staysEmpty = [this](const base::Error& why) { return staysEmpty(why); };
        supervisor.onTakenBack = [this](RefusalKind kind, const std::string& why) { m_updater->trialFailed(kind, why); };
        return supervisor;
    }

    base::Result<void> lookForFleet()
    {
        PERCEPT_ASSIGN(fleet, findFleet(m_options.state, m_options.fleet));
        m_fleet = std::move(fleet);
        if (!m_fleet && !m_options.http.has_value() && m_options.sources.empty() && !m_options.stdio)
            return base::usage("Nothing to do: give --http, --source or --stdio, or enrol this device in a fleet.");
        return {};
    }

    base::Result<void> openSlots()
    {
        PERCEPT_ASSIGN(slots, Slots::open(m_options.state));
        m_slots = std::move(slots);
        PERCEPT_TRY(m_slots->trust(m_options.trusted));
        if (m_fleet) {
            PERCEPT_TRY(m_slots->trust(m_fleet->trust));
            if (m_slots->record().trusted.empty())
                return base::usage("Whose packages is this device to take? Give the key with --trust KEY.");
            return {};
        }
        if (!m_options.package.empty() || m_slots->record().running().has_value())
            return {};
        return base::usage("There is no package in this state folder yet. Give one with --package FILE.ppkg.");
    }

    // A device of a fleet can be helped by its fleet: it goes on without a model when there is none to go on with, but for
    // one that was healthy and dies again and again, for which a new start (of the machine, even) may be the cure.
    bool staysEmpty(const base::Error& why)
    {
        if (!m_fleet || !m_usesSlots)
            return false;
        const bool wasHealthy = !m_slots->record().isTrial();
        if (wasHealthy && m_hasStarted)
            return false;
        if (!wasHealthy)
            m_updater->trialFailed(RefusalKind::Unhealthy, why.message);
        return true;
    }

    base::Result<void> joinFleet()
    {
        if (!m_fleet)
            return {};
        if (m_isDraft)
            return base::usage("A device of a fleet serves packages; --package names the folder of a draft.");
        PERCEPT_ASSIGN(member, FleetMember::join({ m_options.state, m_options.version, *m_fleet, m_options.fleet.collects }, *m_slots, m_supervisor, *m_updater, m_metrics));
        m_member = std::move(member);
        return {};
    }

    // The one that was given, when that is new; else the slot's.
    base::Result<json> startModel()
    {
        m_updater.emplace(Updater::Options { m_options.program, childArguments(), m_options.gate, m_options.graceSeconds },
            *m_slots, m_supervisor);
        const bool isGiven = !m_options.package.empty();
        m_isDraft = isGiven && fs::is_directory(m_options.package);
        const auto sha256 = isGiven && !m_isDraft ? base::sha256OfFile(m_options.package) : base::Result<std::string>(std::string());
        const auto record = m_slots->record();
        const bool isKnown = isGiven && record.running().has_value() && sha256.hasValue()
            && (sha256.value() == record.givenSha256 || sha256.value() == record.running()->sha256);
        m_usesSlots = !isGiven || (isKnown && !m_isDraft);
        if (m_usesSlots)
            PERCEPT_TRY(countStart());
        PERCEPT_ASSIGN(model, m_supervisor.start(m_usesSlots ? runningFile() : ModelFile { m_options.package, "" }));
        m_hasStarted = true;
        if (!m_usesSlots && !m_isDraft)
            PERCEPT_TRY(takeOver(model));
        m_updater->start();
        return model;
    }

    ModelFile runningFile() const
    {
        const auto record = m_slots->record();
        return record.running() ? ModelFile { m_slots->pathOf(record.active), record.running()->sha256 } : ModelFile();
    }

    base::Result<void> countStart()
    {
        if (const auto counted = m_slots->countStart(); counted.hasError()) {
            spdlog::error("{} The other slot takes over.", counted.error().message);
            return m_slots->leave({ RefusalKind::Unhealthy, counted.error().message, {}, {}, 0 });
        }
        return {};
    }

    base::Result<void> openSources()
    {
        for (const auto& text : m_options.sources)
            PERCEPT_TRY(m_sources.add(text, { m_options.loops, {} }));
        return {};
    }

    // The bytes that the child has verified, so that a restart answers with the same model whatever happened to the file
    // that was given.
    base::Result<void> takeOver(const json& model)
    {
        PERCEPT_ASSIGN(bytes, base::readFile(m_options.package, kMaxPackageBytes));
        if (base::sha256Hex(bytes) != model.value("sha256", ""))
            return base::refused(fmt::format("{} was replaced while it was being loaded. Start percept-edge again.",
                m_options.package.string()));
        PERCEPT_TRY(m_slots->stage(bytes));
        PERCEPT_TRY(m_slots->giveByHand(slotPackageOf(model)));
        m_supervisor.setModelFile(runningFile());
        m_usesSlots = true;
        return {};
    }

    json control(const json& request)
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

    json describeStatus()
    {
        json status = edgeStatus(m_usesSlots ? m_slots.get() : nullptr, m_supervisor, m_metrics, m_updater->phase());
        status["fleet"] = m_member ? m_member->status() : json();
        status["videos"] = m_sources.describeVideos();
        return status;
    }

    static json okAnswer(json answer)
    {
        answer["ok"] = true;
        return answer;
    }

    base::Result<void> startHttp(const json& model)
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
        return base::atomicWrite(m_options.state / "edge.json", protocol::dumpLine(state) + "\n");
    }

    void observe()
    {
        m_supervisor.setObserver(
            [this](const Supervisor::Frame& frame) {
                m_live.add(frame);
                if (m_member && !frame.request.contains("probe")) // somebody tries the device: no part of what it sees
                    m_member->add(frame);
            },
            /*measures=*/m_member != nullptr);
    }

    void startThreads()
    {
        m_sources.start(m_supervisor, m_metrics);
        if (m_options.stdio)
            m_threads.emplace_back([this] {
                relayStdio(m_supervisor, m_metrics, m_cancel);
                m_stdioDone = true;
            });
    }

    bool hasWork() const
    {
        return m_fleet || m_options.http.has_value() || !m_sources.areDone() || (m_options.stdio && !m_stdioDone);
    }

    void waitForEnd()
    {
        while (hasWork() && !m_supervisor.fatal().has_value() && !m_sources.hasFatalError()) {
            if (const int signal = caughtSignal; signal != 0) {
                spdlog::info("signal {}: finishing", signal);
                return;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }

    base::Result<json> finish()
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
            PERCEPT_TRY(m_slots->uncountStart());
        // A service that has stopped in order is none that failed, though a video has.
        const bool isService = m_fleet || m_options.http.has_value();
        if (const auto error = m_sources.error(); error && (!isService || m_sources.hasFatalError()))
            return *error;
        const auto totals = m_metrics.totals();
        return json { { "predictions", totals.predictions }, { "errors", totals.errors }, { "restarts", totals.restarts },
            { "model", m_supervisor.model() }, { "videos", m_sources.describeVideos() } };
    }

    RunOptions m_options;
    std::optional<FleetAccess> m_fleet;
    Metrics m_metrics;
    std::unique_ptr<Slots> m_slots;
    std::optional<Updater> m_updater; // before the supervisor: its thread outlives what it has started
    std::atomic<bool> m_usesSlots = false, m_hasStarted = false;
    bool m_isDraft = false;
    Supervisor m_supervisor;
    std::unique_ptr<FleetMember> m_member;
    LiveFrames m_live;
    ControlServer m_control;
    transport::HttpServer m_server;
    Sources m_sources;
    base::CancelToken m_cancel;
    std::atomic<bool> m_stdioDone = false;
    std::vector<std::thread> m_threads;
};

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
