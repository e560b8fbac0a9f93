#include "core/inference/golden.h"

#include "core/base/time.h"
#include "core/media/picture.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>

namespace percept::inference {

namespace {

// Largest difference, or nothing when the counts differ or a value is not finite.
std::optional<double> largestDifference(std::span<const std::uint8_t> expectedBytes, const std::vector<float>& actual)
{
    static_assert(std::endian::native == std::endian::little, "golden files are little-endian");
    if (expectedBytes.size() != actual.size() * sizeof(float))
        return std::nullopt;
    double largest = 0;
    for (std::size_t i = 0; i < actual.size(); ++i) {
        float expected;
        std::memcpy(&expected, expectedBytes.data() + i * sizeof(float), sizeof(float));
        const double difference = std::abs(static_cast<double>(expected) - static_cast<double>(actual[i]));
        if (!std::isfinite(difference))
            return std::nullopt;
        largest = std::max(largest, difference);
    }
    return largest;
}

base::Result<void> compareOne(
    const packaging::Package& package, const std::string& stem, Engine& engine, GoldenDifference& difference, std::vector<double>& ms)
{
    PERCEPT_ASSIGN(png, package.file(stem + ".png"));
    PERCEPT_ASSIGN(scores, package.file(stem + ".scores.f32"));
    PERCEPT_ASSIGN(boxes, package.file(stem + ".boxes.f32"));
    PERCEPT_ASSIGN(canvas, media::decodePicture(png, stem + ".png"));
    const double start = base::monotonicSeconds();
    PERCEPT_ASSIGN(raw, engine.run(canvas));
    ms.push_back((base::monotonicSeconds() - start) * 1000);
    const auto scoreDifference = largestDifference(scores, raw.scores), boxDifference = largestDifference(boxes, raw.boxes);
    if (!scoreDifference.has_value() || !boxDifference.has_value())
        return base::refused(fmt::format("The model's answer for its own {}.png has the wrong size or is not a number.", stem));
    difference.maxScoreDifference = std::max(difference.maxScoreDifference, *scoreDifference);
    difference.maxBoxDifference = std::max(difference.maxBoxDifference, *boxDifference);
    ++difference.pictures;
    return {};
}

}

base::Result<GoldenDifference> goldenCheck(const packaging::Package& package, Engine& engine)
{
    GoldenDifference difference;
    std::vector<double> ms;
    constexpr std::string_view kFolder = "golden/", kPng = ".png";
    for (const auto& file : package.manifest().files)
        if (file.name.starts_with(kFolder) && file.name.ends_with(kPng))
            PERCEPT_TRY(compareOne(package, file.name.substr(0, file.name.size() - kPng.size()), engine, difference, ms));
    if (difference.pictures == 0)
        return base::refused("The package carries no golden pictures to compare with.");
    std::nth_element(ms.begin(), ms.begin() + static_cast<std::ptrdiff_t>(ms.size() / 2), ms.end());
    difference.medianMs = ms[ms.size() / 2];
    return difference;
}

}
