#pragma once

#include "core/device/outbox.h"
#include "core/device/sampling.h"
#include "core/device/smoothing.h"
#include "core/device/supervisor.h"
#include "core/device/window_recorder.h"
#include "core/protocol/edge_messages.h"
#include "core/protocol/fleet_state.h"

#include <deque>
#include <map>

namespace percept::device {

// Looks at every answer of a device of a fleet: counts it into windows, and picks the pictures that go home by the fleet's
// rules, where that is allowed. What came of it waits in the outbox. Never in the way of an answer: pictures that cannot be
// kept fast enough are left out.
class FrameWatch {
public:
    struct Options {
        std::filesystem::path budget; // file in which the budgets of samples are kept
        bool collects = false;
        std::uint64_t seed = 0; // of the random choice
    };
    FrameWatch(Options options, Outbox& outbox);

    // Of the supervisor, see Supervisor::Frame.
    void add(const Supervisor::Frame& frame);
    // The rest on one thread, that of the link.
    void setRules(const protocol::DesiredState& state);
    // Puts windows that are over, and pictures that were picked, into the outbox. Pictures that cannot be sent as they are
    // (other formats, too large) are made smaller by the model process: no foreign byte is decoded here.
    void tick(Supervisor& supervisor);
    void finish(); // the window that is open as well

private:
    struct Picked {
        SampleReason reason;
        protocol::EdgeResult result;
        std::string packageSha256, packageVersion, file;
        std::vector<std::uint8_t> bytes;
        Stamp stamp;
    };
    void pick(const Supervisor::Frame& frame, const protocol::EdgeResult& result, const nlohmann::json& measured);
    bool hasEdge(const Supervisor::Frame& frame, const std::string& stream, const std::vector<double>& scores);
    void mergeUnkept();
    void keepWindows(bool all);
    void keepSample(Picked picked, Supervisor& supervisor);
    void keepBudget();

    const Options m_options;
    Outbox& m_outbox;
    WindowRecorder m_windows;
    std::atomic<double> m_windowSeconds = 60;
    std::mutex m_windowMutex;
    std::deque<std::pair<nlohmann::json, Stamp>> m_unkept; // windows for which the disk had no room; tried again
    std::size_t m_reported = 0;                            // of them, in the log

    std::mutex m_mutex; // of all below
    std::optional<Sampler> m_sampler;
    SamplingRules m_rules;
    std::map<std::string, Smoother> m_smoothers; // by stream of pictures
    std::string m_smoothedPackage;
    std::int64_t m_frame = 0;
    std::deque<Picked> m_picked;
};

// At the package's thresholds, whoever asked for how much: model is "model" of a load answer.
std::vector<protocol::EdgePrediction> atThresholds(const protocol::EdgeResult& result, const nlohmann::json& model);

}
