#include "app/edge/edge_program.h"

#include "app/edge/ask_edge.h"
#include "app/number_options.h"
#include "core/base/log.h"
#include "core/device/edge_run.h"
#include "core/device/stdio.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace percept::edge_app {

namespace {

struct Arguments {
    bool stdio = false, serve = false, json = false;
    int threads = 0;
    std::uint64_t memoryLimit = 0; // of a candidate that is being checked
    device::RunOptions run;
    std::string http;
    device::EnrolOptions enrol;
};

constexpr std::uint64_t kMaxAddressSpace = 16ull << 30;

// A model or picture that asks for endless memory ends as an error in this process, not as the end of others on the machine.
void limitMemory(std::uint64_t candidateBytes)
{
#if !defined(__SANITIZE_ADDRESS__)
    const rlimit memory { kMaxAddressSpace, kMaxAddressSpace };
    ::setrlimit(RLIMIT_AS, &memory);
    if (candidateBytes > 0) { // can be lifted once it has passed
        const rlimit data { candidateBytes, kMaxAddressSpace };
        ::setrlimit(RLIMIT_DATA, &data);
    }
#endif
    const rlimit noCore { 0, 0 };
    ::setrlimit(RLIMIT_CORE, &noCore);
}

// The kernel then ends this process, rather than the one that answers, when the machine runs out of memory.
void goFirstWhenMemoryIsShort()
{
    if (FILE* file = std::fopen("/proc/self/oom_score_adj", "w")) {
        std::fputs("1000", file);
        std::fclose(file);
    }
}

int answerStdio(const Arguments& arguments, device::EngineFactory makeEngine)
{
    if (arguments.serve)
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    limitMemory(arguments.memoryLimit);
    if (arguments.memoryLimit > 0)
        goFirstWhenMemoryIsShort();
    device::ModelSession session({ arguments.threads }, std::move(makeEngine));
    return device::serveStdio(session, STDIN_FILENO, STDOUT_FILENO, { arguments.serve });
}

int runService(Arguments& arguments)
{
    if (arguments.json && (arguments.stdio || arguments.run.resultsToStdout))
        return report(base::usage("--json, --stdio and --results-to-stdout all write to standard output: give one of them."));
    if (arguments.stdio && arguments.run.resultsToStdout)
        return report(base::usage("--stdio and --results-to-stdout both write to standard output: give one of them."));
    if (!arguments.http.empty()) {
        const auto address = transport::parseHttpAddress(arguments.http);
        if (address.hasError())
            return report(address.error());
        arguments.run.http = address.value();
    }
    arguments.run.version = PERCEPT_VERSION;
    arguments.run.program = "/proc/self/exe";
    arguments.run.stdio = arguments.stdio;
    arguments.run.threads = arguments.threads;
    const auto summary = device::runEdge(arguments.run);
    if (summary.hasError())
        return report(summary.error());
    if (arguments.json)
        fmt::print("{}\n", summary.value().dump());
    return 0;
}

void declareFleet(CLI::App& run, device::FleetOptions& fleet)
{
    run.add_option("--mqtt", fleet.broker, "Broker of the fleet, mqtts://HOST:PORT; an enrolled device knows its own. Name and password before an @, "
                                           "or the password in PERCEPT_MQTT_PASSWORD");
    run.add_option("--device", fleet.device, "Its name at that broker");
    run.add_option("--packages", fleet.packages, "https://HOST:PORT to fetch packages from; an enrolled device knows its own");
    run.add_flag("--collect", fleet.collects, "Let pictures go home by the rules of the fleet, for people to label");
    run.add_option("--authority", fleet.authority, "Certificate of who has certified these two; else the system's authorities");
}

void declareEnrol(CLI::App& enrol, device::EnrolOptions& options)
{
    enrol.add_option("LINE", options.line, "The line that `percept fleet enroll` prints; or a token, with --hub")->required();
    enrol.add_option("--state", options.state, "Folder that percept-edge is to work with")->required();
    enrol.add_option("--hub", options.hub, "https://HOST:PORT of the hub, where only a token is given");
    enrol.add_option("--device", options.device, "Name of this device, where the token was made for no name");
    enrol.add_option("--authority", options.authority, "With --hub: the certificate of the fleet's authority");
    enrol.add_option("--broker-user", options.brokerUser, "Where the broker is not the hub's own and knows this device by a name of its own: that name");
    enrol.add_option("--broker-password-file", options.brokerPasswordFile, "A file with the password to it in its first line");
    enrol.add_flag("--replace", options.replaces, "Leave the fleet that this folder is in");
}

void declareRun(CLI::App& run, Arguments& arguments)
{
    run.add_option("--state", arguments.run.state, "Folder for what must outlive a restart")->required();
    run.add_option("--package", arguments.run.package,
        "Package to begin with. One that was given before does not replace what it was updated to");
    run.add_option("--trust", arguments.run.trusted,
        "Public key; updates must be signed by it from now on, and be no older release. May be given again");
    run.add_option("--source", arguments.run.sources,
        "folder:PATH (goes on watching), a picture, or a video (played at its own pace); may be given again");
    run.add_flag("--loop", arguments.run.loops, "Videos begin again at their end, until stopped; else they are over then");
    run.add_option("--http", arguments.http, "HOST:PORT on this machine to answer at, for example 127.0.0.1:8080");
    run.add_flag("--stdio", arguments.stdio, "Answer requests on standard input and output as well");
    run.add_flag("--results-to-stdout", arguments.run.resultsToStdout, "Answers for sources go there, not to results.jsonl and videos.jsonl");
    run.add_flag("--json", arguments.json, "At the end, a summary as JSON on standard output");
    declareFleet(run, arguments.run.fleet);
    run.add_option("--threads", arguments.threads, "Threads that compute; 0: as the engine thinks right")
        ->check(CLI::Range(0, 256));
    auto& gate = arguments.run.gate;
    run.add_option("--grace", arguments.run.graceSeconds, "Seconds for which an update can still be taken back by itself")
        ->capture_default_str()->check(CLI::Range(0.0, 86400.0));
    run.add_option("--live-pictures", gate.livePictures, "Pictures that an update must answer beside the running model")
        ->capture_default_str()->check(CLI::Range(0, 1000));
    run.add_option("--live-wait", gate.livePicturesSeconds, "Seconds to wait for these pictures")
        ->capture_default_str()->check(CLI::Range(0.0, 86400.0));
    run.add_option("--max-slowdown", gate.maxSlowdown, "An update may take this many times as long as the running model")
        ->capture_default_str()->check(CLI::Range(1.0, 1000.0));
    run.add_option("--check-timeout", gate.loadSeconds, "Seconds for an update to load, and to answer")
        ->capture_default_str()->check(CLI::Range(0.1, 3600.0));
}

CLI::App* declareAsking(CLI::App& app, Arguments& arguments, const char* name, const char* what)
{
    CLI::App* call = app.add_subcommand(name, what);
    call->add_option("--state", arguments.run.state, "The folder of a percept-edge that runs")->required();
    call->add_flag("--json", arguments.json, "As JSON on standard output");
    return call;
}

}

