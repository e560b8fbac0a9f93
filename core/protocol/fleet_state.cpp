#include "core/protocol/fleet_state.h"

#include "core/protocol/fleet_fields.h"
#include "core/protocol/fleet_topics.h"

namespace percept::protocol {

using nlohmann::json;

namespace {

constexpr std::int64_t kMaxPackageBytes = 1ll << 40;

json toJson(const DesiredPackage& package)
{
    return { { "sha256", package.sha256 }, { "bytes", package.bytes }, { "path", package.path }, { "name", package.name },
        { "version", package.version }, { "releaseCounter", package.releaseCounter } };
}

json toJson(const SamplingRules& rules)
{
    return { { "randomShare", rules.randomShare }, { "belowScore", rules.belowScore }, { "eventEdges", rules.eventEdges },
        { "perDay", rules.perDay } };
}

json toJson(const DesiredState& state)
{
    return { { "v", kFleetProtocolVersion }, { "version", state.version },
        { "package", state.package ? toJson(*state.package) : json() }, { "sampling", toJson(state.sampling) },
        { "windowSeconds", state.windowSeconds }, { "liveFrames", state.liveFrames } };
}

json toJson(const RunningModel& model)
{
    return { { "sha256", model.sha256 }, { "name", model.name }, { "version", model.version }, { "slot", model.slot },
        { "releaseCounter", model.releaseCounter } };
}

json toJson(const Refusal& refusal)
{
    return { { "desiredVersion", refusal.desiredVersion }, { "sha256", refusal.sha256 }, { "kind", refusal.kind },
        { "message", refusal.message }, { "timeMs", refusal.timeMs } };
}

// Faults inside a member become the fault of the whole message.
void passOn(const JsonFields& inner, JsonFields& outer, const char* name)
{
    if (inner.hasFault())
        outer.setFault(name, "is wrong. " + inner.fault().message);
}

std::optional<DesiredPackage> packageFrom(JsonFields& parent)
{
    const json* object = parent.object("package");
    if (!object)
        return std::nullopt;
    JsonFields fields(*object, "The desired package");
    DesiredPackage package;
    package.sha256 = requiredSha256(fields, "sha256");
    package.bytes = fields.requiredInteger("bytes", 1, kMaxPackageBytes);
    package.path = fields.requiredText("path", kMaxNameBytes);
    if (package.path != "/packages/" + package.sha256)
        fields.setFault("path", "is not that of a package");
    package.name = fields.requiredText("name", kMaxNameBytes);
    package.version = fields.requiredText("version", kMaxNameBytes);
    package.releaseCounter = fields.requiredInteger("releaseCounter", 0, kMostCount);
    passOn(fields, parent, "package");
    return package;
}

SamplingRules samplingFrom(JsonFields& parent)
{
    SamplingRules rules;
    const json* object = parent.object("sampling");
    if (!object)
        return rules;
    JsonFields fields(*object, "The rules for samples");
    rules.randomShare = fields.number("randomShare", 0, 1, rules.randomShare);
    rules.belowScore = fields.number("belowScore", 0, 1, rules.belowScore);
    rules.eventEdges = fields.boolean("eventEdges", rules.eventEdges);
    rules.perDay = static_cast<int>(fields.integer("perDay", 0, 1'000'000, rules.perDay));
    passOn(fields, parent, "sampling");
    return rules;
}

std::optional<RunningModel> runningFrom(JsonFields& parent)
{
    const json* object = parent.object("running");
    if (!object)
        return std::nullopt;
    JsonFields fields(*object, "The running model");
    RunningModel model;
    model.sha256 = requiredSha256(fields, "sha256");
    model.name = fields.requiredText("name", kMaxNameBytes);
    model.version = fields.requiredText("version", kMaxNameBytes);
    model.slot = requiredWord(fields, "slot", "a b");
    model.releaseCounter = fields.requiredInteger("releaseCounter", 0, kMostCount);
    passOn(fields, parent, "running");
    return model;
}

std::optional<Refusal> refusalFrom(JsonFields& parent)
{
    const json* object = parent.object("refusal");
    if (!object)
        return std::nullopt;
    JsonFields fields(*object, "The refusal");
    Refusal refusal;
    refusal.desiredVersion = fields.requiredInteger("desiredVersion", 0, kMostCount);
    refusal.sha256 = requiredSha256(fields, "sha256");
    refusal.kind = requiredWord(
        fields, "kind", "fetch unreadable untrusted older invalid load golden live hang crash slow unhealthy by-hand");
    refusal.message = fields.requiredText("message", kMaxSentenceBytes);
    refusal.timeMs = fields.integer("timeMs", INT64_MIN, INT64_MAX, 0);
    passOn(fields, parent, "refusal");
    return refusal;
}

base::Result<DesiredState> desiredFrom(const json& object)
{
    JsonFields fields(object, "The desired state");
    checkFleetVersion(fields);
    DesiredState state;
    state.version = fields.requiredInteger("version", 0, kMostCount);
    state.package = packageFrom(fields);
    state.sampling = samplingFrom(fields);
    state.windowSeconds = static_cast<int>(fields.integer("windowSeconds", 1, 86'400, state.windowSeconds));
    state.liveFrames = static_cast<int>(fields.integer("liveFrames", 0, 100'000, state.liveFrames));
    if (fields.hasFault())
        return fields.fault();
    return state;
}

}

bool isVerdict(std::string_view refusalKind) { return refusalKind != "fetch" && refusalKind != "unreadable" && refusalKind != "older"; }

std::string encode(const DesiredState& state) { return dumpLine(toJson(state)); }

base::Result<DesiredState> decodeDesiredState(std::string_view text)
{
    PERCEPT_ASSIGN(object, parseFleetMessage(text, "The desired state"));
    return desiredFrom(object);
}

base::Result<DesiredState> patched(const DesiredState& state, const json& patch)
{
    if (!patch.is_object())
        return base::refused("A change of a desired state is a JSON object.");
    json object = toJson(state);
    object.merge_patch(patch);
    object["v"] = kFleetProtocolVersion;
    object["version"] = state.version + 1;
    return desiredFrom(object);
}

std::string encode(const ReportedState& state)
{
    json object { { "v", kFleetProtocolVersion }, { "desiredVersion", state.desiredVersion }, { "program", state.program },
        { "activity", state.activity }, { "framesPerSecond", state.framesPerSecond }, { "latencyMs", state.latencyMs },
        { "memoryBytes", state.memoryBytes }, { "outboxEntries", state.outboxEntries }, { "outboxBytes", state.outboxBytes },
        { "uptimeSeconds", state.uptimeSeconds }, { "restarts", state.restarts }, { "timeMs", state.timeMs } };
    if (state.running)
        object["running"] = toJson(*state.running);
    if (state.refusal)
        object["refusal"] = toJson(*state.refusal);
    if (state.temperatureC)
        object["temperatureC"] = *state.temperatureC;
    return dumpLine(object);
}

base::Result<ReportedState> decodeReportedState(std::string_view text)
{
    PERCEPT_ASSIGN(object, parseFleetMessage(text, "The reported state"));
    JsonFields fields(object, "The reported state");
    checkFleetVersion(fields);
    ReportedState state;
    state.desiredVersion = fields.requiredInteger("desiredVersion", 0, kMostCount);
    state.program = fields.requiredText("program", kMaxNameBytes);
    state.activity = requiredWord(fields, "activity", "idle fetching checking trial");
    state.running = runningFrom(fields);
    state.refusal = refusalFrom(fields);
    state.framesPerSecond = fields.number("framesPerSecond", 0, 1e6, 0);
    state.latencyMs = fields.number("latencyMs", 0, 1e9, 0);
    state.memoryBytes = fields.integer("memoryBytes", 0, kMostCount, 0);
    if (fields.has("temperatureC"))
        state.temperatureC = fields.number("temperatureC", -273.15, 1000, 0);
    state.outboxEntries = fields.integer("outboxEntries", 0, kMostCount, 0);
    state.outboxBytes = fields.integer("outboxBytes", 0, kMostCount, 0);
    state.uptimeSeconds = fields.number("uptimeSeconds", 0, 1e10, 0);
    state.restarts = static_cast<int>(fields.integer("restarts", 0, 1'000'000'000, 0));
    state.timeMs = fields.integer("timeMs", INT64_MIN, INT64_MAX, 0);
    if (fields.hasFault())
        return fields.fault();
    return state;
}

std::string encode(const Presence& presence)
{
    return dumpLine({ { "v", kFleetProtocolVersion }, { "online", presence.online } });
}

base::Result<Presence> decodePresence(std::string_view text)
{
    PERCEPT_ASSIGN(object, parseFleetMessage(text, "The presence of a device"));
    JsonFields fields(object, "The presence of a device");
    checkFleetVersion(fields);
    if (!fields.has("online"))
        fields.setFault("online", "is missing");
    const Presence presence { fields.boolean("online", false) };
    if (fields.hasFault())
        return fields.fault();
    return presence;
}

}
