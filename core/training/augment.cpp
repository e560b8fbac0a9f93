#include "core/training/augment.h"

#include "core/domain/postprocess.h"
#include "core/media/preprocess.h"

#include <algorithm>
#include <cmath>

namespace percept::training {

namespace {

constexpr int kFill = 127;

media::AxisWarp drawWarp(const cv::Mat& picture, CanvasSize canvas, const AugmentOptions& o, base::Random& random)
{
    const double fit = std::min(canvas.width / static_cast<double>(picture.cols), canvas.height / static_cast<double>(picture.rows));
    const double scale = fit * std::exp(random.uniform(std::log(o.scaleLow), std::log(o.scaleHigh)));
    const auto axis = [&](int length, int side, bool mayFlip, double& a, double& b) {
        const bool flipped = random.uniform() < 0.5 && mayFlip;
        const double free = std::abs(scale * length - side) / 2 + o.shift * side;
        const double centre = side / 2.0 + random.uniform(-free, free);
        a = flipped ? -scale : scale;
        b = centre - a * length / 2.0;
    };
    media::AxisWarp warp;
    axis(picture.cols, canvas.width, o.flipX, warp.scaleX, warp.offsetX);
    axis(picture.rows, canvas.height, o.flipY, warp.scaleY, warp.offsetY);
    return warp;
}

struct Colour {
    double factor[3], mix[3], offset[3]; // out_c = factor_c * in_c + mix_c * (sum of in) + offset_c
};

// Brightness, contrast about the mean, saturation about the channel mean and channel gains are all linear: one pass does them.
Colour drawColour(const cv::Mat& canvas, const AugmentOptions& o, base::Random& random)
{
    const double brightness = random.uniform(1 - o.brightness, 1 + o.brightness);
    const double contrast = random.uniform(1 - o.contrast, 1 + o.contrast);
    const double saturation = random.uniform(1 - o.saturation, 1 + o.saturation);
    std::uint64_t sum = 0;
    for (int y = 0; y < canvas.rows; ++y)
        for (int x = 0; x < canvas.cols * 3; ++x)
            sum += canvas.ptr<std::uint8_t>(y)[x];
    const double mean = brightness * static_cast<double>(sum) / (3.0 * static_cast<double>(canvas.total()));
    Colour colour {};
    for (int c = 0; c < 3; ++c) {
        const double gain = random.uniform(1 - o.gain, 1 + o.gain);
        colour.factor[c] = gain * saturation * contrast * brightness;
        colour.mix[c] = gain * (1 - saturation) * contrast * brightness / 3;
        colour.offset[c] = gain * (1 - contrast) * mean;
    }
    return colour;
}

void applyColour(const cv::Mat& canvas, const Colour& colour, std::span<float> pixels)
{
    float factor[3], mix[3], offset[3];
    for (int c = 0; c < 3; ++c) {
        factor[c] = static_cast<float>(colour.factor[c]);
        mix[c] = static_cast<float>(colour.mix[c]);
        offset[c] = static_cast<float>(colour.offset[c]);
    }
    float* out = pixels.data();
    for (int y = 0; y < canvas.rows; ++y) {
        const auto* in = canvas.ptr<std::uint8_t>(y);
        for (int x = 0; x < canvas.cols; ++x, in += 3, out += 3) {
            const float sum = static_cast<float>(in[0] + in[1] + in[2]);
            for (int c = 0; c < 3; ++c) {
                const float value = factor[c] * static_cast<float>(in[c]) + mix[c] * sum + offset[c];
                out[c] = (std::clamp(value, 0.0f, 255.0f) - 127.0f) * (1.0f / 128.0f);
            }
        }
    }
}

CanvasTruth toTruth(const protocol::SnapshotBox& box, const domain::Box& onCanvas)
{
    return { box.label, static_cast<float>(onCanvas.x), static_cast<float>(onCanvas.y), static_cast<float>(onCanvas.right()),
        static_cast<float>(onCanvas.bottom()), box.crowd };
}

}

std::vector<CanvasTruth> augment(const cv::Mat& picture, const protocol::SnapshotItem& item, CanvasSize canvas,
    const AugmentOptions& options, base::Random random, std::span<float> pixels)
{
    const media::AxisWarp warp = drawWarp(picture, canvas, options, random);
    const cv::Mat drawn = media::warpPicture(picture, warp, canvas.width, canvas.height, kFill);
    applyColour(drawn, drawColour(drawn, options, random), pixels);
    std::vector<CanvasTruth> truths;
    for (const auto& box : item.boxes) {
        const auto whole = domain::boxFromCorners(warp.scaleX * box.box.x + warp.offsetX,
            warp.scaleY * box.box.y + warp.offsetY, warp.scaleX * box.box.right() + warp.offsetX,
            warp.scaleY * box.box.bottom() + warp.offsetY);
        const auto visible = domain::clipped(whole, canvas.width, canvas.height);
        if (visible.area() > options.visibleShare * whole.area() && visible.w > options.minSide && visible.h > options.minSide)
            truths.push_back(toTruth(box, visible));
    }
    return truths;
}

std::vector<CanvasTruth> letterboxedTruths(const protocol::SnapshotItem& item, CanvasSize canvas)
{
    const auto lb = domain::letterbox(item.width, item.height, canvas.width, canvas.height);
    std::vector<CanvasTruth> truths;
    for (const auto& box : item.boxes) {
        const domain::Box onCanvas { lb.scale * box.box.x + lb.offsetX, lb.scale * box.box.y + lb.offsetY, lb.scale * box.box.w,
            lb.scale * box.box.h };
        truths.push_back(toTruth(box, domain::clipped(onCanvas, canvas.width, canvas.height)));
    }
    return truths;
}

CanvasSize chooseCanvas(const std::vector<protocol::SnapshotItem>& items, int longSide)
{
    std::vector<double> proportions;
    for (const auto& item : items)
        proportions.push_back(static_cast<double>(item.height) / item.width);
    const auto middle = proportions.begin() + static_cast<std::ptrdiff_t>(proportions.size() / 2);
    std::nth_element(proportions.begin(), middle, proportions.end());
    const double proportion = std::clamp(*middle, 0.125, 8.0);
    const auto roundUp = [](double side) { return std::max(32, static_cast<int>(std::ceil(side / 32.0 - 1e-9)) * 32); };
    const int big = roundUp(longSide);
    return proportion <= 1 ? CanvasSize { big, roundUp(longSide * proportion) } : CanvasSize { roundUp(longSide / proportion), big };
}

}
