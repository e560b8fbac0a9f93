#include "core/fleet/fleet_documents.h"

#include <nlohmann/json.hpp>

namespace percept::fleet {

using nlohmann::json;

namespace {

json timeOrNull(std::int64_t ms) { return ms == 0 ? json() : json(ms); }

json runningJson(const protocol::RunningModel& model)
{
    return { { "name", model.name }, { "version", model.version }, { "sha256", model.sha256 }, { "slot", model.slot } };
}

void addReported(json& document, const protocol::ReportedState& state)
{
    document["program"] = state.program;
    document["activity"] = state.activity;
    if (state.running)
        document["running"] = runningJson(*state.running);
    if (state.refusal)
        document["refusal"] = { { "sha256", state.refusal->sha256 }, { "kind", state.refusal->kind }, { "message", state.refusal->message } };
    document["fps"] = state.framesPerSecond;
    document["latency_ms"] = state.latencyMs;
    document["memory_bytes"] = state.memoryBytes;
    if (state.temperatureC)
        document["temperature_c"] = *state.temperatureC;
    document["outbox"] = state.outboxEntries;
}

}

json toJson(const StoredPackage& package)
{
    return { { "sha256", package.sha256 }, { "bytes", package.bytes }, { "name", package.name }, { "version", package.version },
        { "release_counter", package.releaseCounter } };
}

json toJson(const Device& device)
{
    json document { { "device", device.name }, { "ring", device.ring }, { "online", device.online }, { "enrolled_ms", device.enrolledMs },
        { "seen_ms", timeOrNull(device.seenMs) }, { "running", nullptr }, { "refusal", nullptr }, { "desired", nullptr } };
    if (device.desired.package)
        document["desired"] = { { "name", device.desired.package->name }, { "version", device.desired.package->version },
            { "sha256", device.desired.package->sha256 } };
    if (device.reported)
        addReported(document, *device.reported);
    return document;
}

json toJson(const Rollout& rollout)
{
    return { { "id", rollout.id }, { "package", toJson(rollout.package) },
        { "previous", rollout.previous.empty() ? json() : json(rollout.previous) }, { "ring", rollout.ring }, { "state", rollout.state },
        { "note", rollout.note }, { "started_ms", rollout.startedMs }, { "changed_ms", rollout.changedMs } };
}

json toJson(const Alert& alert)
{
    return { { "id", alert.id }, { "device", alert.device }, { "kind", alert.kind }, { "text", alert.text }, { "since_ms", alert.sinceMs },
        { "ended_ms", timeOrNull(alert.endedMs) } };
}

json toJson(const DeviceTotals& totals)
{
    return { { "device", totals.device }, { "windows", totals.windows }, { "frames", totals.frames }, { "objects", totals.objects },
        { "samples", totals.samples }, { "dropped_samples", totals.dropped } };
}

}
