#pragma once

#include "core/fleet/others_broker.h"

#include <filesystem>
#include <string>
#include <vector>

namespace percept::fleet {

// How the hub of a folder is to run: FOLDER/serve.json. Devices remember where hub and broker are, so whoever starts a hub without being
// told how (the studio, training that deploys) starts it like this.
struct ServeSettings {
    std::vector<std::string> hosts; // by which other machines reach it; empty: they do not
    int brokerPort = 8883, packagePort = 8884;
    OthersBrokerOptions broker; // names of files, never what is in them
    bool operator==(const ServeSettings&) const = default;
};

ServeSettings readServeSettings(const std::filesystem::path& folder); // defaults where nothing was chosen
base::Result<void> writeServeSettings(const std::filesystem::path& folder, const ServeSettings& settings);

// A hub runs with these (hosts, ports, broker) because somebody said so on its command line. Without a broker of somebody else's that
// is all that is changed: that it now has its own.
base::Result<void> keepServeSettings(const std::filesystem::path& folder, ServeSettings settings);

// Options of `percept fleet serve`.
std::vector<std::string> serveArguments(const ServeSettings& settings);

}
