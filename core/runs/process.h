#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"
#include "core/protocol/edge_messages.h"
#include "core/protocol/trainer_messages.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace percept::runs {

// How a child ended. Every start leads to exactly one of these.
struct Ending {
    enum class Kind { DidNotStart, Finished, FinishedWithError, Crashed, Silent } kind = Kind::Finished;
    int exitCode = 0, signal = 0;
    std::string message; // a sentence with program, what happened and the last lines of stderr
};

// A child process with line-wise stdout, stderr into a bounded tail (and a log file when asked), stdin for commands.
// Owns one reader thread; callbacks come on that thread, from before start() has returned until the destructor has. The
// destructor (allowed inside a callback, which is then the last one) closes stdin, waits graceSeconds, then kills the
// child and all that it started: no orphan. Every start leads to exactly one onEnd, detached ones that are let go aside.
class LineProcess {
public:
    struct Options {
        std::filesystem::path program;
        std::vector<std::string> arguments;
        std::filesystem::path logFile;      // stderr goes there as well
        double silenceLimitSeconds = 0;     // > 0: killed and reported Silent after that long without a line
        double graceSeconds = 2;            // how long the destructor waits after closing stdin
        bool detach = false;                // survives the parent (own session, stdin not tied)
    };
    virtual ~LineProcess() = default;
    static std::unique_ptr<LineProcess> start(const Options& options, std::function<void(std::string_view)> onLine,
        std::function<void(const Ending&)> onEnd);
    // Never blocks: the reader thread writes. False: the child takes no more (ended, closed, or 8 MiB wait already).
    virtual bool writeLine(std::string_view line) = 0;
    virtual void closeInput() = 0;
    virtual void kill() = 0;
    virtual void wait() = 0; // until onEnd has returned; not from a callback
    virtual int pid() const = 0; // 0: did not start
};

// percept-trainer on a run directory. Writes status.json as messages arrive. Callbacks come on a thread of its own and end
// when the destructor begins; the destructor then lets the trainer write a checkpoint (8 s at most) unless it is detached.
// Conflict when the run's trainer lives already.
class TrainerProcess {
public:
    virtual ~TrainerProcess() = default;
    static base::Result<std::unique_ptr<TrainerProcess>> start(const std::filesystem::path& runFolder,
        std::function<void(const protocol::TrainerMessage&)> onMessage, std::function<void(const Ending&)> onEnd, bool detach = false);
    virtual void send(protocol::TrainerCommand command) = 0;
    virtual void kill() = 0;
    virtual void wait() = 0; // until onEnd has returned; not from a callback
};

// percept-edge --stdio: the program that predicts what people see. Calls block; one at a time; a model that crashes costs
// that call (the process is restarted by the next).
class EdgeProcess {
public:
    virtual ~EdgeProcess() = default;
    static base::Result<std::unique_ptr<EdgeProcess>> start();
    struct LoadedModel { std::string name, version; std::vector<std::string> labels; std::vector<double> thresholds; };
    virtual base::Result<LoadedModel> load(const std::filesystem::path& package) = 0;
    virtual base::Result<protocol::EdgeResult> predict(const std::filesystem::path& file, std::optional<double> minScore) = 0;
    struct GoldenResult { double maxScoreDifference = 0, maxBoxDifference = 0; int pictures = 0; double medianMs = 0; };
    virtual base::Result<GoldenResult> golden() = 0;
    // From any thread: ends the process; a call under way returns Cancelled, and so do all later ones.
    virtual void stop() = 0;
};

}
