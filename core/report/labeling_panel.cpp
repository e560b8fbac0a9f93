#include "core/report/page.h"
#include "core/report/text_measure.h"
#include "core/report/wording.h"

#include "core/base/time.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>

namespace percept::report {
namespace {

constexpr double kBarHeight = 16;

void drawBar(SvgWriter& svg, const Frame& frame, const ReportData& data)
{
    const double all = static_cast<double>(std::max<std::int64_t>(data.done + data.toReview + data.toDo, 1));
    const double doneWidth = frame.w * static_cast<double>(data.done) / all;
    const double reviewWidth = frame.w * static_cast<double>(data.toReview) / all;
    const double toDoWidth = frame.w - doneWidth - reviewWidth;
    const auto part = [&](double x, double w, std::string_view fill) {
        svg.rect(x, frame.y, std::max(w - 2, w > 0 ? 1.0 : 0.0), kBarHeight, fill, 1, 2);
    };
    part(frame.x, doneWidth, ink::kAccent);
    part(frame.x + doneWidth, reviewWidth, ink::kAccentSoft);
    part(frame.x + doneWidth + reviewWidth, toDoWidth, ink::kRest);

    const double y = frame.y + kBarHeight + 19;
    TextStyle style { 13, 500, ink::kText };
    svg.text({ frame.x, y },
        fmt::format("{} done, {}", base::groupedCount(data.done), percent(static_cast<double>(data.done) / all)), style);
    style = { 13, 400, ink::kText2, Anchor::End };
    double right = frame.right();
    if (data.toDo > 0) {
        const std::string text = base::groupedCount(data.toDo) + " to do";
        svg.text({ right, y }, text, style);
        right -= textWidth(text, 13, 400) + 18;
    }
    if (data.toReview > 0)
        svg.text({ right, y }, base::groupedCount(data.toReview) + " to review", style);
}

// Days since 1970 of "2026-11-24"; -1 for anything else.
std::int64_t dayNumber(const std::string& day)
{
    std::tm t {};
    if (std::sscanf(day.c_str(), "%d-%d-%d", &t.tm_year, &t.tm_mon, &t.tm_mday) != 3)
        return -1;
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    return timegm(&t) / 86'400;
}

// "24 Nov" or "Nov 2026" of such a number. Noon, so that no time zone moves the day.
std::string dayText(std::int64_t day, std::int64_t span)
{
    const std::time_t seconds = day * 86'400;
    std::tm t {};
    gmtime_r(&seconds, &t);
    t.tm_hour = 12;
    t.tm_isdst = -1;
    return shortDate(static_cast<std::int64_t>(std::mktime(&t)) * 1000, span > 300 ? DateDetail::Month : DateDetail::Day);
}

struct Total { std::int64_t day = 0; double gathered = 0, labeled = 0, done = 0; };

std::vector<Total> totals(const ReportData& data)
{
    std::vector<Total> result;
    Total sum;
    for (const auto& day : data.days) {
        sum.day = dayNumber(day.day);
        if (sum.day < 0 || (!result.empty() && sum.day <= result.back().day))
            continue;
        sum.gathered += static_cast<double>(day.gathered);
        sum.labeled += static_cast<double>(day.labeled);
        sum.done += static_cast<double>(day.done);
        result.push_back(sum);
    }
    return result;
}

// Steps of 1, 2, 5, 10, ...: at most `most` of them reach n.
double axisStep(double n, double most)
{
    for (double power = 1;; power *= 10)
        for (const double step : { 1.0, 2.0, 5.0 })
            if (power * step * most >= n)
                return power * step;
}

class Chart {
public:
    Chart(SvgWriter& svg, const Frame& frame, const std::vector<Total>& totals)
        : m_svg(svg)
        , m_plot { frame.x + 46, frame.y + 26, frame.w - 46 - 8, frame.h - 26 - 26 }
        , m_totals(totals)
        , m_first(totals.front().day)
        , m_span(totals.back().day - totals.front().day)
    {
        double most = 1;
        for (const Total& t : totals)
            most = std::max({ most, t.gathered, t.labeled, t.done });
        m_step = axisStep(most, m_plot.h < 85 ? 3 : 5);
        m_top = m_step * std::ceil(most / m_step);
    }

