#include "core/device/refusal.h"

#include "core/protocol/json_fields.h"

#include <algorithm>
#include <array>

namespace percept::device {

using nlohmann::json;

namespace {

struct KindName { RefusalKind kind; std::string_view name; };
constexpr std::array kNames { KindName { RefusalKind::Unreadable, "unreadable" }, KindName { RefusalKind::Untrusted, "untrusted" },
    KindName { RefusalKind::Older, "older" }, KindName { RefusalKind::Invalid, "invalid" }, KindName { RefusalKind::Load, "load" },
    KindName { RefusalKind::Golden, "golden" }, KindName { RefusalKind::Live, "live" },
    KindName { RefusalKind::Hang, "hang" }, KindName { RefusalKind::Crash, "crash" }, KindName { RefusalKind::Slow, "slow" },
    KindName { RefusalKind::Unhealthy, "unhealthy" }, KindName { RefusalKind::ByHand, "by-hand" } };

}

std::string_view toString(RefusalKind kind)
{
    return std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.kind == kind; })->name;
}

json toJson(const Refusal& refusal)
{
    return { { "kind", toString(refusal.kind) }, { "message", refusal.message }, { "sha256", refusal.sha256 },
        { "version", refusal.version }, { "timeMs", refusal.timeMs } };
}

base::Result<Refusal> refusalFromJson(const json& json)
{
    protocol::JsonFields fields(json, "A refusal");
    const std::string name = fields.requiredText("kind", 100);
    Refusal refusal;
    refusal.message = fields.text("message");
    refusal.sha256 = fields.text("sha256");
    refusal.version = fields.text("version");
    refusal.timeMs = fields.integer("timeMs", INT64_MIN, INT64_MAX, 0);
    const auto found = std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.name == name; });
    if (found == kNames.end())
        fields.setFault("kind", "is not a kind of refusal");
    else
        refusal.kind = found->kind;
    if (fields.hasFault())
        return fields.fault();
    return refusal;
}

}
