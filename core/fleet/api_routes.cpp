#include "core/base/hash.h"
#include "core/base/time.h"
#include "core/fleet/api_route.h"
#include "core/fleet/fleet_documents.h"
#include "core/fleet/rollout_watch.h"
#include "core/fleet/secrets.h"
#include "core/fleet/store_access.h"
#include "core/protocol/fleet_enrolment.h"
#include "core/protocol/json_fields.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace percept::fleet {

using nlohmann::json;
using protocol::JsonFields;
using transport::HttpRequest;
using transport::HttpResponse;

namespace {

using Answer = base::Result<json>;

struct CodeName {
    base::ErrorCode code;
    int status;
    const char* name;
};
constexpr CodeName kCodes[] { { base::ErrorCode::Usage, 400, "usage" }, { base::ErrorCode::Refused, 403, "refused" },
    { base::ErrorCode::NotFound, 404, "not-found" }, { base::ErrorCode::Conflict, 409, "conflict" }, { base::ErrorCode::Failed, 500, "failed" } };

template <typename T>
json listOf(const std::vector<T>& entries)
{
    json list = json::array();
    for (const T& entry : entries)
        list.push_back(toJson(entry));
    return list;
}

// Of a broker of somebody else's, else null.
json othersUrl(const HubCore& core) { return core.othersBroker ? json(core.othersBroker->url()) : json(); }

Answer describeStatus(HubCore& core)
{
    PERCEPT_ASSIGN(devices, core.store.readAllDevices());
    PERCEPT_ASSIGN(rollouts, core.store.readAllRollouts());
    PERCEPT_ASSIGN(alerts, core.store.readAlerts(/*onlyOpen=*/true));
    PERCEPT_ASSIGN(totals, core.store.readTotals());
    const bool isRunning = !rollouts.empty() && rollouts.front().state == "running";
    PERCEPT_ASSIGN(minutes, isRunning ? readPlannedPromotion(core.store, rollouts.front().id) : base::Result<int>(0));
    const auto online = std::count_if(devices.begin(), devices.end(), [](const Device& device) { return device.online; });
    const bool isConnected = core.isConnected();
    const std::string problem = isConnected ? std::string() : core.brokerProblem();
    return json { { "broker", { { "port", core.brokerPort }, { "connected", isConnected }, { "outside_port", core.outsideBrokerPort },
                                  { "url", othersUrl(core) }, { "problem", problem.empty() ? json() : json(problem) } } },
        { "devices", devices.size() }, { "online", online }, { "rollouts", listOf(rollouts) }, { "alerts", listOf(alerts) },
        { "totals", listOf(totals) }, { "promote_after_minutes", minutes } };
}

Answer describeDevices(HubCore& core)
{
    PERCEPT_ASSIGN(devices, core.store.readAllDevices());
    return json { { "devices", listOf(devices) } };
}

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kMostMinutes = 60 * 24 * 365;

Answer makeToken(HubCore& core, JsonFields& fields)
{
    const std::string device = fields.text("device"), ring = fields.text("ring", "test");
    const std::int64_t hours = fields.integer("hours", 1, 24 * 365, 24), now = base::nowMs();
    if (fields.hasFault())
        return base::usage(fields.fault().message);
    PERCEPT_ASSIGN(token, core.store.makeToken(device, ring, now, hours * kHourMs));
    json document { { "token", token }, { "device", device }, { "ring", ring }, { "expires_ms", now + hours * kHourMs },
        { "hub", "http://127.0.0.1:" + std::to_string(core.apiPort) }, { "outside_hub", nullptr }, { "authority", nullptr }, { "broker", othersUrl(core) },
        { "broker_user", core.othersBroker ? json(core.othersBroker->deviceUser()) : json() } };
    document["line"] = protocol::encode(protocol::EnrolLine { document["hub"], device, token, {} });
    if (core.authority) {
        document["outside_hub"] = "https://" + core.host + ":" + std::to_string(core.outsidePackagePort);
        document["authority"] = core.authority->certificate();
        document["line"] = protocol::encode(
            protocol::EnrolLine { document["outside_hub"], device, token, base::sha256Hex(core.authority->certificate()) });
    }
    return document;
}

Answer removeDevice(HubCore& core, JsonFields& fields)
{
    const std::string device = fields.text("device");
    PERCEPT_TRY(core.store.removeDevice(device, base::nowMs()));
    if (core.devicesChanged)
        core.devicesChanged();
    return json { { "device", device }, { "broker", othersUrl(core) } };
}

Answer moveDevice(HubCore& core, JsonFields& fields)
{
    const std::string device = fields.text("device"), ring = fields.text("ring");
    PERCEPT_ASSIGN(moved, core.store.updateRing(device, ring));
    core.desiredChanged(device);
    return json { { "device", device }, { "ring", ring }, { "note", moved.note.empty() ? json() : json(moved.note) } };
}

Answer tell(HubCore& core, const base::Result<RolloutChange>& change)
{
    if (change.hasError())
        return change.error();
    for (const auto& device : change->devices)
        core.desiredChanged(device);
    return json { { "rollout", toJson(change->rollout) }, { "devices", change->devices } };
}

Answer deploy(HubCore& core, JsonFields& fields)
{
    const std::filesystem::path file = fields.text("file");
    const BeginOptions options { static_cast<int>(fields.integer("promote_after_minutes", 0, kMostMinutes, 0)), fields.integer("replaces", 0, INT64_MAX, 0) };
    if (fields.hasFault())
        return base::usage(fields.fault().message);
    if (!file.is_absolute())
        return base::usage("A package is named by its whole path.");
    const std::lock_guard lock(core.rollouts);
    PERCEPT_ASSIGN(current, core.store.readCurrentRollout());
    PERCEPT_TRY(checkNothingElseRuns(current, options.replaces)); // before anything is copied
    PERCEPT_ASSIGN(package, core.shelf.add(file)); // before what runs is stopped
    return tell(core, core.store.beginRollout(package.sha256, base::nowMs(), options));
}

// What whoever asks has before their eyes; those who do not say so mean whatever there is.
SeenRollout seenOf(JsonFields& fields) { return { fields.integer("rollout", 0, INT64_MAX, 0), fields.text("ring") }; }

Answer promote(HubCore& core, JsonFields& fields)
{
    const SeenRollout seen = seenOf(fields);
    if (fields.hasFault())
        return base::usage(fields.fault().message);
    const std::lock_guard lock(core.rollouts);
    return tell(core, core.store.promoteRollout(base::nowMs(), seen));
}

// Whether the roll-out that is running goes on by itself, from now on.
Answer changePromotion(HubCore& core, JsonFields& fields)
{
    const auto minutes = static_cast<int>(fields.integer("promote_after_minutes", 0, kMostMinutes, 0));
    const SeenRollout seen = seenOf(fields);
    if (fields.hasFault())
        return base::usage(fields.fault().message);
    const std::lock_guard lock(core.rollouts);
    PERCEPT_ASSIGN(current, core.store.readCurrentRollout(seen));
    if (!current || current->state != "running")
        return base::notFound("No roll-out is running.");
    PERCEPT_TRY(planPromotion(core.store, current->id, minutes));
    return json { { "rollout", toJson(*current) }, { "devices", json::array() }, { "promote_after_minutes", minutes } };
}

Answer stop(HubCore& core, JsonFields& fields)
{
    const std::string why = fields.text("why");
    const SeenRollout seen = seenOf(fields);
    if (fields.hasFault())
        return base::usage(fields.fault().message);
    const std::lock_guard lock(core.rollouts);
    return tell(core, core.store.stopRollout(why.empty() ? "stopped by hand" : why, base::nowMs(), seen));
}

Answer rollBack(HubCore& core, JsonFields& fields)
{
    const std::string why = fields.text("why");
    const SeenRollout seen = seenOf(fields);
    if (fields.hasFault())
        return base::usage(fields.fault().message);
    const std::lock_guard lock(core.rollouts);
    PERCEPT_ASSIGN(current, core.store.readCurrentRollout(seen));
    if (!current)
        return base::notFound("There is no roll-out to take back.");
    if (current->previous.empty())
        return base::refused("There is no version to go back to from version " + current->package.version + ".");
    PERCEPT_ASSIGN(replacement, core.shelf.reissue(current->previous));
    return tell(core, core.store.rollBack(replacement.sha256, why, base::nowMs(), seen));
}

void addPost(transport::HttpServer& server, HubCore& core, const char* path, Answer (*work)(HubCore&, JsonFields&))
{
    server.post(path, guarded(core, [&core, work](const HttpRequest& request) -> Answer {
        const std::string_view body(reinterpret_cast<const char*>(request.body.data()), request.body.size());
        PERCEPT_ASSIGN(object, protocol::parseJson(body.empty() ? "{}" : body, "The request", 65536, 8));
        if (object.is_null()) // as good as nothing
            object = json::object();
        JsonFields fields(object, "The request");
        auto answer = work(core, fields);
        if (answer.hasError() && fields.hasFault())
            return base::usage(fields.fault().message);
        return answer;
    }));
}

}

