#include "core/training/trainer_run.h"

#include "core/training/exporter.h"

#include <filesystem>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace percept::training {

namespace {

constexpr double kBestMargin = 0.005; // the best average must beat the last one by this much to be taken instead
constexpr std::size_t kGoldenPictures = 2;

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
        && (ending == Ending::Stopped || m_state->best.score > m_state->lastScore + kBestMargin);
    const auto values = takeBest ? m_state->bestValues() : m_state->averageValues();
    spdlog::info("The model is the average {}", takeBest ? fmt::format("at step {}", m_state->best.step) : "at the end");
    const auto golden = goldenPictures();
    return whenThereIsRoom(m_checkpointBytes, [&] { // a model is smaller than a checkpoint
        m_reporter.phase("exporting");
        return exportModel(m_state->network, values, spec(), golden, m_run.model());
    });
}

}
