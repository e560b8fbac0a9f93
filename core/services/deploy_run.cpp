#include "core/services/deploy_run.h"

#include "core/fleet/own_packages.h"
#include "core/services/local_fleet.h"
#include "core/services/rollout_caution.h"
#include "core/services/speed_forecast.h"
#include "core/services/this_computer.h"

#include <algorithm>

namespace percept::services {

base::Result<RunDeployed> deployRun(ProjectSession& session, const std::string& run, const std::filesystem::path& fleetFolder,
    const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    const auto tell = [&](const char* what) {
        if (progress)
            progress({ 0, 0, what });
    };
    PERCEPT_ASSIGN(package, packageRun(session, run, {}, progress, cancel));
    RunDeployed deployed { package.version, package.file };
    tell("Starting the hub");
    PERCEPT_ASSIGN(hub, ensureHub(fleetFolder, cancel));
    PERCEPT_ASSIGN(state, hub.readState());
    PERCEPT_ASSIGN(reader, session.openReader());
    fleet::OwnPackages own(fleetFolder);
    PERCEPT_TRY(own.read(*reader));
    if (const auto running = fleet::runningModel(state, own.test()); running && running->version != package.version) {
        const auto compared = compareBeforeRollout(session.folder(), package.version, running->version, progress, cancel);
        deployed.caution = compared.hasValue() ? compared->words : std::string(); // one that cannot be made holds nothing up
    }
    for (const auto& words : { otherModelWords(state, fleetFolder, own.test()), forecastRollout(package.file, state, fleetFolder, own.test()).words })
        if (!words.empty())
            deployed.caution += (deployed.caution.empty() ? "" : " ") + words;
    const bool hasTester = std::any_of(state.devices.begin(), state.devices.end(), [](const auto& device) { return device.ring == "test"; });
    if (!hasTester) {
        tell("Making this computer the test device");
        PERCEPT_TRY(startThisComputer(hub, fleetFolder, cancel));
        deployed.startedThisComputer = true;
    }
    if (cancel.isCancelled())
        return base::cancelled();
    tell("Rolling out to the test ring");
    PERCEPT_ASSIGN(told, hub.deploy(package.file));
    deployed.devices = static_cast<std::int64_t>(told.devices);
    return deployed;
}

}
