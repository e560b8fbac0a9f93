#pragma once

#include "core/fleet/hub_core.h"

#include <nlohmann/json.hpp>

// What the routes of studio and command line share.
namespace percept::fleet {

// The document, or {"error","code"} with the HTTP status that fits.
transport::HttpResponse responseOf(const base::Result<nlohmann::json>& answer);

// Only for who has the token of hub.json.
transport::HttpServer::Handler guarded(HubCore& core, std::function<base::Result<nlohmann::json>(const transport::HttpRequest&)> work);

}
