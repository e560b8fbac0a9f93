#include "core/media/shrink.h"

#include <algorithm>
#include <vector>

namespace percept::media {

namespace {

// The source pixels [first, first + weights.size()) that a pixel covers along one axis, and what share of it each has.
struct Span {
    int first = 0;
    std::vector<float> weights;
};

std::vector<Span> spansOf(int source, int target)
{
    std::vector<Span> spans(static_cast<std::size_t>(target));
    const double scale = static_cast<double>(source) / target;
    for (int i = 0; i < target; ++i) {
        const double begin = i * scale, end = std::min<double>((i + 1) * scale, source);
        Span& span = spans[static_cast<std::size_t>(i)];
        span.first = std::min(static_cast<int>(begin), source - 1);
        for (int k = span.first; k < source && k < end; ++k)
            span.weights.push_back(static_cast<float>((std::min<double>(k + 1, end) - std::max<double>(k, begin)) / scale));
    }
    return spans;
}

// The rows that one row of the result covers, averaged.
void averageRows(const cv::Mat& rgb, const Span& span, std::vector<float>& row)
{
    std::fill(row.begin(), row.end(), 0.0f);
    float* sum = row.data();
    const std::size_t count = row.size();
    for (std::size_t k = 0; k < span.weights.size(); ++k) {
        const std::uint8_t* source = rgb.ptr<std::uint8_t>(span.first + static_cast<int>(k));
        const float weight = span.weights[k];
        for (std::size_t i = 0; i < count; ++i)
            sum[i] += weight * static_cast<float>(source[i]);
    }
}

void averageColumns(const std::vector<float>& row, const std::vector<Span>& spans, std::uint8_t* target)
{
    for (const Span& span : spans) {
        float r = 0.5f, g = 0.5f, b = 0.5f; // to the nearest
        const float* source = row.data() + 3 * static_cast<std::size_t>(span.first);
        for (const float weight : span.weights) {
            r += weight * source[0];
            g += weight * source[1];
            b += weight * source[2];
            source += 3;
        }
        *target++ = static_cast<std::uint8_t>(std::min(r, 255.0f));
        *target++ = static_cast<std::uint8_t>(std::min(g, 255.0f));
        *target++ = static_cast<std::uint8_t>(std::min(b, 255.0f));
    }
}

}

cv::Mat shrinkByArea(const cv::Mat& rgb, cv::Size size)
{
    const std::vector<Span> rows = spansOf(rgb.rows, size.height), columns = spansOf(rgb.cols, size.width);
    cv::Mat small(size, CV_8UC3);
    std::vector<float> row(3 * static_cast<std::size_t>(rgb.cols));
    for (int y = 0; y < size.height; ++y) {
        averageRows(rgb, rows[static_cast<std::size_t>(y)], row);
        averageColumns(row, columns, small.ptr<std::uint8_t>(y));
    }
    return small;
}

}
