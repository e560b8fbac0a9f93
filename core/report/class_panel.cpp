#include "core/report/page.h"
#include "core/report/text_measure.h"
#include "core/report/wording.h"

#include "core/base/time.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace percept::report {
namespace {

constexpr std::array<std::string_view, 10> kInk { "#0B7CC9", "#C27400", "#1E6847", "#A81E78", "#605823", "#5547D0", "#5D1C03",
    "#023746", "#986930", "#3A4F5A" };
constexpr double kAxisHeight = 26;
constexpr double kPitchMost = 40, kPitchLeast = 19, kTwoLines = 32;

// Of one row: the bar's length, and the words behind it.
struct Bar {
    std::string name;
    int palette = 0;
    double length = 0; // share of the axis
    evaluation::Interval interval;
    bool pale = false;
    int color = -1;
    std::string value, count;
    std::string_view countColor = ink::kText2;
};

using Ticks = std::vector<std::pair<double, std::string>>; // share of the axis, what stands there

// Beyond ten classes the colours repeat with a second mark, as on the canvas.
void hatch(SvgWriter& svg, const Frame& bar)
{
    for (double x = bar.x - bar.h + 6; x < bar.right(); x += 8) {
        const double from = std::max(x, bar.x), to = std::min(x + bar.h, bar.right());
        if (to > from)
            svg.line({ from, bar.bottom() - (from - x) }, { to, bar.bottom() - (to - x) }, { ink::kPanel, 1.5 });
    }
}

void whisker(SvgWriter& svg, double low, double high, double y, double cap)
{
    const Stroke stroke { ink::kText, 1.5 };
    svg.line({ low, y }, { high, y }, stroke);
    svg.line({ low, y - cap / 2 }, { low, y + cap / 2 }, stroke);
    svg.line({ high, y - cap / 2 }, { high, y + cap / 2 }, stroke);
}

struct Columns { double bars, barWidth, words, wordsWidth; };

void drawRow(SvgWriter& svg, const Bar& bar, const Columns& at, double left, double middle, double pitch)
{
    const bool two = pitch >= kTwoLines;
    const double size = two ? 13.5 : pitch > 21 ? 12.5 : 12;
    svg.textIn(at.bars - left - 12, { left, middle + size * 0.36 }, bar.name, { size, 400, ink::kText });
    const double height = std::min(22.0, pitch - 6);
    const Frame box { at.bars, middle - height / 2, bar.length * at.barWidth, height };
    const auto place = static_cast<std::size_t>(std::max(bar.palette, 0));
    svg.rect(box.x, box.y, box.w, box.h, ink::kPanel, 1, 2); // the grid does not shine through
    const std::string own = bar.color >= 0 ? fmt::format("#{:06X}", bar.color & 0xFFFFFF) : std::string();
    svg.rect(box.x, box.y, box.w, box.h, own.empty() ? kInk[place % kInk.size()] : own, bar.pale ? 0.4 : 0.85, 2);
    if (own.empty() && place >= kInk.size())
        hatch(svg, box);
    if (std::isfinite(bar.interval.low) && std::isfinite(bar.interval.high))
        whisker(svg, at.bars + bar.interval.low * at.barWidth, at.bars + bar.interval.high * at.barWidth, middle,
            std::min(9.0, height - 4));
    const TextStyle value { size, 600, ink::kText }, count { two ? 12.5 : 12, 400, bar.countColor };
    if (two) {
        svg.text({ at.words, middle - 2.5 }, bar.value, value);
        svg.textIn(at.wordsWidth, { at.words, middle + 13.5 }, bar.count, count);
        return;
    }
    svg.text({ at.words, middle + size * 0.36 }, bar.value, value);
    const double used = std::max(textWidth(bar.value, size, 600), 54.0) + 6;
    svg.textIn(at.wordsWidth - used, { at.words + used, middle + size * 0.36 }, bar.count, count);
}

void drawBars(SvgWriter& svg, const Frame& frame, const std::vector<Bar>& bars, const Ticks& ticks)
{
    const double pitch
        = std::clamp((frame.h - kAxisHeight) / static_cast<double>(std::max<std::size_t>(bars.size(), 1)), kPitchLeast, kPitchMost);
    double names = 40;
    for (const Bar& bar : bars)
        names = std::max(names, textWidth(bar.name, 13.5, 400));
    names = std::min(names, frame.w * 0.27);
    Columns at {};
    at.bars = frame.x + names + 14;
    at.wordsWidth = pitch >= kTwoLines ? 118 : 172;
    at.words = frame.right() - at.wordsWidth;
    at.barWidth = at.words - 18 - at.bars;
    const double bottom = frame.y + pitch * static_cast<double>(bars.size());
    for (const auto& [share, text] : ticks) {
        const double x = at.bars + share * at.barWidth;
        svg.line({ x, frame.y }, { x, bottom + 4 }, { ink::kLine, 1 });
        svg.text({ x, bottom + 20 }, text, { 12, 400, ink::kText2, Anchor::Middle });
    }
    for (std::size_t i = 0; i < bars.size(); ++i)
        drawRow(svg, bars[i], at, frame.x, frame.y + pitch * (static_cast<double>(i) + 0.5), pitch);
}

Bar foundBar(const ClassRow& row)
{
    Bar bar { row.name, row.palette, 0, row.share, row.tooFew, row.color, percent(row.share.value), {} };
    bar.length = std::isfinite(row.share.value) ? row.share.value : 0;
    bar.count = base::groupedCount(row.found) + " of " + base::groupedCount(row.of);
    if (row.of == 0) {
        bar.count = "none in the test set";
        bar.countColor = ink::kWarning;
    } else if (row.tooFew) {
        bar.count += ", too few";
        bar.countColor = ink::kWarning;
    }
    return bar;
}

// The smallest classes in one row, when there are more than fit.
ClassRow together(const std::vector<ClassRow>& rows, std::size_t first)
{
    ClassRow all;
    all.palette = 9;
    for (std::size_t i = first; i < rows.size(); ++i) {
        all.found += rows[i].found;
        all.of += rows[i].of;
        all.labeled += rows[i].labeled;
    }
    all.name = std::to_string(rows.size() - first) + " smaller ones";
    all.share = evaluation::wilson(all.found, all.of);
    all.tooFew = all.of < kTooFewObjects;
    return all;
}

std::vector<ClassRow> fitting(std::vector<ClassRow> rows, double height, bool byTest)
{
    const auto room = static_cast<std::size_t>(std::max((height - kAxisHeight) / kPitchLeast, 2.0));
    for (ClassRow& row : rows)
        row.name = cleaned(row.name);
    if (rows.size() <= room)
        return rows;
    std::stable_sort(rows.begin(), rows.end(), [&](const ClassRow& a, const ClassRow& b) {
        return byTest ? a.of > b.of : a.labeled > b.labeled;
    });
    ClassRow rest = together(rows, room - 1);
    rows.resize(room - 1);
    rows.push_back(std::move(rest));
    return rows;
}

void drawFound(SvgWriter& svg, const Frame& frame, const ReportData& data)
{
    std::vector<Bar> bars;
    for (const ClassRow& row : fitting(data.classes, frame.h, true))
        bars.push_back(foundBar(row));
    drawBars(svg, frame, bars, { { 0, "0" }, { 0.25, "25" }, { 0.5, "50" }, { 0.75, "75" }, { 1, "100 %" } });
}

// The least of 1, 2, 5, 10, ... that is not below n.
double roundedUp(double n)
{
    const double power = std::pow(10, std::floor(std::log10(std::max(n, 1.0))));
    for (const double step : { 1.0, 2.0, 5.0, 10.0 })
        if (power * step >= n)
            return power * step;
    return n;
}

void drawLabeled(SvgWriter& svg, const Frame& frame, const ReportData& data)
{
    const auto rows = fitting(data.classes, frame.h, false);
    std::int64_t most = 1;
    for (const ClassRow& row : rows)
        most = std::max(most, row.labeled);
    const double end = roundedUp(static_cast<double>(most));
    std::vector<Bar> bars;
    for (const ClassRow& row : rows) {
        Bar bar { row.name, row.palette, static_cast<double>(row.labeled) / end, evaluation::wilson(0, 0),
            row.labeled < kTooFewObjects, row.color, base::groupedCount(row.labeled), row.labeled == 1 ? "box" : "boxes" };
        if (row.labeled < kTooFewObjects) {
            bar.count += ", too few";
            bar.countColor = ink::kWarning;
        }
        bars.push_back(bar);
    }
    Ticks ticks { { 0, "0" } };
    if (end >= 2)
        ticks.push_back({ 0.5, base::groupedCount(std::llround(end / 2)) });
    ticks.push_back({ 1, base::groupedCount(std::llround(end)) });
    drawBars(svg, frame, bars, ticks);
}

}

void drawPanelTitle(SvgWriter& svg, const Frame& frame, std::string_view title, std::string_view beside)
{
    const double y = frame.y + 24;
    svg.text({ frame.x, y }, title, { 15, 600, ink::kText });
    const double used = textWidth(title, 15, 600) + 6;
    if (!beside.empty())
        svg.textIn(frame.w - used, { frame.x + used, y }, beside, { 13.5, 400, ink::kText3 });
}

void drawClasses(SvgWriter& svg, const Frame& frame, const ReportData& data)
{
    const Frame content { frame.x, frame.y + kTitleHeight, frame.w, frame.h - kTitleHeight - 8 };
    drawPanelTitle(svg, frame, data.hasModel ? "Found, by class" : "Labeled, by class",
        data.hasModel ? "of the test objects" : "boxes in all sets");
    if (data.classes.empty())
        svg.text({ frame.x, content.y + 16 }, "This project has no classes yet.", { 13.5, 400, ink::kText2 });
    else if (data.hasModel)
        drawFound(svg, content, data);
    else
        drawLabeled(svg, content, data);
}

}
