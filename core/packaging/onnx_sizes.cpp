#include "core/packaging/onnx_rules.h"

#include <algorithm>
#include <fmt/format.h>

namespace percept::packaging {

namespace {

constexpr double kMaxScale = 64, kMaxGrowth = 64 * 64; // of one side, of a tensor

base::Error impossible(std::string_view what)
{
    return base::refused(fmt::format("The model is refused: an operator makes a tensor larger than it may ({}).", what));
}

}

base::Result<void> checkScales(std::span<const float> scales)
{
    double growth = 1;
    for (const float scale : scales) {
        if (!(scale >= 0 && scale <= kMaxScale))
            return impossible("scales");
        growth *= std::max<double>(scale, 1);
    }
    if (growth > kMaxGrowth)
        return impossible("scales");
    return {};
}

base::Result<void> checkPads(std::span<const std::int64_t> pads)
{
    if (pads.size() % 2 != 0)
        return impossible("pads");
    google::protobuf::RepeatedField<std::int64_t> growth; // at most, of each side
    for (std::size_t i = 0; i < pads.size() / 2; ++i) {
        const std::int64_t before = pads[i], behind = pads[i + pads.size() / 2];
        if (std::min(before, behind) < -kMaxSide || std::max(before, behind) > kMaxSide)
            return impossible("pads");
        growth.Add(1 + std::max<std::int64_t>(before, 0) + std::max<std::int64_t>(behind, 0));
    }
    PERCEPT_TRY(elementCount(growth));
    return {};
}

}
