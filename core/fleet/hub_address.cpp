#include "core/fleet/hub_address.h"

#include "core/base/files.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace percept::fleet {

namespace fs = std::filesystem;

namespace {

constexpr const char* kAddressFile = "hub.json";

}

fs::path defaultFleetFolder()
{
    if (const char* own = std::getenv("PERCEPT_FLEET_DIR"); own && *own)
        return own;
    if (const char* data = std::getenv("XDG_DATA_HOME"); data && *data)
        return fs::path(data) / "percept" / "fleet";
    const char* home = std::getenv("HOME");
    return fs::path(home ? home : ".") / ".local/share/percept/fleet";
}

base::Result<void> writeHubAddress(const fs::path& folder, const HubAddress& address)
{
    const nlohmann::json json { { "server", address.server }, { "token", address.token }, { "pid", address.processId } };
    return base::atomicWrite(folder / kAddressFile, std::string_view(json.dump() + "\n"));
}

void removeHubAddress(const fs::path& folder)
{
    std::error_code ignored;
    fs::remove(folder / kAddressFile, ignored);
}

base::Result<HubAddress> readHubAddress(const fs::path& folder)
{
    const base::Error none = base::notFound("No hub is running in " + folder.string() + ". Start it with `percept fleet serve`.");
    std::error_code error;
    if (!fs::exists(folder / kAddressFile, error))
        return none;
    PERCEPT_ASSIGN(text, base::readTextFile(folder / kAddressFile, 65536));
    const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || !json.contains("server") || !json["server"].is_string() || !json.contains("token") || !json["token"].is_string())
        return none;
    return HubAddress { json["server"], json["token"], json.value("pid", 0) };
}

}
