#include "core/device/draw_boxes.h"

#include "core/protocol/edge_messages.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

namespace percept::device {

namespace {

constexpr std::size_t kMostBoxes = 500;

// The colours of the classes on pictures everywhere in Percept, in their order.
const cv::Scalar kColours[] { { 0x45, 0xC8, 0xFF }, { 0xFF, 0xC5, 0x3D }, { 0x34, 0xB8, 0x86 }, { 0xF0, 0x62, 0xB0 }, { 0xE9, 0xE6, 0xB0 },
    { 0x8F, 0x86, 0xFF }, { 0xFF, 0x5A, 0x2B }, { 0xC4, 0xE5, 0xDF }, { 0xB0, 0x7C, 0x48 }, { 0xB1, 0xBA, 0xC4 } };

// The drawing font knows ASCII alone.
std::string asciiOf(const std::string& text)
{
    std::string ascii;
    for (const char c : text.substr(0, 40))
        ascii += c >= ' ' && c <= '~' ? c : '?';
    return ascii;
}

// Name and score above a box, inside the picture; left out where it would cover that of a better one.
class Tags {
public:
    Tags(cv::Mat& rgb, int thickness)
        : m_rgb(rgb)
        , m_thickness(thickness)
        , m_size(std::max(0.4, std::max(rgb.cols, rgb.rows) / 1600.0))
    {
    }
    void draw(const std::string& text, const cv::Point& corner, const cv::Scalar& colour)
    {
        int below = 0;
        const cv::Size size = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, m_size, 3 * m_thickness, &below);
        const cv::Point at(std::clamp(corner.x, 0, std::max(0, m_rgb.cols - size.width)),
            std::clamp(corner.y - 2 * m_thickness, size.height, std::max(size.height, m_rgb.rows - below)));
        const cv::Rect place(at.x, at.y - size.height, size.width, size.height + below);
        if (std::any_of(m_places.begin(), m_places.end(), [&](const cv::Rect& other) { return (other & place).area() > 0; }))
            return;
        m_places.push_back(place);
        cv::putText(m_rgb, text, at, cv::FONT_HERSHEY_SIMPLEX, m_size, { 0, 0, 0 }, 3 * m_thickness, cv::LINE_AA);
        cv::putText(m_rgb, text, at, cv::FONT_HERSHEY_SIMPLEX, m_size, colour, m_thickness, cv::LINE_AA);
    }

private:
    cv::Mat& m_rgb;
    const int m_thickness;
    const double m_size;
    std::vector<cv::Rect> m_places;
};

}

void drawBoxes(cv::Mat& rgb, const nlohmann::json& boxes, double scale)
{
    const auto result = protocol::edgeResultFromJson({ { "file", "" }, { "width", rgb.cols }, { "height", rgb.rows }, { "predictions", boxes } });
    if (result.hasError())
        return;
    const int thickness = std::max(1, std::max(rgb.cols, rgb.rows) / 500);
    Tags tags(rgb, thickness);
    for (std::size_t i = 0; i < std::min(kMostBoxes, result->predictions.size()); ++i) {
        const auto& prediction = result->predictions[i];
        const auto at = [&](double value) { return cvRound(std::clamp(value * scale, -1e4, 1e4)); };
        const cv::Scalar& colour = kColours[static_cast<std::size_t>(prediction.labelIndex) % std::size(kColours)];
        const cv::Point corner(at(prediction.box.x), at(prediction.box.y));
        const cv::Point end(at(prediction.box.x + prediction.box.w), at(prediction.box.y + prediction.box.h));
        cv::rectangle(rgb, corner, end, { 0, 0, 0 }, thickness + 2, cv::LINE_AA); // to be seen on what has its colour
        cv::rectangle(rgb, corner, end, colour, thickness, cv::LINE_AA);
        tags.draw(fmt::format("{} {:.2f}", asciiOf(prediction.label), prediction.score), corner, colour);
    }
}

}
