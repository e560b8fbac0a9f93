#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/time.h"
#include "core/runs/process.h"
#include "core/runs/run_status.h"

#include <mutex>
#include <unistd.h>

namespace percept::runs {

namespace {

constexpr double kSilenceSeconds = 120; // the trainer speaks every five seconds; a swapping machine may be late
constexpr double kGraceSeconds = 8;     // for its checkpoint when we go
constexpr double kStatusEverySeconds = 2;

// Keeps status.json in step with what the trainer says.
class StatusKeeper {
public:
    StatusKeeper(std::filesystem::path folder, bool detached) : m_folder(std::move(folder)) { m_status.detached = detached; }

    base::Result<void> begin()
    {
        const std::scoped_lock lock(m_mutex);
        if (const auto old = readStatus(m_folder); old.hasValue()) {
            if (old->status == "running" && isAlive(old->process))
                return base::Error { base::ErrorCode::Conflict,
                    m_folder.filename().string() + " is being trained already (process " + std::to_string(old->process.pid) + ").", {} };
            m_status.createdMs = old->createdMs;
            m_status.startedMs = old->startedMs;
            m_status.progress = old->progress;
        }
        // What an earlier sitting left must not be taken for this one's.
        std::error_code ignored;
        std::filesystem::remove(m_folder / "finished.json", ignored);
        withdrawStop(m_folder);
        std::filesystem::remove(m_folder / "pause", ignored);
        forgetProgress(m_folder);
        if (m_status.startedMs == 0)
            m_status.startedMs = base::nowMs();
        m_status.status = "running";
        return {};
    }

    void setProcess(int pid)
    {
        const std::scoped_lock lock(m_mutex);
        m_status.process = identityOf(pid);
        m_status.follower = identityOf(::getpid());
        save();
    }

    void take(const protocol::TrainerMessage& message)
    {
        const std::scoped_lock lock(m_mutex);
        if (const auto* hello = std::get_if<protocol::HelloMessage>(&message)) {
            m_status.device = hello->device;
            m_status.threads = hello->threads;
        } else if (const auto* progress = std::get_if<protocol::ProgressMessage>(&message)) {
            m_status.progress = *progress;
            if (base::monotonicSeconds() < m_savedAt + kStatusEverySeconds)
                return;
        } else if (const auto* finished = std::get_if<protocol::FinishedMessage>(&message)) {
            m_status.finished = *finished;
            return; // the run has ended when its process has
        } else {
            return;
        }
        save();
    }

    // The owner goes while the trainer works: what it was stopped with is no news.
    void leave()
    {
        const std::scoped_lock lock(m_mutex);
        m_ownerGone = true;
        if (!m_status.detached || m_status.status != "running")
            return;
        m_status.follower = {}; // it goes on without one: whoever wants to may follow it
        save();
    }

    void end(const Ending& ending)
    {
        const std::scoped_lock lock(m_mutex);
        m_status.endedMs = base::nowMs();
        if (m_status.finished && !wasLeft()) {
            m_status.status = m_status.finished->status;
            m_status.message = m_status.finished->message;
        } else {
            const bool hopeless = ending.kind == Ending::Kind::DidNotStart
                || (ending.kind == Ending::Kind::FinishedWithError && ending.exitCode == static_cast<int>(protocol::TrainerExit::BadConfig));
            m_status.status = hopeless ? "failed" : "crashed";
            m_status.message = !hopeless && (m_ownerGone || ending.message.empty()) ? leftMessage() : ending.message;
        }
        save();
    }

private:
    // It was stopped because its parent went, not to keep what it has: there is neither a model nor a last word in its folder
    // (before the first step there is no model, but the word), and it can be continued.
    bool wasLeft() const
    {
        std::error_code ec;
        return m_status.finished->status == "stopped" && !std::filesystem::exists(m_folder / "model" / "model.onnx", ec) && !readTrainerEnd(m_folder);
    }

    std::string leftMessage() const
    {
        const auto& p = m_status.progress;
        const bool isSaved = m_status.finished.has_value(); // else it was killed while it wrote
        return "The training was left before it was done. It can be continued from "
            + (isSaved && p && p->steps > 0 ? "step " + std::to_string(p->step) + " of " + std::to_string(p->steps) : "its last checkpoint") + ".";
    }

    void save()
    {
        m_savedAt = base::monotonicSeconds();
        if (const auto written = writeStatus(m_folder, m_status); written.hasError())
            spdlog::warn("{}", written.error().message); // the run directory is the truth; the run goes on
    }

    const std::filesystem::path m_folder;
    std::mutex m_mutex;
    RunStatus m_status;
    double m_savedAt = 0;
    bool m_ownerGone = false;
};

// The caller's callbacks, until the caller goes.
class Gate {
public:
    template <typename F, typename... A>
    void pass(const F& function, const A&... arguments)
    {
        const std::scoped_lock lock(m_mutex);
        if (m_open && function)
            function(arguments...);
    }
    void shut()
    {
        const std::scoped_lock lock(m_mutex); // waits for a callback that runs, unless we are inside it
        m_open = false;
    }

private:
    std::recursive_mutex m_mutex;
    bool m_open = true;
};

class TrainerProcessImpl final : public TrainerProcess {
public:
    TrainerProcessImpl(std::shared_ptr<Gate> gate, std::shared_ptr<StatusKeeper> keeper, std::unique_ptr<LineProcess> process)
        : m_gate(std::move(gate)), m_keeper(std::move(keeper)), m_process(std::move(process))
    {
    }
    ~TrainerProcessImpl() override
    {
        m_keeper->leave();
        m_gate->shut();
    }
    void send(protocol::TrainerCommand command) override { m_process->writeLine(protocol::encode(command)); }
    void kill() override { m_process->kill(); }
    void wait() override { m_process->wait(); }

private:
    std::shared_ptr<Gate> m_gate;
    std::shared_ptr<StatusKeeper> m_keeper;
    std::unique_ptr<LineProcess> m_process;
};

}

base::Result<std::unique_ptr<TrainerProcess>> TrainerProcess::start(const std::filesystem::path& runFolder,
    std::function<void(const protocol::TrainerMessage&)> onMessage, std::function<void(const Ending&)> onEnd, bool detach)
{
    auto keeper = std::make_shared<StatusKeeper>(runFolder, detach);
    auto gate = std::make_shared<Gate>();
    PERCEPT_TRY(keeper->begin());
    LineProcess::Options options;
    options.program = base::sisterProgram("percept-trainer");
    options.arguments = { "--run", runFolder.string() };
    if (detach)
        options.arguments.push_back("--detach");
    options.logFile = runFolder / "log.txt";
    options.silenceLimitSeconds = kSilenceSeconds;
    options.graceSeconds = kGraceSeconds;
    options.detach = detach;
    auto process = LineProcess::start(
        options,
        [keeper, gate, onMessage = std::move(onMessage)](std::string_view line) {
            const auto message = protocol::decodeTrainerMessage(line);
            if (message.hasError()) {
                if (message.error().code != base::ErrorCode::NotFound) // a newer trainer may say more
                    spdlog::warn("percept-trainer wrote a line that is not a message: {}", message.error().message);
                return;
            }
            keeper->take(message.value());
            gate->pass(onMessage, message.value());
        },
        [keeper, gate, onEnd = std::move(onEnd)](const Ending& ending) {
            keeper->end(ending);
            gate->pass(onEnd, ending);
        });
    keeper->setProcess(process->pid());
    return std::unique_ptr<TrainerProcess>(std::make_unique<TrainerProcessImpl>(std::move(gate), std::move(keeper), std::move(process)));
}

}
