#pragma once

#include "core/device/live_frames.h"
#include "core/device/metrics.h"
#include "core/device/supervisor.h"
#include "core/transport/http_server.h"

namespace percept::device {

inline constexpr std::size_t kMaxPictureBytes = 64u << 20;

// POST /predict[?minScore=S], GET /healthz, /metrics, /model, /status (the document of `percept-edge status`), /stream (MJPEG, boxes
// drawn), / (a page of all that; it changes nothing).
void addEdgeRoutes(transport::HttpServer& server, Supervisor& supervisor, Metrics& metrics, LiveFrames& live, std::function<nlohmann::json()> status);

}
