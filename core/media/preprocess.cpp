#include "core/media/preprocess.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace percept::media {

namespace {

// Weights are integers of 11 bits, so that every machine and compiler gives the same bytes: 255 * 2048 * 2048 fits an int.
constexpr int kWeightBits = 11;
constexpr int kOne = 1 << kWeightBits;

int blockSize(double scale)
{
    const double size = std::abs(scale);
    if (!(size <= 0.5) || size == 0)
        return 1;
    return static_cast<int>(std::min(std::floor(1 / size), 1e6));
}

// Averages blocks of blockX x blockY pixels; blocks at the right and lower edge average what they have.
cv::Mat averageBlocks(const cv::Mat& rgb, int blockX, int blockY)
{
    const int width = (rgb.cols + blockX - 1) / blockX, height = (rgb.rows + blockY - 1) / blockY;
    cv::Mat small(height, width, CV_8UC3);
    std::vector<std::uint32_t> columns(static_cast<std::size_t>(rgb.cols) * 3);
    for (int by = 0; by < height; ++by) {
        std::fill(columns.begin(), columns.end(), 0u);
        const int y0 = by * blockY, y1 = std::min(y0 + blockY, rgb.rows);
        for (int y = y0; y < y1; ++y) {
            const std::uint8_t* row = rgb.ptr<std::uint8_t>(y);
            for (std::size_t i = 0; i < columns.size(); ++i)
                columns[i] += row[i];
        }
        std::uint8_t* to = small.ptr<std::uint8_t>(by);
        for (int bx = 0; bx < width; ++bx) {
            const int x0 = bx * blockX, x1 = std::min(x0 + blockX, rgb.cols);
            const std::uint64_t count = static_cast<std::uint64_t>(x1 - x0) * static_cast<std::uint64_t>(y1 - y0);
            for (int c = 0; c < 3; ++c) {
                std::uint64_t sum = count / 2;
                for (int x = x0; x < x1; ++x)
                    sum += columns[static_cast<std::size_t>(x * 3 + c)];
                *to++ = static_cast<std::uint8_t>(sum / count);
            }
        }
    }
    return small;
}

// Where the canvas pixels of one axis look: two neighbours and the weight of the second.
struct AxisTaps {
    std::vector<int> first, second, weight;
    int begin = 0, end = 0; // canvas pixels whose centre lies in the picture
};

AxisTaps axisTaps(double scale, double offset, int pictureSize, int block, int samples, int canvasSize)
{
    AxisTaps taps;
    taps.first.resize(static_cast<std::size_t>(canvasSize));
    taps.second.resize(taps.first.size());
    taps.weight.resize(taps.first.size());
    bool isInside = false;
    for (int i = 0; i < canvasSize; ++i) {
        const double inPicture = (i + 0.5 - offset) / scale; // pixel-edge coordinate of this pixel's centre
        if (!(inPicture >= 0 && inPicture < pictureSize))
            continue;
        if (!isInside)
            taps.begin = i;
        isInside = true;
        taps.end = i + 1;
        const double sample = inPicture / block - 0.5;
        const double floor = std::floor(sample);
        const auto k = static_cast<std::size_t>(i);
        taps.first[k] = std::clamp(static_cast<int>(floor), 0, samples - 1);
        taps.second[k] = std::clamp(static_cast<int>(floor) + 1, 0, samples - 1);
        taps.weight[k] = static_cast<int>(std::lround((sample - floor) * kOne));
    }
    return taps;
}

void blendColumns(const std::uint8_t* row, const AxisTaps& taps, int* out)
{
    for (int x = taps.begin; x < taps.end; ++x) {
        const auto k = static_cast<std::size_t>(x);
        const std::uint8_t* a = row + taps.first[k] * 3;
        const std::uint8_t* b = row + taps.second[k] * 3;
        const int wb = taps.weight[k], wa = kOne - wb;
        out[0] = a[0] * wa + b[0] * wb;
        out[1] = a[1] * wa + b[1] * wb;
        out[2] = a[2] * wa + b[2] * wb;
        out += 3;
    }
}

void blendRows(const int* a, const int* b, int weightOfB, std::uint8_t* out, int count)
{
    const int wa = kOne - weightOfB;
    for (int i = 0; i < count; ++i)
        out[i] = static_cast<std::uint8_t>((a[i] * wa + b[i] * weightOfB + (1 << (2 * kWeightBits - 1))) >> (2 * kWeightBits));
}

// Keeps the last two rows that were blended across, as neighbouring canvas rows share them.
class RowCache {
public:
    RowCache(const cv::Mat& samples, const AxisTaps& columns)
        : m_samples(samples)
        , m_columns(columns)
    {
        for (auto& row : m_rows)
            row.resize(static_cast<std::size_t>(columns.end - columns.begin) * 3);
    }
    // `keep` is the other row of the pair and must stay valid.
    const int* row(int y, int keep)
    {
        for (int i = 0; i < 2; ++i)
            if (m_which[i] == y)
                return m_rows[i].data();
        const int slot = m_which[0] == keep ? 1 : 0;
        m_which[slot] = y;
        blendColumns(m_samples.ptr<std::uint8_t>(y), m_columns, m_rows[slot].data());
        return m_rows[slot].data();
    }

private:
    const cv::Mat& m_samples;
    const AxisTaps& m_columns;
    std::vector<int> m_rows[2];
    int m_which[2] = { -1, -1 };
};

}

cv::Mat warpPicture(const cv::Mat& rgb, const AxisWarp& warp, int canvasWidth, int canvasHeight, int fill)
{
    CV_Assert(rgb.type() == CV_8UC3 && canvasWidth > 0 && canvasHeight > 0);
    cv::Mat canvas(canvasHeight, canvasWidth, CV_8UC3);
    std::memset(canvas.data, std::clamp(fill, 0, 255), canvas.total() * 3);
    if (rgb.empty())
        return canvas;
    const int blockX = blockSize(warp.scaleX), blockY = blockSize(warp.scaleY);
    const cv::Mat samples = blockX > 1 || blockY > 1 ? averageBlocks(rgb, blockX, blockY) : rgb;
    const AxisTaps columns = axisTaps(warp.scaleX, warp.offsetX, rgb.cols, blockX, samples.cols, canvasWidth);
    const AxisTaps rows = axisTaps(warp.scaleY, warp.offsetY, rgb.rows, blockY, samples.rows, canvasHeight);
    RowCache cache(samples, columns);
    const int count = (columns.end - columns.begin) * 3;
    for (int y = rows.begin; y < rows.end; ++y) {
        const auto k = static_cast<std::size_t>(y);
        const int* a = cache.row(rows.first[k], rows.second[k]);
        const int* b = cache.row(rows.second[k], rows.first[k]);
        blendRows(a, b, rows.weight[k], canvas.ptr<std::uint8_t>(y) + columns.begin * 3, count);
    }
    return canvas;
}

cv::Mat letterboxPicture(const cv::Mat& rgb, int canvasWidth, int canvasHeight, int fill)
{
    const domain::Letterbox lb = domain::letterbox(rgb.cols, rgb.rows, canvasWidth, canvasHeight);
    return warpPicture(rgb, { lb.scale, lb.scale, lb.offsetX, lb.offsetY }, canvasWidth, canvasHeight, fill);
}

}
