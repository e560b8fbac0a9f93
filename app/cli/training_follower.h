#pragma once

#include "app/cli/command.h"
#include "core/runs/process.h"

#include <chrono>
#include <filesystem>

namespace percept::cli {

// Starts percept-trainer on a prepared (or broken off) run and tells the terminal how it goes until it has ended.
// The first Ctrl+C stops the training and keeps what it has; the second leaves it to be continued later.
struct Followed { std::string status, message; bool interrupted = false; };
base::Result<Followed> followTraining(Context& context, const std::filesystem::path& runFolder);

// Starts percept-trainer so that it goes on when we have gone; returns when it has said hello. Ctrl+C, or no hello within
// `patience`: the trainer is ended and the run can be resumed.
base::Result<void> startDetached(Context& context, const std::filesystem::path& runFolder, std::chrono::milliseconds patience = std::chrono::seconds(60));

}
