#pragma once

#include "core/protocol/trainer_messages.h"
#include "core/training/reporter.h"

#include <filesystem>
#include <string>

namespace percept::training {

struct TrainerOptions {
    std::filesystem::path runFolder;
    std::string version; // of the program, for hello
};

// Settings of malloc and of denormal numbers for the whole process. Call first of all, on the thread that will train: threads
// made afterwards inherit them.
void prepareProcess();

// Trains the run to its end, from its last checkpoint if it has one, and reports as core/protocol/trainer_messages.h says:
// hello first, exactly one finished last. Never throws.
protocol::TrainerExit runTrainer(const TrainerOptions& options, Reporter& reporter, Control& control);

// Heartbeat interval that the run asks for; 2 s when its configuration cannot be read.
double heartbeatSeconds(const std::filesystem::path& runFolder);

}
