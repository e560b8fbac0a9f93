#pragma once

#include "core/base/cancel.h"
#include "core/fleet/hub_client.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// The hub of this user as studio and command line start it. All calls block.
namespace percept::services {

// Names and addresses by which other machines reach this one, best first: "192.168.1.5", "desk.local". Without loopback.
std::vector<std::string> addressesOfThisComputer();

// The hub of the folder: the one that runs, else a new one, `percept fleet serve`, that goes on when this program ends. It
// serves those other machines that openHub() was told of. Failed with the last words of a hub that does not start.
base::Result<fleet::HubClient> ensureHub(const std::filesystem::path& folder, const base::CancelToken& cancel = {});
// Whether there ever was a hub in the folder, running or not.
bool knowsFleet(const std::filesystem::path& folder);
// From now on the hub can be reached from other machines under these names; starts it anew when it runs. Devices on this machine come
// back by themselves.
base::Result<fleet::HubClient> openHub(const std::filesystem::path& folder, const std::vector<std::string>& hosts, const base::CancelToken& cancel = {});
// Ends the hub that runs; nothing when none does.
base::Result<void> stopHub(const std::filesystem::path& folder);

}
