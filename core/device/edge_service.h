#pragma once

#include "core/device/control_socket.h"
#include "core/device/edge_run.h"
#include "core/device/fleet_member.h"
#include "core/device/live_frames.h"
#include "core/device/sources.h"
#include "core/device/updater.h"

#include <atomic>
#include <memory>
#include <thread>

// Inside of core/device: one `percept-edge run` from its start to its end.
namespace percept::device {

// What it owns and in which order that begins and ends. Lives on the thread that called runEdge().
class EdgeRun {
public:
    explicit EdgeRun(const RunOptions& options);
    ~EdgeRun();
    base::Result<nlohmann::json> run();

private:
    // Its start: edge_start.cpp.
    std::vector<std::string> childArguments() const;
    Supervisor::Options supervisorOptions();
    base::Result<void> lookForFleet();
    base::Result<void> openSlots();
    base::Result<void> trust(const std::vector<std::string>& keys);
    bool staysEmpty(const base::Error& why);
    base::Result<void> joinFleet();
    base::Result<nlohmann::json> startModel();
    ModelFile runningFile() const;
    base::Result<void> countStart();
    base::Result<void> openSources();
    base::Result<void> takeOver(const nlohmann::json& model);

    // While it runs.
    nlohmann::json control(const nlohmann::json& request);
    nlohmann::json describeStatus();
    base::Result<void> startHttp(const nlohmann::json& model);
    void observe();
    void startThreads();
    bool hasWork() const;
    void waitForEnd();
    base::Result<nlohmann::json> finish();

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
