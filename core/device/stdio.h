#pragma once

#include "core/device/model_session.h"

namespace percept::device {

struct StdioOptions {
    // A supervisor's child: a request with "bytes": N is followed by the N bytes of a picture.
    bool takesPayload = false;
};
inline constexpr std::size_t kMaxPayloadBytes = 256u << 20;

// Answers a line each until the input ends (gives 0) or the output has gone (gives 1).
int serveStdio(ModelSession& session, int in, int out, const StdioOptions& options);

}
