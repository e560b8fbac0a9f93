#include "core/training/trainer_run.h"

#include "core/training/exporter.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace percept::training {

namespace {

constexpr std::size_t kGoldenPictures = 2;

// By how much the best average must beat the last one on `pictures` validation pictures to be taken instead. The best of many
// epochs is partly luck, and luck falls with the root of the number of pictures: .005 for 87, .025 for 4 (where AP moves by more
// than that from one epoch to the next without anything being learned or forgotten).
double bestMargin(std::size_t pictures)
{
    return 0.05 / std::sqrt(static_cast<double>(std::max<std::size_t>(pictures, 1)));
}

}

std::vector<cv::Mat> Trainer::goldenPictures()
{
    std::vector<cv::Mat> pictures;
    for (PictureCache* cache : { m_validationCache.get(), m_trainCache.get() }) {
        Validation source(*cache, m_state->network.config(), domain::PostprocessOptions {});
        for (std::size_t i = 0; i < cache->items().size() && pictures.size() < kGoldenPictures; ++i)
            if (auto canvas = source.canvasOf(i); !canvas.empty())
                pictures.push_back(std::move(canvas));
    }
    return pictures;
}

protocol::ModelSpec Trainer::spec() const
{
    protocol::ModelSpec spec;
    spec.labels = m_run.labels;
    spec.inputWidth = m_plan.canvasWidth;
    spec.inputHeight = m_plan.canvasHeight;
    spec.backbone = m_run.config.backbone;
    const std::filesystem::path weights = m_run.config.weights;
    spec.baseWeights = weights.empty() ? "none"
        : weights.stem() == "efficientnet-lite0" ? "efficientnet-lite0 ImageNet, Apache-2.0" : weights.filename().string();
    return spec;
}

base::Result<void> Trainer::exportResult(Ending ending)
{
    if (ending == Ending::Stopped && m_state->step == 0)
        return base::notFound("Stopped before the first step: nothing was learned, so there is no model. The run can be resumed.");
    // A run that was cut short has not been validated at its end: the best it has shown is safer than the last.
    const bool takeBest = m_state->best.moving.defined()
        && (ending == Ending::Stopped || m_state->best.score > m_state->lastScore + bestMargin(m_validationCache->items().size()));
    const auto values = takeBest ? m_state->bestValues() : m_state->averageValues();
    spdlog::info("The model is the average {}", takeBest ? fmt::format("at step {}", m_state->best.step) : "at the end");
    const auto golden = goldenPictures();
    return whenThereIsRoom(m_checkpointBytes, [&] { // a model is smaller than a checkpoint
        m_reporter.phase("exporting");
        return exportModel(m_state->network, values, spec(), golden, m_run.model());
    });
}

}