int runEdgeProgram(int argc, char** argv, device::EngineFactory makeEngine)
{
    base::setUpLogging("percept-edge");
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN); // a limit on file sizes is an error of the write, as a full disk is
    Arguments arguments;
    CLI::App app("Runs Percept models: at the desk for other programs, on a device as a service");
    app.add_flag("--stdio", arguments.stdio, "Answer requests, a JSON line each, on standard input and output");
    app.add_flag("--serve", arguments.serve)->group(""); // what a supervisor starts
    app.add_option("--memory-limit", arguments.memoryLimit)->group(""); // likewise, for a candidate
    app.add_option("--threads", arguments.threads, "Threads that compute; 0: as the engine thinks right")
        ->check(CLI::Range(0, 256));
    CLI::App* run = app.add_subcommand("run", "Serve one package until stopped");
    declareRun(*run, arguments);
    CLI::App* enrol = app.add_subcommand("enroll", "Join a fleet, with a token that works once");
    declareEnrol(*enrol, arguments.enrol);
    enrol->add_flag("--json", arguments.json, "As JSON on standard output");
    CLI::App* update = declareAsking(app, arguments, "update", "Check a package beside the running one and switch to it");
    update->add_option("--package", arguments.run.package, "The new package")->required();
    CLI::App* rollback = declareAsking(app, arguments, "rollback", "Go back to the version before");
    CLI::App* status = declareAsking(app, arguments, "status", "Show what really runs, how fast, and what was refused last");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    if (const auto problem = problemOfNumbers(app); !problem.empty())
        return report(base::usage(problem));
    if (run->parsed() && !arguments.serve)
        return runService(arguments);
    if (enrol->parsed())
        return enrolEdge(arguments.enrol, arguments.json);
    if (update->parsed())
        return updateEdge(arguments.run.state, arguments.run.package, arguments.json);
    if (rollback->parsed())
        return rollBackEdge(arguments.run.state, arguments.json);
    if (status->parsed())
        return showEdge(arguments.run.state, arguments.json);
    if (arguments.stdio || arguments.serve)
        return answerStdio(arguments, std::move(makeEngine));
    fmt::print(stderr, "{}", app.help());
    return 2;
}

}
