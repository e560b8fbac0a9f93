#include "core/services/sample_scene.h"

#include "core/services/sample_shapes.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace percept::services {

namespace {

constexpr int kWidth = 480, kHeight = 360;
constexpr int kFine = 2; // drawn at twice the size and averaged, so that edges are smooth

// One picture being drawn. Light comes from one direction; every part casts a soft shadow and is shaded as a rounded body.
class SceneDrawing {
public:
    SceneDrawing(std::uint64_t seed, std::uint64_t index)
        : m_random(seed, 77, index)
        , m_owner(kHeight * kFine, kWidth * kFine, CV_8U, cv::Scalar(0))
    {
        const double angle = m_random.uniform(0, 2 * CV_PI);
        m_light = { std::cos(angle) * 0.55, std::sin(angle) * 0.55, 0.83 };
    }

    SampleScene draw()
    {
        drawTray();
        drawClutter();
        const int wanted = 4 + static_cast<int>(m_random.below(7));
        for (int tries = 0; tries < wanted * 6 && static_cast<int>(m_parts.size()) < wanted; ++tries)
            placePart();
        SampleScene scene;
        scene.rgb = finish();
        scene.parts = measure();
        return scene;
    }

private:
    struct Placed {
        std::size_t label = 0;
        int pixels = 0; // inside the picture, before anything lay on it
        bool isTruncated = false;
    };

    void drawTray()
    {
        static const cv::Scalar kColors[] = { { 86, 102, 118 }, { 58, 92, 84 }, { 132, 126, 116 }, { 70, 72, 80 }, { 156, 150, 140 } };
        const cv::Scalar base = kColors[m_random.below(std::size(kColors))] * m_random.uniform(0.85, 1.15);
        m_canvas = cv::Mat(kHeight * kFine, kWidth * kFine, CV_32FC3, base);
        const double pitch = m_random.uniform(60, 130), slant = m_random.uniform(-0.06, 0.06);
        const bool hasRidges = m_random.below(3) != 0;
        for (int y = 0; y < m_canvas.rows; ++y) {
            auto* row = m_canvas.ptr<cv::Vec3f>(y);
            for (int x = 0; x < m_canvas.cols; ++x) {
                const double grain = (static_cast<double>(m_random.next() & 0xffff) / 65535 - 0.5) * 9;
                const double place = std::fmod(x + slant * y + 10000, pitch) / pitch;
                const double ridge = hasRidges ? 10 * std::exp(-std::pow((place - 0.5) * 16, 2)) - 7 * std::exp(-std::pow((place - 0.56) * 16, 2)) : 0;
                row[x] += cv::Vec3f::all(static_cast<float>(grain + ridge));
            }
        }
        cv::GaussianBlur(m_canvas, m_canvas, { 3, 3 }, 0);
    }

    // Things that are no parts: scratches, crumbs, a slip of paper, a bit of wire.
    void drawClutter()
    {
        for (std::uint64_t i = m_random.below(10); i > 0; --i) {
            const cv::Point a = randomPoint(), b = a + cv::Point(static_cast<int>(m_random.uniform(-160, 160)), static_cast<int>(m_random.uniform(-50, 50)));
            const double tone = m_random.uniform(-22, 22);
            cv::line(m_canvas, a, b, cv::mean(m_canvas) + cv::Scalar::all(tone), 1, cv::LINE_AA);
        }
        for (std::uint64_t i = m_random.below(26); i > 0; --i)
            cv::circle(m_canvas, randomPoint(), 1 + static_cast<int>(m_random.below(4)), cv::Scalar::all(m_random.uniform(30, 190)), -1, cv::LINE_AA);
        if (m_random.below(3) == 0) {
            const cv::RotatedRect slip(randomPoint(), { static_cast<float>(m_random.uniform(90, 180)), static_cast<float>(m_random.uniform(50, 90)) },
                static_cast<float>(m_random.uniform(0, 180)));
            cv::Point2f corners[4];
            slip.points(corners);
            std::vector<cv::Point> outline(corners, corners + 4);
            cv::fillConvexPoly(m_canvas, outline, { 205, 203, 192 }, cv::LINE_AA);
        }
        if (m_random.below(3) == 0) {
            std::vector<cv::Point> wire = { randomPoint() };
            for (int i = 0; i < 12; ++i)
                wire.push_back(wire.back() + cv::Point(static_cast<int>(m_random.uniform(4, 26)), static_cast<int>(m_random.uniform(-16, 16))));
            cv::polylines(m_canvas, wire, false, cv::Scalar(m_random.uniform(60, 190), 50, 45), 5, cv::LINE_AA);
        }
    }

