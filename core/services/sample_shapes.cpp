#include "core/services/sample_shapes.h"

#include <cmath>
#include <opencv2/imgproc.hpp>

namespace percept::services {

namespace {

// Along and across a part, to places in the picture.
struct Frame {
    cv::Point2d centre, along, across;
    Frame(cv::Point2d at, double angle)
        : centre(at)
        , along(std::cos(angle), std::sin(angle))
        , across(-std::sin(angle), std::cos(angle))
    {
    }
    cv::Point2d at(double u, double v) const { return centre + along * u + across * v; }
    cv::Point pixel(double u, double v) const
    {
        const cv::Point2d p = at(u, v);
        return { static_cast<int>(std::lround(p.x)), static_cast<int>(std::lround(p.y)) };
    }
    // (u, v) of a place.
    cv::Point2d inside(cv::Point2d p) const { return { (p - centre).dot(along), (p - centre).dot(across) }; }
};

cv::Scalar metal(base::Random& random)
{
    static const cv::Scalar kMetals[] = { { 196, 198, 202 }, { 168, 170, 176 }, { 206, 178, 112 }, { 178, 160, 120 }, { 118, 120, 126 } };
    return kMetals[random.below(std::size(kMetals))] * random.uniform(0.85, 1.1);
}

void fill(cv::Mat& mask, const std::vector<cv::Point>& outline) { cv::fillPoly(mask, std::vector<std::vector<cv::Point>> { outline }, 255); }

SampleShape washer(const Frame& frame, double size, base::Random& random)
{
    const int outer = static_cast<int>(size * 0.62), inner = static_cast<int>(outer * random.uniform(0.42, 0.6));
    SampleShape shape;
    shape.paint = [=](cv::Mat& mask) {
        cv::circle(mask, frame.pixel(0, 0), outer, 255, -1);
        cv::circle(mask, frame.pixel(0, 0), inner, 0, -1);
    };
    shape.engrave = [](cv::Mat&, cv::Point) {};
    shape.rim = 4;
    shape.height = 5;
    return shape;
}

SampleShape nut(const Frame& frame, double size, base::Random& random)
{
    const double outer = size * 0.68, hole = outer * random.uniform(0.46, 0.54);
    SampleShape shape;
    shape.paint = [=](cv::Mat& mask) {
        std::vector<cv::Point> outline;
        for (int i = 0; i < 6; ++i)
            outline.push_back(frame.pixel(outer * std::cos(i * CV_PI / 3), outer * std::sin(i * CV_PI / 3)));
        fill(mask, outline);
        cv::circle(mask, frame.pixel(0, 0), static_cast<int>(hole), 0, -1);
    };
    shape.engrave = [=](cv::Mat& depth, cv::Point origin) { // the chamfer: a cone outside of a circle
        for (int y = 0; y < depth.rows; ++y)
            for (int x = 0; x < depth.cols; ++x) {
                const double r = cv::norm(cv::Point2d(x + origin.x, y + origin.y) - frame.centre);
                if (r > outer * 0.8)
                    depth.at<float>(y, x) -= static_cast<float>((r - outer * 0.8) * 0.7);
            }
    };
    shape.rim = 5;
    shape.height = 14;
    return shape;
}

SampleShape screw(const Frame& frame, double size, base::Random& random)
{
    const double length = size * random.uniform(0.85, 1.35), shaft = size * 0.19, head = size * 0.42;
    const double start = -length + head * 0.75;
    SampleShape shape;
    shape.paint = [=](cv::Mat& mask) {
        fill(mask, { frame.pixel(-length, -head), frame.pixel(-length + head * 0.4, -head), frame.pixel(start, -shaft), frame.pixel(start, shaft),
                       frame.pixel(-length + head * 0.4, head), frame.pixel(-length, head), frame.pixel(-length - head * 0.22, head * 0.6),
                       frame.pixel(-length - head * 0.22, -head * 0.6) });
        fill(mask, { frame.pixel(start - 2, -shaft), frame.pixel(length * 0.86, -shaft), frame.pixel(length, 0), frame.pixel(length * 0.86, shaft),
                       frame.pixel(start - 2, shaft) });
    };
    shape.engrave = [=](cv::Mat& depth, cv::Point origin) { // thread
        for (int y = 0; y < depth.rows; ++y)
            for (int x = 0; x < depth.cols; ++x) {
                const cv::Point2d p = frame.inside({ static_cast<double>(x + origin.x), static_cast<double>(y + origin.y) });
                if (p.x > start + 4 && depth.at<float>(y, x) > 0)
                    depth.at<float>(y, x) += static_cast<float>(1.6 * std::sin((p.x + p.y * 0.35) * 0.95));
            }
    };
    shape.rim = shaft;
    shape.height = 9;
    return shape;
}

SampleShape spring(const Frame& frame, double size, base::Random& random)
{
    const double length = size * random.uniform(0.7, 1.1), radius = size * random.uniform(0.27, 0.36);
    const int coils = 5 + static_cast<int>(random.below(4)), wire = std::max(4, static_cast<int>(size * 0.085));
    const auto curve = [=] {
        std::vector<cv::Point> points;
        const int steps = coils * 24;
        for (int i = 0; i <= steps; ++i) {
            const double t = static_cast<double>(i) / steps, turn = t * coils * 2 * CV_PI;
            points.push_back(frame.pixel(-length + 2 * length * t + radius * 0.28 * std::sin(turn), radius * std::cos(turn)));
        }
        return points;
    };
    SampleShape shape;
    shape.paint = [=](cv::Mat& mask) { cv::polylines(mask, curve(), false, 255, wire); };
    shape.engrave = [](cv::Mat&, cv::Point) {};
    shape.rim = wire * 0.5;
    shape.height = 10;
    return shape;
}

}

SampleShape makeSampleShape(std::size_t label, cv::Point2d centre, double size, base::Random& random)
{
    const Frame frame(centre, random.uniform(0, 2 * CV_PI));
    const cv::Scalar color = metal(random);
    SampleShape shape = label == 0 ? washer(frame, size, random)
        : label == 1               ? nut(frame, size, random)
        : label == 2               ? screw(frame, size, random)
                                   : spring(frame, size, random);
    shape.color = color;
    shape.gloss = random.uniform(0.3, 1.0);
    return shape;
}

}
