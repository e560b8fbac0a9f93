#pragma once

#include "core/device/slot_record.h"
#include "core/device/supervisor.h"
#include "core/protocol/device_limits.h"

namespace percept::device {

// Limits of the health gate. Defaults and why:
// - slower: a candidate may take maxSlowdown times as long as the running model for one run of the engine, or slowFloorMs.
//   Four is one step of backbone (Lite0 to Lite2, about 2.4 times) or of canvas (416 to 640 pixels, 2.4 times) with room for
//   a noisy machine, and not both; a model of ten times the work is refused. Below 20 ms no camera at 30 pictures a second
//   notices. Both are measured on their own golden pictures in turn, so under the same load, best of three rounds each.
// - memory: what a process may have of its own while it is being checked (RLIMIT_DATA); the kernel also ends it first when
//   the machine runs short, so that a candidate does not cost the model that answers.
struct GateOptions {
    double loadSeconds = 60;          // to load, and to compare the golden answers
    double pictureSeconds = 10;       // for one live picture
    int livePictures = 8;             // are answered by both models
    double livePicturesSeconds = 5;   // to wait for them; a device that sees none in this time goes on without
    double maxSlowdown = protocol::kMaxSlowdown, slowFloorMs = protocol::kSlowFloorMs;
    std::uint64_t memoryBytes = 2ull << 30;
};

struct Candidate {
    std::filesystem::path path;
    std::string sha256;               // of the bytes that lie there
    std::vector<std::string> trusted; // empty: whoever signed it
    std::int64_t releaseFloor = 0;    // 0: any release counter
};

// The health gate: a candidate in a process of its own beside the one that answers. Loads, golden answers match, about as
// fast as the running model, live pictures answered. The thread that calls run() must outlive the process.
class CandidateCheck {
public:
    CandidateCheck(GateOptions options, std::filesystem::path program, std::vector<std::string> arguments,
        Supervisor& running, base::CancelToken cancel);

    // Why it is refused; nothing when it passed. Once cancelled it comes back soon and says nothing about the candidate.
    std::optional<Refusal> run(const Candidate& candidate);
    // After it passed: the process, its limits lifted, and how long it may take for a picture while it is on trial.
    LoadedChild takeChild();
    double trialAnswerSeconds() const;
    int livePictures() const { return m_seen; } // that both have answered

private:
    std::optional<Refusal> load(const Candidate& candidate);
    std::optional<Refusal> compareGolden();
    std::optional<Refusal> compareSpeed();
    std::optional<Refusal> answerLivePictures();
    std::optional<Refusal> answerOne(const nlohmann::json& request, const std::vector<std::uint8_t>& payload);
    Refusal refusal(RefusalKind kind, std::string message) const;
    Refusal processFailed(const base::Error& error, RefusalKind otherwise) const;

    GateOptions m_options;
    std::filesystem::path m_program;
    std::vector<std::string> m_arguments;
    Supervisor& m_running;
    LoadedChild m_child;
    double m_slowestSeconds = 0;
    int m_seen = 0;
    base::CancelToken m_cancel;
};

}