    cv::Point randomPoint() { return { static_cast<int>(m_random.below(kWidth * kFine)), static_cast<int>(m_random.below(kHeight * kFine)) }; }

    void placePart()
    {
        const std::size_t label = m_random.below(kSampleLabels.size());
        const double size = m_random.uniform(0.75, 1.45) * 30 * kFine;
        const cv::Point2d centre(m_random.uniform(8, kWidth - 8) * kFine, m_random.uniform(8, kHeight - 8) * kFine);
        const SampleShape shape = makeSampleShape(label, centre, size, m_random);
        cv::Mat mask(m_owner.size(), CV_8U, cv::Scalar(0));
        shape.paint(mask);
        const int pixels = cv::countNonZero(mask);
        const bool isTruncated = cv::countNonZero(mask.row(0)) + cv::countNonZero(mask.row(mask.rows - 1)) + cv::countNonZero(mask.col(0))
                + cv::countNonZero(mask.col(mask.cols - 1)) > 0;
        if (pixels < size * size * 0.16 || m_parts.size() >= 250 || hidesTooMuch(mask))
            return;
        paintBody(mask, shape);
        m_parts.push_back({ label, pixels, isTruncated });
        m_owner.setTo(static_cast<double>(m_parts.size()), mask);
    }

    // Every part stays visible by more than half: a box that nobody could draw would be no truth.
    bool hidesTooMuch(const cv::Mat& mask) const
    {
        for (std::size_t i = 0; i < m_parts.size(); ++i) {
            const cv::Mat visible = m_owner == static_cast<double>(i + 1);
            const int left = cv::countNonZero(visible & ~mask);
            if (left < m_parts[i].pixels * 0.6)
                return true;
        }
        return false;
    }

    void paintBody(const cv::Mat& mask, const SampleShape& shape)
    {
        const cv::Rect area = grown(cv::boundingRect(mask), 24) & cv::Rect({}, mask.size());
        castShadow(mask, area, shape.height);
        cv::Mat depth, dx, dy;
        cv::distanceTransform(mask(area), depth, cv::DIST_L2, 5);
        depth.forEach<float>([&](float& d, const int*) { // a rounded rim, flat inside
            const float t = std::min(d / static_cast<float>(shape.rim), 1.f);
            d = static_cast<float>(shape.rim) * std::sqrt(t * (2 - t));
        });
        shape.engrave(depth, area.tl());
        cv::GaussianBlur(depth, depth, { 5, 5 }, 1.0);
        cv::Sobel(depth, dx, CV_32F, 1, 0, 3, 1.0 / 8);
        cv::Sobel(depth, dy, CV_32F, 0, 1, 3, 1.0 / 8);
        for (int y = 0; y < area.height; ++y)
            for (int x = 0; x < area.width; ++x)
                if (mask.at<uchar>(area.y + y, area.x + x) != 0)
                    m_canvas.at<cv::Vec3f>(area.y + y, area.x + x) = shaded(shape, dx.at<float>(y, x), dy.at<float>(y, x));
    }

    cv::Vec3f shaded(const SampleShape& shape, double slopeX, double slopeY)
    {
        const double length = std::sqrt(slopeX * slopeX + slopeY * slopeY + 1);
        const double facing = std::max(0.0, (-slopeX * m_light.x - slopeY * m_light.y + m_light.z) / length);
        const double shine = shape.gloss * std::pow(facing, 24);
        const double grain = (static_cast<double>(m_random.next() & 0xffff) / 65535 - 0.5) * 7;
        cv::Vec3f color;
        for (int c = 0; c < 3; ++c)
            color[c] = static_cast<float>(shape.color[c] * (0.28 + 0.75 * facing) + 150 * shine + grain);
        return color;
    }

