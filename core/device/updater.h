#pragma once

#include "core/device/candidate_check.h"
#include "core/device/slots.h"

namespace percept::device {

SlotPackage slotPackageOf(const nlohmann::json& model);

// What became of an update.
struct UpdateResult {
    enum class Status { Healthy, Refused, RolledBack, Unchanged, OnTrial } status = Status::Refused;
    nlohmann::json model;           // that was given, as far as known
    std::optional<Refusal> refusal; // why it does not run
    int livePictures = 0;           // both models have answered
};
// {"status":"healthy|refused|rolled-back|unchanged|on-trial","model","refusal","livePictures"}
nlohmann::json toJson(const UpdateResult& result);

// Brings a package into the slots: copied, checked beside the model that answers, switched to, watched for its grace time,
// kept or taken back. A device that trusts keys takes only what they have signed, and no release before the last healthy
// one; without keys it takes what the owner of the state folder gives. One update at a time, on one thread of its own,
// which starts and so must outlive the candidates.
class Updater {
public:
    struct Options {
        std::filesystem::path program;
        std::vector<std::string> arguments;
        GateOptions gate;
        double graceSeconds = 30;
    };
    Updater(Options options, Slots& slots, Supervisor& supervisor);
    ~Updater(); // after the supervisor has stopped
    Updater(const Updater&) = delete;
    Updater& operator=(const Updater&) = delete;

    // Also watches a package that is on trial already, because percept-edge was started again meanwhile.
    void start();
    // Ends a check or a wait soon; a package on trial stays on trial.
    void interrupt();

    // Any thread; waits until it is decided. Conflict: there is another update.
    // `livePictures`: in the place of the gate's number.
    base::Result<UpdateResult> update(const std::filesystem::path& package, std::optional<int> livePictures = {});
    // To the other slot, by hand: a trial ends, or the version before comes back. Gives the model that runs now.
    base::Result<nlohmann::json> rollBack();
    // Of the supervisor's worker: the trial has failed and the model before answers.
    void trialFailed(RefusalKind kind, const std::string& why);
    // Likewise: the running package cannot be kept alive. The other slot, when it can take over.
    std::optional<ModelFile> fallBack(const base::Error& why);
    // "idle", "checking", "trial"
    std::string phase() const;

private:
    enum class Phase { Idle, Checking, Trial };
    void work();
    struct Request {
        std::filesystem::path package; // empty: back to the version before
        std::optional<int> livePictures;
        std::promise<UpdateResult> result;
    };
    UpdateResult bring(const Request& request);
    UpdateResult check(const std::filesystem::path& package, CandidateCheck& candidateCheck);
    UpdateResult watch(UpdateResult result);
    UpdateResult keep(UpdateResult result);
    base::Result<UpdateResult> enqueue(const std::filesystem::path& package, std::optional<int> livePictures);
    std::optional<Request> nextRequest();
    UpdateResult goBack();
    UpdateResult refuse(UpdateResult result, Refusal refusal);
    void setPhase(Phase phase);

    Options m_options;
    Slots& m_slots;
    Supervisor& m_supervisor;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::optional<Request> m_request;
    std::optional<Refusal> m_trialFailure;
    Phase m_phase = Phase::Idle;
    base::CancelToken m_cancelCheck;
    bool m_isBusy = false, m_stopping = false, m_released = false;
    std::thread m_thread;
};

}
