#pragma once

#include "core/device/child_process.h"
#include "core/device/machine.h"
#include "core/device/refusal.h"

#include <filesystem>

namespace percept::device {

// What a model process is to load. The child tells the hash of what it has loaded; another one than this is not used.
struct ModelFile {
    std::filesystem::path path;
    std::string sha256; // empty: whatever lies there
};

// A model process that has loaded its model, and what it told about it.
struct LoadedChild {
    std::unique_ptr<ChildProcess> process;
    nlohmann::json model = nlohmann::json::object();
    ModelFile file;
};

bool isPictureRequest(const nlohmann::json& request);

// A new model on trial: it answers, and the process of the one before stays beside it. Who asks waits for the new one a second at most:
// an answer that has not come by then is given by the former, and so are the next ones, until the new one has said what it owes or its
// patience is over, which ends the trial. So a model that hangs costs nobody more than that second, however long its pictures may take.
// On the supervisor's thread.
class Trial {
public:
    // patienceSeconds: for one picture, not counting what the candidate spends in the queue for a processor; ten times as long it is at most. `proc`:
    // where that is read.
    Trial(LoadedChild former, double patienceSeconds, std::filesystem::path proc = "/proc");

    struct Failure {
        RefusalKind kind;
        std::string why;
    };
    struct Reply {
        base::Result<nlohmann::json> answer;
        bool isFormers = false;
        std::optional<Failure> failure; // the trial is over, and `answer` means nothing
    };
    // `otherPatience`: for what is not a picture.
    Reply ask(ChildProcess& candidate, const nlohmann::json& request, std::span<const std::uint8_t> payload, double otherPatience);
    // Several times a second: takes what the candidate owes, and sees when it has gone or has had its time.
    std::optional<Failure> look(ChildProcess& candidate);
    bool owesAnswer() const { return m_debt.has_value(); }

    const nlohmann::json& formerModel() const { return m_former.model; }
    LoadedChild takeFormer() { return std::move(m_former); }

private:
    struct Debt {
        double since, patience;
        bool isPicture, formerAnswered;
        std::optional<ProcessorWait> starved {}; // from when the former answered for it
        bool isOver() const;
    };
    Reply byFormer(const nlohmann::json& request, std::span<const std::uint8_t> payload);
    Reply judge(ChildProcess& candidate, base::Result<nlohmann::json> answer, const nlohmann::json& request, std::span<const std::uint8_t> payload);
    Reply whenLate(ChildProcess& candidate, Debt debt, const nlohmann::json& request, std::span<const std::uint8_t> payload);

    LoadedChild m_former;
    const double m_patience, m_late; // seconds
    const std::filesystem::path m_proc;
    std::optional<Debt> m_debt;
};

}
