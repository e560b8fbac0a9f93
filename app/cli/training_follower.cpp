#include "app/cli/training_follower.h"

#include "app/cli/interrupt.h"
#include "core/base/time.h"
#include "core/runs/run_store.h"

#include <condition_variable>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <optional>

namespace percept::cli {

namespace {

constexpr auto kPoll = std::chrono::milliseconds(100); // of Ctrl+C

// Puts the trainer's messages into lines: one an epoch, and a moving one in between.
class Narrator {
public:
    explicit Narrator(Terminal& terminal) : m_terminal(terminal) { }

    void operator()(const protocol::TrainerMessage& message)
    {
        std::visit([this](const auto& m) { take(m); }, message);
    }

private:
    void take(const protocol::HelloMessage& m)
    {
        m_terminal.line(fmt::format("percept-trainer {} on {}, {} threads", m.version, m.device, m.threads));
    }
    void take(const protocol::ProgressMessage& p)
    {
        auto text = p.phase.empty() ? std::string("working") : p.phase;
        if (p.steps > 0)
            text += fmt::format(" ... epoch {} of {}, step {} of {} ({} %)", p.epoch, p.epochs, p.step, p.steps, 100 * p.step / p.steps);
        if (p.imagesPerSecond > 0)
            text += fmt::format(", {:.1f} pictures/s", p.imagesPerSecond);
        if (p.secondsLeft >= 0)
            text += ", " + base::describeDuration(p.secondsLeft) + " left";
        m_left = p.secondsLeft;
        m_terminal.showStatus(text);
    }
    void take(const protocol::MetricMessage& m)
    {
        if (m.value)
            m_values[m.name] = *m.value;
        if (m.name.starts_with("val/"))
            m_scored = m.epoch;
        // The last metric of a validation: the line of the epoch.
        if (m.name == "val/map" || (m.name == "val/map50" && m_values.contains("val/map")))
            tellEpoch();
    }
    void take(const protocol::SampleMessage&) { }
    void take(const protocol::WarningMessage& w) { m_terminal.line(w.field.empty() ? w.message : w.field + ": " + w.message); }
    void take(const protocol::FinishedMessage& f)
    {
        if (!f.message.empty())
            m_terminal.line(f.message);
    }
    void tellEpoch()
    {
        if (m_scored == m_told || !m_values.contains("val/map50") || !m_values.contains("val/map"))
            return;
        m_told = m_scored;
        auto text = fmt::format("epoch {:<4.0f}", m_scored);
        if (m_values.contains("train/loss"))
            text += fmt::format("  loss {:.3f}", m_values["train/loss"]);
        text += fmt::format("  validation AP50 {:.3f}  AP {:.3f}", m_values["val/map50"], m_values["val/map"]);
        if (m_left >= 0)
            text += "  " + base::describeDuration(m_left) + " left";
        m_terminal.line(text);
        m_values.erase("val/map50");
        m_values.erase("val/map");
    }

    Terminal& m_terminal;
    std::map<std::string, double> m_values;
    double m_scored = -1, m_told = -1, m_left = -1;
};

}

base::Result<Followed> followTraining(Context& context, const std::filesystem::path& runFolder)
{
    std::mutex mutex;
    std::condition_variable changed;
    bool ended = false;
    Narrator narrator(context.terminal);
    PERCEPT_ASSIGN(trainer, runs::TrainerProcess::start(
        runFolder, [&](const protocol::TrainerMessage& message) { narrator(message); },
        [&](const runs::Ending&) {
            const std::scoped_lock lock(mutex);
            ended = true;
            changed.notify_all();
        }));
    int told = 0;
    std::unique_lock lock(mutex);
    while (!changed.wait_for(lock, kPoll, [&] { return ended; })) {
        const int interrupts = interruptCount();
        if (interrupts >= 1 && told == 0) {
            context.terminal.line("Stopping; what was learned is kept. Ctrl+C again leaves at once.");
            trainer->send(protocol::TrainerCommand::Stop);
            told = 1;
        } else if (interrupts >= 2 && told == 1) {
            trainer->kill();
            told = 2;
        }
    }
    lock.unlock();
    trainer.reset();
    PERCEPT_ASSIGN(run, runs::readRun(runFolder));
    return Followed { run.status, run.message, told > 0 };
}

base::Result<void> startDetached(Context& context, const std::filesystem::path& runFolder, std::chrono::milliseconds patience)
{
    std::mutex mutex;
    std::condition_variable changed;
    bool isUp = false;
    std::optional<std::string> ended;
    PERCEPT_ASSIGN(trainer, runs::TrainerProcess::start(
        runFolder,
        [&](const protocol::TrainerMessage&) {
            const std::scoped_lock lock(mutex);
            isUp = true;
            changed.notify_all();
        },
        [&](const runs::Ending& ending) {
            const std::scoped_lock lock(mutex);
            ended = ending.message;
            changed.notify_all();
        },
        /*detach=*/true));
    const auto until = std::chrono::steady_clock::now() + patience;
    std::unique_lock lock(mutex);
    while (!changed.wait_for(lock, kPoll, [&] { return isUp || ended; }))
        if (context.cancel.isCancelled() || std::chrono::steady_clock::now() >= until)
            break;
    if (isUp)
        return {};
    if (ended)
        return base::failed(*ended);
    lock.unlock();
    trainer->kill();
    trainer->wait(); // the run's folder says how it ended
    if (context.cancel.isCancelled())
        return base::cancelled();
    return base::failed(fmt::format("percept-trainer has not answered within {} seconds and was ended. {} may say why; `percept resume` tries it again.",
        std::chrono::duration_cast<std::chrono::seconds>(patience).count(), (runFolder / "log.txt").string()));
}

}