    void draw()
    {
        drawAxes();
        area([](const Total& t) { return std::max(t.labeled, t.done); }, ink::kAccent, 0.25);
        area([](const Total& t) { return t.done; }, ink::kAccent, 0.5);
        std::vector<Point> gathered;
        for (const Total& t : m_totals)
            gathered.push_back({ x(t.day), y(t.gathered) });
        m_svg.polyline(gathered, { ink::kText2, 1.2, "5 4" });
        drawLegend();
    }

private:
    double x(std::int64_t day) const
    {
        return m_plot.x + static_cast<double>(day - m_first) / static_cast<double>(m_span) * m_plot.w;
    }
    double y(double n) const { return m_plot.bottom() - n / m_top * m_plot.h; }

    void drawAxes()
    {
        for (double n = 0; n <= m_top + 1e-9; n += m_step) {
            m_svg.line({ m_plot.x, y(n) }, { m_plot.right(), y(n) }, { n == 0 ? ink::kAxis : ink::kLine, 1 });
            m_svg.text({ m_plot.x - 10, y(n) + 4 }, base::groupedCount(std::llround(n)), { 12, 400, ink::kText2, Anchor::End });
        }
        const std::int64_t ticks = std::min<std::int64_t>(m_span, 4);
        for (std::int64_t i = 0; i <= ticks; ++i) {
            const std::int64_t day = m_first + m_span * i / ticks;
            const Anchor anchor = i == 0 ? Anchor::Start : i == ticks ? Anchor::End : Anchor::Middle;
            m_svg.line({ x(day), m_plot.bottom() }, { x(day), m_plot.bottom() + 4 }, { ink::kAxis, 1 });
            m_svg.text({ x(day), m_plot.bottom() + 20 }, dayText(day, m_span), { 12, 400, ink::kText2, anchor });
        }
    }

    template <typename ValueOf>
    void area(ValueOf valueOf, std::string_view fill, double opacity)
    {
        std::vector<Point> points { { x(m_totals.front().day), m_plot.bottom() } };
        for (const Total& t : m_totals)
            points.push_back({ x(t.day), y(valueOf(t)) });
        points.push_back({ x(m_totals.back().day), m_plot.bottom() });
        m_svg.polygon(points, fill, opacity);
    }

    // A row above the plot, in the order of the curves.
    void drawLegend()
    {
        double at = m_plot.x;
        const double middle = m_plot.y - 16;
        const auto entry = [&](std::string_view text) {
            m_svg.text({ at + 24, middle + 4 }, text, { 12, 400, ink::kText2 });
            at += 24 + textWidth(text, 12, 400) + 18;
        };
        m_svg.line({ at, middle }, { at + 18, middle }, { ink::kText2, 1.2, "5 4" });
        entry("gathered");
        m_svg.rect(at, middle - 6, 18, 11, ink::kAccent, 0.25);
        entry("labeled");
        m_svg.rect(at, middle - 6, 18, 11, ink::kAccent, 0.62);
        entry("done");
    }

    SvgWriter& m_svg;
    Frame m_plot;
    const std::vector<Total>& m_totals;
    std::int64_t m_first, m_span;
    double m_step = 1, m_top = 1;
};

// A single day makes no curve.
void drawOneDay(SvgWriter& svg, const Frame& frame, const ReportData& data, const std::vector<Total>& days)
{
    std::string text = days.empty() ? "No picture has been gathered yet."
                                    : "Everything so far was gathered on " + dayText(days.front().day, 0)
            + "; a curve appears here from the second day on.";
    if (data.toDo + data.toReview > 0 && !days.empty())
        text += " " + counted(data.toDo + data.toReview, "picture is", "pictures are") + (data.toDo + data.toReview == 1 ? " not done and trains nothing yet." : " not done and train nothing yet.");
    double y = frame.y + 20;
    for (const std::string& line : wrapped(text, frame.w, 13.5, 400)) {
        svg.text({ frame.x, y }, line, { 13.5, 400, ink::kText2 });
        y += 20;
    }
}

}

void drawLabeling(SvgWriter& svg, const Frame& frame, const ReportData& data)
{
    drawPanelTitle(svg, frame, "Labeling",
        counted(data.pictures, "picture", "pictures") + ", " + counted(data.boxes, "box", "boxes"));
    drawBar(svg, { frame.x, frame.y + kTitleHeight, frame.w, kBarHeight }, data);
    const Frame rest { frame.x, frame.y + kTitleHeight + 50, frame.w, frame.h - kTitleHeight - 50 - 6 };
    const auto days = totals(data);
    if (days.size() >= 2 && rest.h > 70)
        Chart(svg, rest, days).draw();
    else
        drawOneDay(svg, rest, data, days);
}

}
