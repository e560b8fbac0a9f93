#include "core/device/updater.h"

namespace percept::device {

using nlohmann::json;

namespace {

std::string_view toString(UpdateResult::Status status)
{
    switch (status) {
    case UpdateResult::Status::Healthy: return "healthy";
    case UpdateResult::Status::RolledBack: return "rolled-back";
    case UpdateResult::Status::Unchanged: return "unchanged";
    case UpdateResult::Status::OnTrial: return "on-trial";
    case UpdateResult::Status::Refused: break;
    }
    return "refused";
}

}

SlotPackage slotPackageOf(const json& model)
{
    return { model.value("sha256", ""), model.value("name", ""), model.value("version", ""),
        model.value("releaseCounter", std::int64_t(0)), false };
}

json toJson(const UpdateResult& result)
{
    return { { "status", toString(result.status) }, { "model", result.model },
        { "refusal", result.refusal.has_value() ? toJson(*result.refusal) : json() }, { "livePictures", result.livePictures } };
}

}
