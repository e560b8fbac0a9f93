// percept: every step of the loop without a window (DESIGN 12). Keys and exit statuses: resources/help/command-line.md.
#include "app/cli/command.h"
#include "app/cli/interrupt.h"
#include "app/number_options.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/printable.h"

#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>

namespace percept::cli {

namespace {

// The one place that writes to stdout. False: it could not be written (the disk behind it is full, the reader left).
bool print(const std::string& text)
{
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

bool printDocument(const nlohmann::json& document)
{
    return print(document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

int fail(const base::Error& error, bool json)
{
    std::fprintf(stderr, "percept: %s\n", base::printable(error.message).c_str());
    if (!error.detail.empty())
        spdlog::info("{}", error.detail);
    if (json)
        printDocument(errorDocument(error));
    return base::exitStatus(error.code);
}

int show(const Outcome& outcome, bool json)
{
    const bool written = json ? printDocument(outcome.document) : print(outcome.text.empty() ? "" : base::printable(outcome.text) + "\n");
    if (!written)
        return fail(base::failed("The result could not be written to stdout."), false);
    return outcome.status;
}

// --json counts wherever it stands, also in a line that cannot be parsed.
bool wantsJson(int argc, char** argv)
{
    for (int i = 1; i < argc; ++i)
        if (std::string_view(argv[i]) == "--json")
            return true;
    return false;
}

// The word that stands where the name of a command was to be, after `words` such names; empty: there is none.
std::string wordAfter(std::size_t words, int argc, char** argv)
{
    for (int i = 1; i < argc; ++i)
        if (argv[i][0] == '-' && words > 0)
            return {}; // an option, and what follows may be its value
        else if (argv[i][0] != '-' && words-- == 0)
            return argv[i];
    return {};
}

// The help that it points to is that of the innermost command: `percept fleet deploy --help`.
base::Error usageError(const CLI::App& app, const CLI::ParseError& e, int argc, char** argv)
{
    std::string call = "percept", name;
    std::size_t depth = 0;
    const CLI::App* innermost = &app;
    for (; !innermost->get_subcommands().empty(); ++depth) {
        innermost = innermost->get_subcommands().front();
        call += " " + innermost->get_name();
        name += innermost->get_name() + " ";
    }
    const bool wantsCommand = !innermost->get_subcommands(nullptr).empty();
    if (const std::string word = wantsCommand ? wordAfter(depth, argc, argv) : ""; !word.empty())
        return base::usage("This version has no command '" + name + word + "'. `" + call + " --help` lists what there is.");
    if (wantsCommand && depth > 0)
        return base::usage("`" + call + "` is more than one command: say which. `" + call + " --help` lists them.");
    return base::usage(std::string(e.what()) + ". See `" + call + " --help`.");
}

// An option without a value is a variable of a script that was not set: taken as no option it would weaken what was asked.
base::Result<void> refuseEmptyValues(const CLI::App& command)
{
    for (const CLI::Option* option : command.get_options())
        if (option->get_items_expected_max() == 1 && option->count() > 0 && option->results().front().empty())
            return base::usage(option->get_name() + " was given an empty value.");
    for (const CLI::App* below : command.get_subcommands())
        PERCEPT_TRY(refuseEmptyValues(*below));
    return {};
}

// Names that the file system itself refuses reach here as exceptions.
base::Result<Outcome> act(const Action& action, Context& context)
{
    try {
        return action(context);
    } catch (const std::filesystem::filesystem_error& e) {
        return base::failed(e.path1().string() + " cannot be used: " + base::describeErrno(e.code().value()) + ".", e.what());
    } catch (const std::bad_alloc&) {
        return base::failed("There is not enough memory for this.");
    } catch (const std::exception& e) {
        return base::failed(std::string("Something went wrong that should not: ") + e.what());
    }
}

int run(int argc, char** argv)
{
    base::setUpLogging("percept");
    std::signal(SIGXFSZ, SIG_IGN); // a limit on file sizes is an error of the write, as a full disk is
    CLI::App app { "Percept: from pictures with boxes to a validated, packaged model.", "percept" };
    app.require_subcommand(1);
    app.fallthrough();
    app.option_defaults()->always_capture_default();
    bool json = false;
    app.add_flag("--json", json, "Exactly one JSON document on stdout");
    app.set_version_flag("--version", std::string("percept ") + PERCEPT_VERSION);
    Action action;
    addProjectCommands(app, action);
    addDataCommands(app, action);
    addDecodeCommand(app, action);
    addRunCommands(app, action);
    addModelCommands(app, action);
    addReportCommand(app, action);
    addFleetCommands(app, action);
    addFieldCommands(app, action);
    addMonitorCommand(app, action);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() == 0)
            return app.exit(e); // --help, --version
        return fail(usageError(app, e, argc, argv), wantsJson(argc, argv));
    }
    if (const auto checked = refuseEmptyValues(app); checked.hasError())
        return fail(checked.error(), json);
    if (const auto problem = problemOfNumbers(app); !problem.empty())
        return fail(base::usage(problem), json);
    Terminal terminal;
    Context context { terminal, {} };
    catchInterrupts(context.cancel);
    const auto outcome = act(action, context);
    terminal.clear();
    return outcome.hasError() ? fail(outcome.error(), json) : show(outcome.value(), json);
}

}

}

int main(int argc, char** argv)
{
    try {
        return percept::cli::run(argc, argv);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "percept: something went wrong that should not: %s\n", e.what());
        return 1;
    }
}
