#pragma once

#include "core/device/slots.h"
#include "core/device/supervisor.h"

namespace percept::device {

// What a device reports about itself. `running` is what the serving child itself says that it has loaded, with its hash,
// and null while there is none; the rest is read at the moment of asking:
// {"running":{"sha256","name","version","slot","releaseCounter"},"activity":"idle|checking|trial","serving",
//  "framesPerSecond","latencyMs","latencyP95Ms","latencyP99Ms" (of the last minute; latencyMs is the median),
//  "predictions","errors","restarts","memoryBytes" (resident, supervisor and children),"temperatureC" (the hottest sensor, or null),
//  "uptimeSeconds","lastRefusal" (see refusal.h, or null),"slots":{"a","b"},"trusted":[KEY..],
//  "bootId","bootMs","timeMs"}
// `slots`: null where the folder of a draft is served.
nlohmann::json edgeStatus(const Slots* slots, Supervisor& supervisor, const Metrics& metrics, const std::string& activity);

}
