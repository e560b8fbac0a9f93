#pragma once

#include "core/fleet/store_access.h"

namespace percept::fleet {

// The pictures of a device as the transaction that `db` is in sees them. Looks at every file once: for the first one after a start.
SampleUse readSampleUse(Connection& db, const std::filesystem::path& samples, std::int64_t device, std::int64_t nowMs);

// Why no more of `bytes` is taken from the device, a sentence; empty: it is taken. Begins a new day where one has begun.
std::string whyTooMuch(SampleUse& use, const SampleLimits& limits, const std::string& device, std::int64_t bytes, std::int64_t nowMs);

// Opens the alert "pictures" of a device, once; ends it.
void sayTooMuch(Connection& db, SampleUse& use, std::int64_t device, const std::string& why, std::int64_t nowMs);
void sayEnoughRoom(Connection& db, SampleUse& use, std::int64_t device, std::int64_t nowMs);

}
