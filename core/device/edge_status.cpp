#include "core/device/edge_status.h"

#include "core/base/time.h"
#include "core/device/machine.h"
#include "core/device/model_session.h"

namespace percept::device {

using nlohmann::json;

namespace {

json runningModel(const Slots* slots, Supervisor& supervisor)
{
    const auto answer = supervisor.ask({ { "id", 0 }, { "type", "model" } });
    if (answer.hasError() || errorOfAnswer(answer.value()).has_value())
        return nullptr;
    const json& model = answer.value()["model"];
    json running { { "sha256", model["sha256"] }, { "name", model["name"] }, { "version", model["version"] },
        { "releaseCounter", model["releaseCounter"] }, { "slot", nullptr } };
    if (slots != nullptr) {
        const auto record = slots->record();
        for (int slot = 0; slot < 2; ++slot) {
            const auto& package = record.slots[static_cast<std::size_t>(slot)];
            if (package.has_value() && package->sha256 == model["sha256"])
                running["slot"] = slotName(slot);
        }
    }
    return running;
}

void addSlots(const SlotRecord& record, json& status)
{
    status["lastRefusal"] = record.lastRefusal.has_value() ? toJson(*record.lastRefusal) : json();
    status["trusted"] = record.trusted;
    for (int slot = 0; slot < 2; ++slot) {
        const auto& package = record.slots[static_cast<std::size_t>(slot)];
        status["slots"][std::string(slotName(slot))] = package.has_value() ? toJson(*package) : json();
    }
}

}

json edgeStatus(const Slots* slots, Supervisor& supervisor, const Metrics& metrics, const std::string& activity)
{
    const auto speed = metrics.throughput();
    const auto totals = metrics.totals();
    const auto temperature = machineTemperatureC();
    json status { { "running", runningModel(slots, supervisor) }, { "activity", activity }, { "serving", supervisor.isServing() },
        { "framesPerSecond", speed.framesPerSecond }, { "latencyMs", speed.p50Ms }, { "latencyP95Ms", speed.p95Ms },
        { "latencyP99Ms", speed.p99Ms }, { "predictions", totals.predictions }, { "errors", totals.errors },
        { "restarts", totals.restarts }, { "memoryBytes", residentBytesOfAll() },
        { "temperatureC", temperature.has_value() ? json(*temperature) : json() }, { "uptimeSeconds", metrics.uptimeSeconds() },
        { "lastRefusal", nullptr }, { "slots", nullptr }, { "trusted", json::array() }, { "bootId", bootId() },
        { "bootMs", bootMs() }, { "timeMs", base::nowMs() } };
    if (slots != nullptr)
        addSlots(slots->record(), status);
    return status;
}

}
