#pragma once

#include "core/base/cancel.h"
#include "core/device/metrics.h"
#include "core/device/supervisor.h"

namespace percept::device {

// `percept-edge run --stdio`: requests of protocol/edge_messages.h on standard input, answered by the supervisor's model,
// until the input ends or the token is cancelled.
void relayStdio(Supervisor& supervisor, Metrics& metrics, const base::CancelToken& cancel);

}
