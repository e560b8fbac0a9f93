#pragma once

#include "core/base/cancel.h"
#include "core/services/loop.h"

#include <filesystem>
#include <string>

namespace percept::services {

// From a finished run to the test ring in one call.
struct RunDeployed {
    std::string version;            // that the run was packaged as
    std::filesystem::path file;     // its package
    std::int64_t devices = 0;       // of the test ring that were told
    std::string caution {};         // in words, where it scores lower than what runs; it is rolled out all the same
    bool startedThisComputer = false; // the ring was empty: this computer became its device
};
// Packages the run (nothing new when it was packaged unchanged), starts the hub of the folder when none runs, makes this computer
// the test device when the test ring has none, and begins the roll-out. Refused: a gate of the package, or another roll-out that is
// under way. Blocks; every step before one that fails stays done and can be done again.
base::Result<RunDeployed> deployRun(ProjectSession& session, const std::string& run, const std::filesystem::path& fleetFolder,
    const base::ProgressFn& progress, const base::CancelToken& cancel);

}
