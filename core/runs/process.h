#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"
#include "core/protocol/edge_messages.h"
#include "core/protocol/trainer_messages.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace percept::runs {

// How a child ended. Every start leads to exactly one of these.
struct Ending {
    enum class Kind { DidNotStart, Finished, FinishedWithError, Crashed, Silent } kind = Kind::Finished;
    int exitCode = 0, signal = 0;
    std::string message; // a sentence with program, what happened and the last lines of stderr
};

// A child process with line-wise stdout, stderr into a bounded tail (and a log file when asked), stdin for commands.
// Owns one reader thread; callbacks come on that thread. The destructor closes stdin, waits 2 s, then kills: no orphan.
class LineProcess {
public:
    struct Options {
        std::filesystem::path program;
        std::vector<std::string> arguments;
        std::filesystem::path logFile;      // stderr goes there as well
        double silenceLimitSeconds = 0;     // > 0: killed and reported Silent after that long without a line
        bool detach = false;                // survives the parent (own session, stdin not tied)
    };
    virtual ~LineProcess() = default;
    static std::unique_ptr<LineProcess> start(const Options& options, std::function<void(std::string_view)> onLine,
        std::function<void(const Ending&)> onEnd);
    virtual bool writeLine(std::string_view line) = 0;
    virtual void closeInput() = 0;
    virtual void kill() = 0;
    virtual void wait() = 0;
    virtual int pid() const = 0;
};

// percept-trainer on a run directory. Writes status.json as messages arrive.
class TrainerProcess {
public:
    virtual ~TrainerProcess() = default;
    static base::Result<std::unique_ptr<TrainerProcess>> start(const std::filesystem::path& runFolder,
        std::function<void(const protocol::TrainerMessage&)> onMessage, std::function<void(const Ending&)> onEnd, bool detach = false);
    virtual void send(protocol::TrainerCommand command) = 0;
    virtual void kill() = 0;
    virtual void wait() = 0;
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
    struct GoldenResult { double maxScoreDifference = 0, maxBoxDifference = 0; };
    virtual base::Result<GoldenResult> golden() = 0;
    virtual void stop() = 0;
};

}
