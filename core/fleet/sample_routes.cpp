#include "core/fleet/api_route.h"
#include "core/protocol/json_fields.h"

#include <charconv>

namespace percept::fleet {

using nlohmann::json;

namespace {

json toJson(const StoredSample& sample)
{
    const json& body = sample.description;
    json document { { "id", sample.id }, { "device", sample.device }, { "received_ms", sample.receivedMs }, { "file", sample.picture.string() },
        { "state", nameOf(sample.state) } };
    const auto copy = [&](const char* from, const char* to) { document[to] = body.is_object() && body.contains(from) ? body[from] : json(); };
    copy("timeMs", "time_ms");
    copy("reason", "reason");
    copy("package", "package");
    copy("packageVersion", "version");
    copy("width", "width");
    copy("height", "height");
    copy("predictions", "predictions");
    return document;
}

base::Result<SampleState> stateOf(const std::string& name)
{
    for (const auto state : { SampleState::Waiting, SampleState::Taken, SampleState::Ignored })
        if (name == nameOf(state))
            return state;
    return base::usage("\"state\" must be waiting, taken or ignored.");
}

base::Result<json> describeSamples(HubCore& core, const transport::HttpRequest& request)
{
    const auto value = [&](const char* name) {
        const auto found = request.query.find(name);
        return found == request.query.end() ? std::string() : found->second;
    };
    SampleQuery query;
    query.device = value("device");
    if (value("waiting") == "1")
        query.states = SampleQuery::bit(SampleState::Waiting);
    if (const std::string package = value("package"); !package.empty())
        query.package = package;
    if (const std::string name = value("state"); !name.empty()) {
        PERCEPT_ASSIGN(state, stateOf(name));
        query.states = SampleQuery::bit(state);
    }
    for (const auto& [name, number] : { std::pair("most", &query.most), std::pair("skip", &query.skip) })
        if (const std::string text = value(name); !text.empty())
            if (std::from_chars(text.data(), text.data() + text.size(), *number).ec != std::errc())
                return base::usage(std::string("\"") + name + "\" must be a number.");
    PERCEPT_ASSIGN(samples, core.store.readSamples(query));
    json list = json::array();
    for (const auto& sample : samples.newest)
        list.push_back(toJson(sample));
    return json { { "samples", std::move(list) }, { "total", samples.total } };
}

// {"id", "state": "waiting" | "taken" | "ignored"}
base::Result<json> markSample(HubCore& core, const transport::HttpRequest& request)
{
    PERCEPT_ASSIGN(object, protocol::parseJson({ reinterpret_cast<const char*>(request.body.data()), request.body.size() }, "The request", 65536, 4));
    protocol::JsonFields fields(object, "The request");
    const std::string id = fields.requiredText("id"), wanted = fields.requiredText("state");
    if (fields.hasFault())
        return base::usage(fields.fault().message);
    PERCEPT_ASSIGN(state, stateOf(wanted));
    PERCEPT_TRY(core.store.markSample(id, state));
    return json { { "id", id }, { "state", wanted } };
}

}

void addSampleRoutes(transport::HttpServer& server, HubCore& core)
{
    server.get("/api/samples", guarded(core, [&core](const transport::HttpRequest& request) { return describeSamples(core, request); }));
    server.post("/api/samples", guarded(core, [&core](const transport::HttpRequest& request) { return markSample(core, request); }));
}

}
