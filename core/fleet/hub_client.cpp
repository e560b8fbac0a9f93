#include "core/fleet/hub_client.h"

#include "core/base/time.h"
#include "core/protocol/json_fields.h"

#include <climits>
#include <algorithm>
#include <limits>

namespace percept::fleet {

namespace fs = std::filesystem;
using nlohmann::json;
using protocol::JsonFields;

namespace {

constexpr std::int64_t kMostMs = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kMostEntries = 1'000'000;

base::ErrorCode codeFromName(const std::string& name)
{
    if (name == "usage")
        return base::ErrorCode::Usage;
    if (name == "refused")
        return base::ErrorCode::Refused;
    if (name == "not-found")
        return base::ErrorCode::NotFound;
    return name == "conflict" ? base::ErrorCode::Conflict : base::ErrorCode::Failed;
}

base::Error senseless(const fs::path& folder, const std::string& why)
{
    return base::failed("The hub of " + folder.string() + " gave an answer that this program does not understand. Are both of the same version? "
                                                          "Stop the hub and start it again.",
        why);
}

std::int64_t timeOf(JsonFields& fields, const char* name) { return fields.integer(name, 0, kMostMs, 0); }

std::optional<NamedModel> modelOf(JsonFields& fields, const char* name)
{
    if (!fields.has(name))
        return std::nullopt;
    const json* object = fields.object(name);
    if (!object)
        return std::nullopt;
    JsonFields model(*object, name);
    return NamedModel { model.text("name"), model.text("version"), model.text("sha256") };
}

DeviceState deviceOf(const json& object)
{
    JsonFields fields(object, "A device");
    DeviceState device;
    device.name = fields.text("device");
    device.ring = fields.text("ring");
    device.online = fields.boolean("online", false);
    device.enrolledMs = timeOf(fields, "enrolled_ms");
    device.seenMs = timeOf(fields, "seen_ms");
    device.running = modelOf(fields, "running");
    device.wanted = modelOf(fields, "desired");
    if (fields.has("refusal"))
        if (const json* refusal = fields.object("refusal")) {
            JsonFields why(*refusal, "A refusal");
            device.refused = DeviceState::Refused { why.text("sha256"), why.text("kind"), why.text("message") };
        }
    device.program = fields.text("program");
    device.activity = fields.text("activity");
    device.framesPerSecond = fields.number("fps", 0, 1e9, 0);
    device.latencyMs = fields.number("latency_ms", 0, 1e9, 0);
    device.outbox = fields.integer("outbox", 0, kMostMs, 0);
    return device;
}

Rollout rolloutOf(const json& object)
{
    JsonFields fields(object, "A roll-out");
    Rollout rollout;
    rollout.id = fields.integer("id", 0, kMostMs, 0);
    rollout.ring = fields.text("ring");
    rollout.state = fields.text("state");
    rollout.note = fields.text("note");
    rollout.previous = fields.text("previous");
    rollout.startedMs = timeOf(fields, "started_ms");
    rollout.changedMs = timeOf(fields, "changed_ms");
    if (const json* package = fields.object("package")) {
        JsonFields p(*package, "A package");
        rollout.package = { p.text("sha256"), p.integer("bytes", 0, kMostMs, 0), p.text("name"), p.text("version"),
            p.integer("release_counter", -1, kMostMs, 0), {} };
    }
    return rollout;
}

Alert alertOf(const json& object)
{
    JsonFields fields(object, "An alert");
    return { fields.integer("id", 0, kMostMs, 0), fields.text("device"), fields.text("kind"), fields.text("text"), timeOf(fields, "since_ms"),
        timeOf(fields, "ended_ms") };
}

template <typename Read>
auto listOf(const json& document, const char* name, Read read) -> std::vector<decltype(read(document))>
{
    std::vector<decltype(read(document))> entries;
    JsonFields fields(document, "The answer of the hub");
    if (const json* array = fields.array(name, kMostEntries))
        for (const json& entry : *array)
            entries.push_back(read(entry));
    return entries;
}

}

HubClient::HubClient(fs::path folder, const HubAddress& address, double readSeconds)
    : m_folder(std::move(folder))
    , m_http(address.server, [&] {
        transport::HttpClient::Options options;
        options.bearerToken = address.token;
        options.readSeconds = readSeconds;
        return options;
    }())
{
}

base::Result<HubClient> HubClient::find(const fs::path& folder, double readSeconds)
{
    PERCEPT_ASSIGN(address, readHubAddress(folder));
    return HubClient(folder, address, readSeconds);
}

namespace {

base::Result<json> documentOf(const base::Result<transport::HttpAnswer>& answer, const fs::path& folder)
{
    if (answer.hasError())
        return base::failed("The hub of " + folder.string() + " does not answer. Start it with `percept fleet serve`.", answer.error().message);
    const json document = json::parse(answer->body, nullptr, /*allow_exceptions=*/false);
    if (!document.is_object())
        return senseless(folder, answer->body.substr(0, 200));
    if (answer->status == 200)
        return document;
    JsonFields fields(document, "The answer of the hub");
    const std::string why = fields.text("error", "The hub refused without saying why.");
    return base::Error { codeFromName(fields.text("code")), why, {} };
}

}

base::Result<json> HubClient::get(const char* path) const { return documentOf(m_http.get(path), m_folder); }

base::Result<json> HubClient::post(const char* path, const json& body) const
{
    return documentOf(m_http.post(path, protocol::dumpLine(body)), m_folder);
}

base::Result<FleetState> HubClient::readState() const
{
    PERCEPT_ASSIGN(devices, get("/api/devices"));
    PERCEPT_ASSIGN(status, get("/api/status"));
    FleetState state;
    state.devices = listOf(devices, "devices", deviceOf);
    state.rollouts = listOf(status, "rollouts", rolloutOf);
    state.alerts = listOf(status, "alerts", alertOf);
    JsonFields fields(status, "The answer of the hub");
    state.promoteAfterMinutes = static_cast<int>(fields.integer("promote_after_minutes", 0, INT_MAX, 0));
    if (const json* broker = fields.object("broker")) {
        JsonFields b(*broker, "The broker");
        state.brokerConnected = b.boolean("connected", false);
        state.servesOutside = b.integer("outside_port", 0, 65535, 0) != 0;
        state.othersBroker = b.text("url");
        state.brokerProblem = b.text("problem");
    }
    state.readMs = base::nowMs();
    return state;
}

base::Result<Grant> HubClient::enroll(const std::string& device, const std::string& ring, int hours) const
{
    PERCEPT_ASSIGN(document, post("/api/enroll", { { "device", device }, { "ring", ring }, { "hours", hours } }));
    JsonFields fields(document, "The answer of the hub");
    Grant grant { fields.requiredText("token"), fields.text("device"), fields.text("ring"), timeOf(fields, "expires_ms"), fields.requiredText("hub"),
        fields.text("outside_hub"), fields.text("authority"),
        fields.text("broker_user").empty() ? fields.text("broker") : std::string(), fields.text("line") };
    if (fields.hasFault())
        return senseless(m_folder, fields.fault().message);
    return grant;
}

base::Result<void> HubClient::remove(const std::string& device) const
{
    PERCEPT_TRY(post("/api/remove", { { "device", device } }));
    return {};
}

base::Result<std::string> HubClient::moveToRing(const std::string& device, const std::string& ring) const
{
    PERCEPT_ASSIGN(document, post("/api/ring", { { "device", device }, { "ring", ring } }));
    return JsonFields(document, "The answer of the hub").text("note");
}

base::Result<RolloutTold> HubClient::change(const char* path, json body, const SeenRollout& seen) const
{
    if (seen.id != 0)
        body["rollout"] = seen.id;
    if (!seen.ring.empty())
        body["ring"] = seen.ring;
    PERCEPT_ASSIGN(document, post(path, body));
    JsonFields fields(document, "The answer of the hub");
    const json* rollout = fields.object("rollout");
    const json* devices = fields.array("devices", kMostEntries);
    if (!rollout || !devices)
        return senseless(m_folder, path);
    return RolloutTold { rolloutOf(*rollout), devices->size() };
}

base::Result<RolloutTold> HubClient::deploy(const fs::path& package, int promoteAfterMinutes, std::int64_t replaces) const
{
    std::error_code error;
    json body { { "file", fs::absolute(package, error).string() }, { "promote_after_minutes", promoteAfterMinutes } };
    if (replaces != 0)
        body["replaces"] = replaces;
    return change("/api/deploy", std::move(body));
}

base::Result<void> HubClient::markSample(const std::string& id, SampleState state) const
{
    PERCEPT_TRY(post("/api/samples", { { "id", id }, { "state", nameOf(state) } }));
    return {};
}

base::Result<RolloutTold> HubClient::promote(const SeenRollout& seen) const { return change("/api/promote", json::object(), seen); }
base::Result<RolloutTold> HubClient::promoteAfter(int minutes, const SeenRollout& seen) const
{
    return change("/api/promotion", { { "promote_after_minutes", minutes } }, seen);
}
base::Result<RolloutTold> HubClient::stop(const std::string& why, const SeenRollout& seen) const { return change("/api/stop", { { "why", why } }, seen); }
base::Result<RolloutTold> HubClient::rollBack(const std::string& why, const SeenRollout& seen) const
{
    return change("/api/rollback", { { "why", why } }, seen);
}

}
