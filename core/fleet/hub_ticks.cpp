#include "core/base/time.h"
#include "core/fleet/fleet_backups.h"
#include "core/fleet/fleet_database.h"
#include "core/fleet/hub_state.h"
#include "core/fleet/rollout_watch.h"

#include <fmt/format.h>
#include <cerrno>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

namespace percept::fleet {

// A hub whose folder was deleted would take in what devices say and keep it nowhere, for ever.
bool Hub::State::isMemoryGone() const
{
    struct stat file {};
    if (::stat((options.folder / kFleetDatabaseName).c_str(), &file) != 0)
        return errno == ENOENT || errno == ENOTDIR; // of what cannot be looked at just now nothing is known
    return memory != std::pair<dev_t, ino_t>(file.st_dev, file.st_ino);
}

void Hub::State::lookAfterBroker()
{
    if (!broker)
        return;
    if (!broker->isRunning()) {
        spdlog::warn("The broker ended and is started again.");
        if (const auto started = broker->start(); started.hasError())
            spdlog::error("{}", started.error().message);
    }
    broker->reloadOnceMore();
}

void Hub::State::tick()
{
    if (isMemoryGone()) {
        spdlog::error("The folder of the hub, {}, was deleted or has become another one's. The hub ends; start one again with `percept fleet serve`.", options.folder.string());
        hasEnded = true;
        return;
    }
    lookAfterBroker();
    watchSilence();
    forgetSeenPictures();
    backUp();
    const std::unique_lock lock(core->rollouts, std::try_to_lock); // somebody deploys: the next tick looks again
    if (!lock)
        return;
    if (const auto watched = stopRefusedRollout(*store); watched.hasError())
        spdlog::error("{}", watched.error().message);
    promoteWhatIsProven();
}

void Hub::State::promoteWhatIsProven()
{
    const auto proven = hasProvenItself(*store, base::nowMs());
    if (proven.hasError() || !*proven)
        return;
    const auto change = store->promoteRollout(base::nowMs());
    if (change.hasError()) {
        spdlog::error("{}", change.error().message);
        return;
    }
    spdlog::info("Version {} has run without trouble and goes to ring {}.", change->rollout.package.version, change->rollout.ring);
    for (const auto& device : change->devices)
        sendDesired(device);
}

// A few at a time, so that nobody waits for it.
void Hub::State::forgetSeenPictures()
{
    constexpr std::int64_t kAtOnce = 200;
    constexpr double kPauseSeconds = 6 * 3600;
    if (base::monotonicSeconds() < nextForgetting)
        return;
    const auto gone = store->forgetSeenSamples(base::nowMs(), kAtOnce);
    if (gone.hasError())
        spdlog::error("{}", gone.error().message);
    if (gone.hasError() || gone.value() < kAtOnce)
        nextForgetting = base::monotonicSeconds() + kPauseSeconds;
}

// Not at the start, which has other things to do; a minute later and then each hour.
void Hub::State::backUp()
{
    constexpr double kFirstSeconds = 60, kPauseSeconds = 600;
    const double now = base::monotonicSeconds();
    const bool isFirst = nextBackup == 0;
    if (now < nextBackup)
        return;
    nextBackup = now + (isFirst ? kFirstSeconds : kPauseSeconds);
    if (isFirst)
        return;
    if (const auto written = backUpFleet(options.folder, base::nowMs()); written.hasError())
        spdlog::error("The fleet could not be backed up. {}", written.error().message);
}

void Hub::State::watchSilence()
{
    const auto devices = store->readAllDevices();
    if (devices.hasError())
        return;
    for (const auto& change : silence->check(devices.value(), base::monotonicSeconds())) {
        const std::int64_t since = base::nowMs() - static_cast<std::int64_t>(change.seconds * 1000);
        const auto done = change.isSilent
            ? store->raiseAlert(change.device, "silent", fmt::format("{} has not been heard of since {}.", change.device, base::isoUtc(since)), since)
            : store->endAlert(change.device, "silent", base::nowMs());
        if (done.hasError())
            spdlog::error("{}", done.error().message); // told again at the next tick
        else
            silence->confirm(change);
    }
}

}
