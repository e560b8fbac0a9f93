#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace percept::device {

// Why a package was not taken, or was left again.
enum class RefusalKind {
    Unreadable, // it cannot be read, or not be copied to the state folder
    Untrusted,  // not signed by a key that this device trusts
    Older,      // its release counter is below the last one
    Invalid,    // damaged, or not a model that this version takes
    Load,       // the engine or the memory failed it
    Golden,     // its answers to its own pictures are others than where it was trained
    Live,       // it failed on a picture that the running model answers
    Hang,       // it gave no answer in time
    Crash,      // its process ended
    Slow,       // far slower than the running model
    Unhealthy,  // it did not become healthy in its starts, or died again and again
    ByHand,     // somebody asked for the one before
};
std::string_view toString(RefusalKind kind);

struct Refusal {
    RefusalKind kind = RefusalKind::Invalid;
    std::string message;         // a sentence
    std::string sha256, version; // of the package, as far as known
    std::int64_t timeMs = 0;
    bool operator==(const Refusal&) const = default;
};
// {"kind","message","sha256","version","timeMs"}
nlohmann::json toJson(const Refusal& refusal);
base::Result<Refusal> refusalFromJson(const nlohmann::json& json);

}
