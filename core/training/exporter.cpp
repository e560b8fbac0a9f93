#include "core/training/exporter.h"

#include "core/base/files.h"
#include "core/media/picture.h"
#include "core/training/onnx_writer.h"
#include "core/training/validation.h"

#include <bit>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <torch/torch.h>

namespace percept::training {

namespace {

static_assert(std::endian::native == std::endian::little, "golden files are little-endian");

base::Result<void> writeFloats(const std::filesystem::path& file, const at::Tensor& tensor)
{
    const auto dense = tensor.contiguous();
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(dense.data_ptr<float>());
    return base::atomicWrite(file, std::span(bytes, static_cast<std::size_t>(dense.numel()) * sizeof(float)));
}

base::Result<void> writeGolden(const DetectorNetwork& network, const ParameterValues& values, const std::vector<cv::Mat>& golden,
    const std::filesystem::path& folder)
{
    torch::NoGradGuard noGrad;
    const auto execution = makeFoldedExecution(network, values);
    const auto points = anchorPoints(network.config());
    for (std::size_t i = 0; i < golden.size(); ++i) {
        PERCEPT_ASSIGN(png, media::encodePng(golden[i]));
        PERCEPT_TRY(base::atomicWrite(folder / fmt::format("{}.png", i), png));
        const auto raw = predictRaw(network, *execution, stackCanvases({ golden[i] }), points);
        PERCEPT_TRY(writeFloats(folder / fmt::format("{}.scores.f32", i), raw.scores));
        PERCEPT_TRY(writeFloats(folder / fmt::format("{}.boxes.f32", i), raw.boxes));
    }
    return {};
}

}

base::Result<void> exportModel(const DetectorNetwork& network, const ParameterValues& values, const protocol::ModelSpec& spec,
    const std::vector<cv::Mat>& golden, const std::filesystem::path& folder)
{
    const std::filesystem::path temporary = folder.string() + ".tmp";
    std::error_code error;
    std::filesystem::remove_all(temporary, error);
    std::filesystem::create_directories(temporary / "golden", error);
    if (error)
        return base::failed(fmt::format("{} cannot be made: {}.", temporary.string(), error.message()));
    PERCEPT_ASSIGN(onnx, writeOnnx(network, values));
    PERCEPT_TRY(base::atomicWrite(temporary / "model.onnx", onnx));
    PERCEPT_TRY(base::atomicWrite(temporary / "spec.json", protocol::toJson(spec).dump(1) + "\n"));
    PERCEPT_TRY(writeGolden(network, values, golden, temporary / "golden"));
    return base::replaceFolder(temporary, folder);
}

}