    void castShadow(const cv::Mat& mask, const cv::Rect& area, double height)
    {
        const cv::Matx23d shift(1, 0, -m_light.x * height, 0, 1, -m_light.y * height);
        cv::Mat shadow;
        cv::warpAffine(mask(area), shadow, shift, area.size());
        cv::GaussianBlur(shadow, shadow, { 15, 15 }, 4);
        for (int y = 0; y < area.height; ++y)
            for (int x = 0; x < area.width; ++x)
                m_canvas.at<cv::Vec3f>(area.y + y, area.x + x) *= 1 - 0.55f * static_cast<float>(shadow.at<uchar>(y, x)) / 255;
    }

    static cv::Rect grown(const cv::Rect& r, int by) { return { r.x - by, r.y - by, r.width + 2 * by, r.height + 2 * by }; }

    // Lens and sensor: uneven light, colour of the lamp, blur, noise.
    cv::Mat finish()
    {
        cv::Mat picture;
        cv::resize(m_canvas, picture, { kWidth, kHeight }, 0, 0, cv::INTER_AREA);
        if (const double blur = m_random.uniform(0, 1.1); blur > 0.3)
            cv::GaussianBlur(picture, picture, { 0, 0 }, blur);
        const double gain = m_random.uniform(0.72, 1.2), warmth = m_random.uniform(-0.07, 0.07), noise = m_random.uniform(2, 9);
        const double slopeX = m_random.uniform(-0.22, 0.22), slopeY = m_random.uniform(-0.22, 0.22);
        cv::Mat rgb(kHeight, kWidth, CV_8UC3);
        for (int y = 0; y < kHeight; ++y)
            for (int x = 0; x < kWidth; ++x) {
                const double light = gain * (1 + slopeX * (x - kWidth / 2.0) / (kWidth / 2.0) + slopeY * (y - kHeight / 2.0) / (kHeight / 2.0));
                const double tints[3] = { 1 + warmth, 1, 1 - warmth };
                for (int c = 0; c < 3; ++c) {
                    const std::uint64_t bits = m_random.next();
                    const double bell = (static_cast<double>(bits & 0xffff) + static_cast<double>((bits >> 16) & 0xffff) + static_cast<double>((bits >> 32) & 0xffff)) / 65535 - 1.5;
                    rgb.at<cv::Vec3b>(y, x)[c] = cv::saturate_cast<uchar>(picture.at<cv::Vec3f>(y, x)[c] * light * tints[c] + bell * 2 * noise);
                }
            }
        return rgb;
    }

    std::vector<SamplePart> measure() const
    {
        std::vector<SamplePart> parts;
        for (std::size_t i = 0; i < m_parts.size(); ++i) {
            const cv::Mat visible = m_owner == static_cast<double>(i + 1);
            const cv::Rect bounds = cv::boundingRect(visible);
            const domain::Box box { static_cast<double>(bounds.x) / kFine, static_cast<double>(bounds.y) / kFine,
                static_cast<double>(bounds.width) / kFine, static_cast<double>(bounds.height) / kFine };
            parts.push_back({ kSampleLabels[m_parts[i].label], box, cv::countNonZero(visible) < m_parts[i].pixels * 0.95, m_parts[i].isTruncated });
        }
        return parts;
    }

    base::Random m_random;
    cv::Point3d m_light;
    cv::Mat m_canvas; // CV_32FC3
    cv::Mat m_owner;  // number of the part that is on top, 0: tray
    std::vector<Placed> m_parts;
};

}

SampleScene drawSampleScene(std::uint64_t seed, std::uint64_t index)
{
    SceneDrawing drawing(seed, index);
    return drawing.draw();
}

}
