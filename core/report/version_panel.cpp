#include "core/report/page.h"
#include "core/report/text_measure.h"
#include "core/report/wording.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace percept::report {
namespace {

constexpr std::size_t kMostVersions = 8;
constexpr double kAxisWidth = 46, kDatesHeight = 42;

// From five or ten hundredths below the lowest whisker up to 100 %.
struct Scale {
    Frame plot;
    double low = 0, step = 0.1;
    double y(double share) const { return plot.bottom() - (share - low) / (1 - low) * plot.h; }
};

Scale scaleFor(const Frame& plot, const std::vector<VersionPoint>& points)
{
    double low = 1;
    for (const VersionPoint& p : points)
        low = std::fmin(low, std::fmin(p.found.value, p.found.low));
    Scale scale { plot };
    scale.low = std::clamp(std::floor((low - 0.03) * 20) / 20, 0.0, 0.8);
    for (const double step : { 0.05, 0.1, 0.25 }) {
        scale.step = step;
        if ((1 - scale.low) / step <= 5.01)
            break;
    }
    scale.low = std::max(0.0, 1 - std::ceil((1 - scale.low) / scale.step - 1e-9) * scale.step);
    return scale;
}

void drawGrid(SvgWriter& svg, const Scale& scale)
{
    for (double share = 1; share > scale.low - 1e-9; share -= scale.step) {
        const double y = scale.y(share);
        const bool bottom = share - scale.step < scale.low - 1e-9;
        svg.line({ scale.plot.x, y }, { scale.plot.right(), y }, { bottom ? ink::kAxis : ink::kLine, 1 });
        svg.text({ scale.plot.x - 10, y + 4 }, fmt::format("{:.0f}{}", share * 100, share == 1 ? " %" : ""),
            { 12, 400, ink::kText2, Anchor::End });
    }
}

DateDetail detailFor(const std::vector<VersionPoint>& points)
{
    const std::int64_t span = points.back().timeMs - points.front().timeMs;
    constexpr std::int64_t kDayMs = 86'400'000;
    return points.size() > 1 && span < kDayMs ? DateDetail::Time : span < 300 * kDayMs ? DateDetail::Day : DateDetail::Month;
}

// Beside the point, on the side that the line to the next one leaves free; where points stand close under the whisker.
void drawFigure(SvgWriter& svg, const Scale& scale, double x, double pitch, const VersionPoint& point, const VersionPoint* next)
{
    const std::string text = percentNumber(point.found.value);
    const double y = scale.y(point.found.value);
    if (pitch >= 74) {
        const double aside = !next ? 4 : scale.y(next->found.value) > y ? -7 : 16; // the line falls: above it
        svg.text({ x + 10, std::clamp(y + aside, scale.plot.y + 10, scale.plot.bottom() - 4) }, text, { 12.5, 500, ink::kText });
        return;
    }
    const double lowest = std::isfinite(point.found.low) ? scale.y(point.found.low) : y;
    const double highest = std::isfinite(point.found.high) ? scale.y(point.found.high) : y;
    const bool isBelow = lowest + 15 <= scale.plot.bottom() - 4;
    svg.text({ x, isBelow ? lowest + 15 : std::max(highest - 5, scale.plot.y + 10) }, text, { 12, 500, ink::kText, Anchor::Middle });
}

void drawPoint(SvgWriter& svg, const Scale& scale, double x, const VersionPoint& point)
{
    const double y = scale.y(point.found.value);
    const Stroke stroke { ink::kAccent, 1.5 };
    if (std::isfinite(point.found.low) && std::isfinite(point.found.high)) {
        const double low = scale.y(point.found.low), high = scale.y(point.found.high);
        svg.line({ x, low }, { x, high }, stroke);
        svg.line({ x - 4, low }, { x + 4, low }, stroke);
        svg.line({ x - 4, high }, { x + 4, high }, stroke);
    }
    if (point.rolledBackMs > 0) // it no longer runs
        svg.circle({ x, y }, 4.5, ink::kPanel, { ink::kAccent, 1.5 });
    else
        svg.circle({ x, y }, 5, ink::kAccent, { ink::kPanel, 1.5 });
}

void drawName(SvgWriter& svg, const Scale& scale, double x, double pitch, const VersionPoint& point, DateDetail detail)
{
    svg.textIn(pitch - 6, { x, scale.plot.bottom() + 19 }, point.version, { 12.5, 600, ink::kText, Anchor::Middle });
    if (point.timeMs > 0)
        svg.textIn(pitch - 2, { x, scale.plot.bottom() + 35 }, shortDate(point.timeMs, detail),
            { 12, 400, ink::kText2, Anchor::Middle });
    if (point.rolledBackMs > 0) {
        svg.textIn(pitch - 2, { x, scale.plot.bottom() + 50 }, "rolled back", { 12, 400, ink::kWarning, Anchor::Middle });
        svg.textIn(pitch - 2, { x, scale.plot.bottom() + 64 }, shortDate(point.rolledBackMs, DateDetail::Day), { 12, 400, ink::kWarning, Anchor::Middle });
    }
}

// Room below the axis: version and date, and when it was taken back where one was.
double namesHeight(const std::vector<VersionPoint>& points)
{
    const bool any = std::any_of(points.begin(), points.end(), [](const VersionPoint& p) { return p.rolledBackMs > 0; });
    return any ? kDatesHeight + 28 : kDatesHeight;
}

}

void drawVersions(SvgWriter& svg, const Frame& frame, const ReportData& data)
{
    drawPanelTitle(svg, frame, "Found, by version", data.versionsScope);
    std::vector<VersionPoint> points;
    for (const VersionPoint& p : data.versions)
        if (std::isfinite(p.found.value))
            points.push_back(p);
    if (points.empty()) {
        svg.text({ frame.x, frame.y + kTitleHeight + 16 }, "No version has been scored on the test set yet.",
            { 13.5, 400, ink::kText2 });
        return;
    }
    if (points.size() > kMostVersions)
        points.erase(points.begin(), points.end() - static_cast<std::ptrdiff_t>(kMostVersions));
    const Scale scale = scaleFor({ frame.x + kAxisWidth, frame.y + kTitleHeight + 8, frame.w - kAxisWidth,
                                     frame.h - kTitleHeight - 8 - namesHeight(points) - 8 },
        points);
    drawGrid(svg, scale);
    const double pitch = std::min(scale.plot.w / static_cast<double>(points.size()), 130.0);
    const auto x = [&](std::size_t i) { return scale.plot.x + pitch * (static_cast<double>(i) + 0.4); };
    std::vector<Point> line;
    for (std::size_t i = 0; i < points.size(); ++i)
        line.push_back({ x(i), scale.y(points[i].found.value) });
    if (line.size() > 1)
        svg.polyline(line, { ink::kAccent, 1.5 }, 0.55);
    const DateDetail detail = detailFor(points);
    for (std::size_t i = 0; i < points.size(); ++i) {
        drawPoint(svg, scale, x(i), points[i]);
        drawFigure(svg, scale, x(i), pitch, points[i], i + 1 < points.size() ? &points[i + 1] : nullptr);
        drawName(svg, scale, x(i), pitch, points[i], detail);
    }
}

}
