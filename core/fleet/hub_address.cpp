#include "core/fleet/hub_address.h"

#include "core/base/files.h"
#include "core/protocol/json_fields.h"

#include <cstdlib>
#include <limits>
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
    const auto json = protocol::parseJson(text, kAddressFile);
    if (json.hasError())
        return none;
    protocol::JsonFields fields(json.value(), kAddressFile);
    const HubAddress address { fields.requiredText("server"), fields.requiredText("token"),
        static_cast<int>(fields.integer("pid", 0, std::numeric_limits<int>::max(), 0)) };
    return fields.hasFault() ? base::Result<HubAddress>(none) : address;
}

}
