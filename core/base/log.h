#pragma once

#include <spdlog/spdlog.h>

namespace percept::base {

// Sends spdlog's default logger to stderr ("time level message"), level from PERCEPT_LOG (trace..off) or warn.
// stdout belongs to protocols and --json.
void setUpLogging(const char* programName);

}
