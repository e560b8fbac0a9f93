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

namespace {

using namespace percept;

struct Arguments {
    bool stdio = false, serve = false, json = false;
    int threads = 0;
    device::RunOptions run;
    std::string http;
};

// A model or picture that asks for endless memory ends as an error in this process, not as the end of others on the machine.
void limitMemory()
{
#if !defined(__SANITIZE_ADDRESS__)
    const rlimit memory { 16ull << 30, 16ull << 30 };
    ::setrlimit(RLIMIT_AS, &memory);
#endif
    const rlimit noCore { 0, 0 };
    ::setrlimit(RLIMIT_CORE, &noCore);
}

int answerStdio(const Arguments& arguments)
{
    if (arguments.serve)
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    limitMemory();
    device::ModelSession session({ arguments.threads });
    return device::serveStdio(session, STDIN_FILENO, STDOUT_FILENO, { arguments.serve });
}

int report(const base::Error& error)
{
    fmt::print(stderr, "percept-edge: {}\n", error.message);
    return base::exitStatus(error.code);
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

void declare(CLI::App& app, CLI::App& run, Arguments& arguments)
{
    app.add_flag("--stdio", arguments.stdio, "Answer requests, a JSON line each, on standard input and output");
    app.add_flag("--serve", arguments.serve)->group(""); // what a supervisor starts
    app.add_option("--threads", arguments.threads, "Threads that compute; 0: as the engine thinks right")
        ->check(CLI::Range(0, 256));
    run.add_option("--state", arguments.run.state, "Folder for what must outlive a restart")->required();
    run.add_option("--package", arguments.run.package, "Package to serve; default: the one in the state folder");
    run.add_option("--source", arguments.run.sources, "folder:PATH (goes on watching) or a picture; may be given again");
    run.add_option("--http", arguments.http, "HOST:PORT on this machine to answer at, for example 127.0.0.1:8080");
    run.add_flag("--stdio", arguments.stdio, "Answer requests on standard input and output as well");
    run.add_flag("--results-to-stdout", arguments.run.resultsToStdout, "Answers for sources go there, not to results.jsonl");
    run.add_flag("--json", arguments.json, "At the end, a summary as JSON on standard output");
    run.add_option("--threads", arguments.threads, "Threads that compute; 0: as the engine thinks right")
        ->check(CLI::Range(0, 256));
}

}

int main(int argc, char** argv)
{
    base::setUpLogging("percept-edge");
    ::signal(SIGPIPE, SIG_IGN);
    Arguments arguments;
    CLI::App app("Runs Percept models: at the desk for other programs, on a device as a service");
    CLI::App* run = app.add_subcommand("run", "Serve one package until stopped");
    declare(app, *run, arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    if (run->parsed() && !arguments.serve)
        return runService(arguments);
    if (arguments.stdio || arguments.serve)
        return answerStdio(arguments);
    fmt::print(stderr, "{}", app.help());
    return 2;
}
