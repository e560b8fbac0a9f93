#include "tests/widgets/style/color_difference.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace percept::test {
namespace {

using Triple = std::array<double, 3>;
constexpr double kPi = std::numbers::pi;

double linear(double v) { return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); }
double gammaOf(double v) { return v <= 0.0031308 ? v * 12.92 : 1.055 * std::pow(v, 1 / 2.4) - 0.055; }
Triple linearRgb(const QColor& c) { return { linear(c.redF()), linear(c.greenF()), linear(c.blueF()) }; }

Triple labOf(const QColor& color)
{
    const auto [r, g, b] = linearRgb(color);
    const double x = (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047;
    const double y = 0.2126729 * r + 0.7151522 * g + 0.0721750 * b;
    const double z = (0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883;
    const auto f = [](double t) { return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116; };
    return { 116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z)) };
}

double hue(double a, double b)
{
    if (a == 0 && b == 0)
        return 0;
    const double h = std::atan2(b, a) * 180 / kPi;
    return h < 0 ? h + 360 : h;
}

double rad(double degrees) { return degrees * kPi / 180; }

}

QColor seenBy(const QColor& color, Sight sight)
{
    static const std::array<std::array<Triple, 3>, 3> matrices { {
        { { { 0.152286, 1.052583, -0.204868 }, { 0.114503, 0.786281, 0.099216 }, { -0.003882, -0.048116, 1.051998 } } },
        { { { 0.367322, 0.860646, -0.227968 }, { 0.280085, 0.672501, 0.047413 }, { -0.011820, 0.042940, 0.968881 } } },
        { { { 1.255528, -0.076749, -0.178779 }, { -0.078411, 0.930809, 0.147602 }, { 0.004733, 0.691367, 0.303900 } } },
    } };
    if (sight == Sight::Normal)
        return color;
    const Triple in = linearRgb(color);
    const auto& m = matrices[static_cast<std::size_t>(sight) - 1];
    Triple out {};
    for (std::size_t i = 0; i < 3; ++i)
        out[i] = std::clamp(gammaOf(std::clamp(m[i][0] * in[0] + m[i][1] * in[1] + m[i][2] * in[2], 0.0, 1.0)), 0.0, 1.0);
    return QColor::fromRgbF(static_cast<float>(out[0]), static_cast<float>(out[1]), static_cast<float>(out[2]));
}

double ciede2000(const QColor& first, const QColor& second)
{
    const auto [l1, a1, b1] = labOf(first);
    const auto [l2, a2, b2] = labOf(second);
    const double cMean = (std::hypot(a1, b1) + std::hypot(a2, b2)) / 2;
    const double g = 0.5 * (1 - std::sqrt(std::pow(cMean, 7) / (std::pow(cMean, 7) + std::pow(25.0, 7))));
    const double p1 = a1 * (1 + g), p2 = a2 * (1 + g);
    const double c1 = std::hypot(p1, b1), c2 = std::hypot(p2, b2);
    const double h1 = hue(p1, b1), h2 = hue(p2, b2);
    const double dl = l2 - l1, dc = c2 - c1;
    double dh = c1 * c2 == 0 ? 0 : h2 - h1;
    dh += dh > 180 ? -360 : dh < -180 ? 360 : 0;
    const double dH = 2 * std::sqrt(c1 * c2) * std::sin(rad(dh / 2));
    const double l = (l1 + l2) / 2, c = (c1 + c2) / 2;
    double h = h1 + h2;
    if (c1 * c2 != 0)
        h = std::abs(h1 - h2) <= 180 ? h / 2 : h < 360 ? (h + 360) / 2 : (h - 360) / 2;
    const double t = 1 - 0.17 * std::cos(rad(h - 30)) + 0.24 * std::cos(rad(2 * h)) + 0.32 * std::cos(rad(3 * h + 6)) - 0.20 * std::cos(rad(4 * h - 63));
    const double sl = 1 + 0.015 * std::pow(l - 50, 2) / std::sqrt(20 + std::pow(l - 50, 2));
    const double sc = 1 + 0.045 * c, sh = 1 + 0.015 * c * t;
    const double rotation = -2 * std::sqrt(std::pow(c, 7) / (std::pow(c, 7) + std::pow(25.0, 7))) * std::sin(rad(60 * std::exp(-std::pow((h - 275) / 25, 2))));
    return std::sqrt(std::pow(dl / sl, 2) + std::pow(dc / sc, 2) + std::pow(dH / sh, 2) + rotation * (dc / sc) * (dH / sh));
}

double contrast(const QColor& a, const QColor& b)
{
    const auto light = [](const QColor& c) {
        const auto [r, g, bl] = linearRgb(c);
        return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
    };
    const double x = light(a), y = light(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

}
