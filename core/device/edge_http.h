#pragma once

#include "core/device/metrics.h"
#include "core/device/supervisor.h"
#include "core/transport/http_server.h"

namespace percept::device {

inline constexpr std::size_t kMaxPictureBytes = 64u << 20;

// POST /predict[?minScore=S], GET /healthz, /metrics, /model (DESIGN 5).
void addEdgeRoutes(transport::HttpServer& server, Supervisor& supervisor, Metrics& metrics);

}
