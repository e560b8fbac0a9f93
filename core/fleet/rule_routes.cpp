#include "core/fleet/api_route.h"
#include "core/protocol/json_fields.h"

#include <algorithm>

namespace percept::fleet {

using nlohmann::json;

namespace {

// What operators may change of a desired state by hand; packages come by roll-outs.
constexpr const char* kMembers[] { "sampling", "windowSeconds", "liveFrames" };

base::Result<void> checkRules(const json& rules)
{
    for (const auto& [name, value] : rules.items())
        if (std::find(std::begin(kMembers), std::end(kMembers), name) == std::end(kMembers))
            return base::usage("\"" + name + "\" is no rule: use sampling, windowSeconds or liveFrames.");
    return {};
}

json rulesOf(const std::string& device, const protocol::DesiredState& state)
{
    const auto& s = state.sampling;
    return { { "device", device }, { "window_seconds", state.windowSeconds }, { "live_frames", state.liveFrames }, { "random_share", s.randomShare },
        { "below_score", s.belowScore }, { "event_edges", s.eventEdges }, { "per_day", s.perDay } };
}

base::Result<json> changeRules(HubCore& core, const transport::HttpRequest& request)
{
    PERCEPT_ASSIGN(object, protocol::parseJson({ reinterpret_cast<const char*>(request.body.data()), request.body.size() }, "The request", 65536, 8));
    protocol::JsonFields fields(object, "The request");
    const std::string only = fields.text("device");
    const json* rules = fields.object("rules");
    if (fields.hasFault() || !rules)
        return base::usage(fields.hasFault() ? fields.fault().message : "The request: the field \"rules\" is missing.");
    PERCEPT_TRY(checkRules(*rules));
    PERCEPT_ASSIGN(devices, core.store.readAllDevices());
    json list = json::array();
    for (const auto& device : devices) {
        if (!only.empty() && device.name != only)
            continue;
        auto state = rules->empty() ? base::Result<protocol::DesiredState>(device.desired) : core.store.changeDesired(device.name, *rules);
        if (state.hasError()) // the first one already: they are all changed in the same way
            return base::usage(state.error().message);
        list.push_back(rulesOf(device.name, state.value()));
        if (!rules->empty())
            core.desiredChanged(device.name);
    }
    if (list.empty() && !only.empty())
        return base::notFound("There is no device \"" + only + "\" in this fleet.");
    return json { { "devices", std::move(list) } };
}

}

void addRuleRoutes(transport::HttpServer& server, HubCore& core)
{
    server.post("/api/rules", guarded(core, [&core](const transport::HttpRequest& request) { return changeRules(core, request); }));
}

}