HttpResponse responseOf(const base::Result<json>& answer)
{
    if (answer.hasValue())
        return { 200, protocol::dumpLine(answer.value()) + "\n", "application/json", {} };
    const auto& error = answer.error();
    const CodeName* known = std::find_if(std::begin(kCodes), std::end(kCodes) - 1, [&](const CodeName& entry) { return entry.code == error.code; });
    return { known->status, protocol::dumpLine({ { "error", error.message }, { "code", known->name } }) + "\n", "application/json", {} };
}

transport::HttpServer::Handler guarded(HubCore& core, std::function<base::Result<json>(const HttpRequest&)> work)
{
    return [&core, work = std::move(work)](const HttpRequest& request) -> HttpResponse {
        if (!isSameSecret(request.bearerToken, core.apiToken))
            return transport::httpError(401, "The token of the hub is missing or wrong.");
        return responseOf(work(request));
    };
}

void addApiRoutes(transport::HttpServer& server, HubCore& core)
{
    server.get("/api/status", guarded(core, [&core](const HttpRequest&) { return describeStatus(core); }));
    server.get("/api/devices", guarded(core, [&core](const HttpRequest&) { return describeDevices(core); }));
    addPost(server, core, "/api/enroll", makeToken);
    addPost(server, core, "/api/remove", removeDevice);
    addPost(server, core, "/api/ring", moveDevice);
    addPost(server, core, "/api/deploy", deploy);
    addPost(server, core, "/api/promote", promote);
    addPost(server, core, "/api/promotion", changePromotion);
    addPost(server, core, "/api/stop", stop);
    addPost(server, core, "/api/rollback", rollBack);
}

}
