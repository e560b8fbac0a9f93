#pragma once

#include "app/cli/terminal.h"
#include "core/base/cancel.h"
#include "core/base/result.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace percept::cli {

// What a command has to say: a document for programs, text for people, and how it ended.
struct Outcome {
    nlohmann::json document;
    std::string text;
    int status = 0;
};

struct Context {
    Terminal& terminal;
    base::CancelToken cancel; // Ctrl+C
    base::ProgressFn progress() const
    {
        return [this](const base::Progress& p) { terminal.showProgress(p); };
    }
};

// What a command that failed prints with --json.
nlohmann::json errorDocument(const base::Error& error);

// The parser fills in arguments and chooses the action; main() runs it.
using Action = std::function<base::Result<Outcome>(Context&)>;

void addProjectCommands(CLI::App& app, Action& chosen);
void addDataCommands(CLI::App& app, Action& chosen);
void addDecodeCommand(CLI::App& app, Action& chosen);
void addRunCommands(CLI::App& app, Action& chosen);
void addModelCommands(CLI::App& app, Action& chosen);
void addReportCommand(CLI::App& app, Action& chosen);
void addFleetCommands(CLI::App& app, Action& chosen);
void addFleetServe(CLI::App& fleet, Action& chosen); // one of them
void addFieldCommands(CLI::App& app, Action& chosen);
void addMonitorCommand(CLI::App& app, Action& chosen);

}
