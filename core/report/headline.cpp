#include "core/report/page.h"
#include "core/report/text_measure.h"
#include "core/report/wording.h"

#include "core/base/time.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace percept::report {
namespace {

constexpr TextStyle kFigure { 40, 600, ink::kText };
constexpr TextStyle kCaption { 15, 600, ink::kText };
constexpr TextStyle kSmall { 13, 400, ink::kText2 };
constexpr TextStyle kAxisText { 12, 400, ink::kText2 };

struct Lines {
    TextStyle text = kSmall;
    double pitch = 19;
};

// Where the little axis begins: the tens below what it must show, 80 at most.
double axisStart(const evaluation::Interval& interval)
{
    const double low = std::isfinite(interval.low) ? interval.low : interval.value;
    return std::clamp(std::floor(low * 10 - 0.5) / 10, 0.0, 0.8);
}

void drawIntervalBar(SvgWriter& svg, double x, double y, double width, const evaluation::Interval& interval)
{
    const double start = axisStart(interval);
    const auto at = [&](double share) { return x + (share - start) / (1 - start) * width; };
    svg.line({ x, y }, { x + width, y }, { ink::kRest, 1 });
    const bool known = std::isfinite(interval.low) && std::isfinite(interval.high);
    if (known)
        svg.rect(at(interval.low), y - 4, std::max(at(interval.high) - at(interval.low), 2.0), 8, ink::kAccentSoft, 1, 2);
    svg.rect(at(interval.value) - 1.5, y - 8, 3, 16, ink::kAccent);
    const std::string from = fmt::format("{:.0f} %", start * 100);
    TextStyle style = kAxisText;
    svg.text({ x, y + 24 }, from, style);
    style.anchor = Anchor::End;
    svg.text({ x + width, y + 24 }, "100 %", style);
    if (!known)
        return;
    const std::string range = percentNumber(interval.low) + " to " + percentNumber(interval.high);
    const double half = textWidth(range, style.size, 500) / 2;
    const double least = x + textWidth(from, style.size, 400) + 10 + half;
    const double most = x + width - textWidth("100 %", style.size, 400) - 10 - half;
    const double middle = at((interval.low + interval.high) / 2);
    svg.text({ std::clamp(middle, least, std::max(least, most)), y + 24 }, range, { 12, 500, ink::kText, Anchor::Middle });
}

void drawShare(SvgWriter& svg, const Frame& frame, const evaluation::Interval& share, const std::string& figure,
    std::string_view caption)
{
    TextStyle style = kFigure;
    while (style.size > 20 && textWidth(figure, style.size, style.weight) > frame.w)
        style.size -= 2;
    svg.text({ frame.x, frame.y + 36 }, figure, style);
    const std::string exact = percent(share.value);
    svg.text({ frame.x, frame.y + 64 }, caption, kCaption);
    if (!std::isfinite(share.value))
        return;
    svg.text({ frame.x + textWidth(caption, kCaption.size, 600) + 8, frame.y + 64 }, exact, kSmall);
    drawIntervalBar(svg, frame.x, frame.y + 88, std::min(frame.w, 272.0), share);
}

std::string figureOf(const evaluation::Interval& share, std::int64_t n)
{
    return std::isfinite(share.value) ? ofHundred(std::llround(share.value * static_cast<double>(n)), n) : "–";
}

void drawLines(SvgWriter& svg, const Frame& frame, double y, const std::string& text, std::size_t most, const Lines& style = {})
{
    const auto lines = wrapped(text, frame.w, style.text.size, style.text.weight);
    for (std::size_t i = 0; i < lines.size() && i < most; ++i)
        svg.text({ frame.x, y + style.pitch * static_cast<double>(i) }, lines[i], style.text);
}

// Better or worse is claimed only when the interval leaves 0 out, and more that is found is not better where it was paid for.
std::string verdictOn(const Comparison& c)
{
    const std::string other = versionForPeople(c.other);
    if (!c.canTell())
        return "too few pictures to tell";
    if (c.isBetter() || c.isWorse())
        return (c.isBetter() ? "better than " : "worse than ") + other;
    if (c.findsMore() || c.findsLess()) // beside which version, the sentence below says: this line holds no more
        return c.findsMore() ? "more found, more false alarms" : "less found, fewer false alarms";
    return (c.hasMoreFalse() ? "more false alarms than " : c.hasFewerFalse() ? "fewer false alarms than " : "not told apart from ") + other;
}

void drawComparison(SvgWriter& svg, const Frame& frame, const ReportData& data)
{
    const Comparison& comparison = data.comparison;
    const double value = std::round(comparison.found.value * 10) / 10;
    const std::string figure = value == 0 ? "±0" : signedPoints(value);
    TextStyle style = kFigure;
    style.color = comparison.isBetter() ? ink::kGood : comparison.isWorse() ? ink::kBad : ink::kText2;
    svg.text({ frame.x, frame.y + 36 }, figure, style);
    svg.text({ frame.x + textWidth(figure, style.size, 600) + 10, frame.y + 36 }, "of 100 objects found", { 15, 400, ink::kText2 });
    svg.textIn(frame.w, { frame.x, frame.y + 64 }, verdictOn(comparison), kCaption);
    constexpr std::size_t kMost = 3;
    const std::string sentence = comparisonSentence(comparison);
    Lines lines { { 12.5, 400, ink::kText2 }, 16.5 };
    while (lines.text.size > 10 && wrapped(sentence, frame.w, lines.text.size, lines.text.weight).size() > kMost)
        lines.text.size -= 0.5;
    drawLines(svg, frame, frame.y + 84, sentence, kMost, lines);
}

void drawFirstModel(SvgWriter& svg, const Frame& frame)
{
    svg.text({ frame.x, frame.y + 64 }, "No earlier version yet", kCaption);
    drawLines(svg, frame, frame.y + 89, "The difference to it stands here, with its interval, once two have been scored.", 2);
}

void drawCount(SvgWriter& svg, const Frame& frame, std::int64_t n, std::string_view caption, const std::string& more)
{
    svg.text({ frame.x, frame.y + 36 }, base::groupedCount(n), kFigure);
    svg.text({ frame.x, frame.y + 64 }, caption, kCaption);
    drawLines(svg, frame, frame.y + 89, more, 2);
}

void drawProgress(SvgWriter& svg, const std::array<Frame, 3>& frames, const ReportData& data)
{
    const std::string share = data.pictures > 0
        ? percent(static_cast<double>(data.done) / static_cast<double>(data.pictures)) + " of "
            + counted(data.pictures, "picture", "pictures")
        : "No pictures have been gathered yet.";
    drawCount(svg, frames[0], data.done, data.done == 1 ? "picture is done" : "pictures are done", share);
    drawCount(svg, frames[1], data.toReview, data.toReview == 1 ? "waits for review" : "wait for review",
        counted(data.toDo, "more is", "more are") + " to do");
    drawCount(svg, frames[2], data.boxes, data.boxes == 1 ? "box is labeled" : "boxes are labeled",
        data.testPictures > 0 ? counted(data.testPictures, "picture is", "pictures are") + " kept for the test" : "");
}

// A long project name becomes smaller, then loses its end; the question stays whole.
void drawTitle(SvgWriter& svg, const ReportData& data, double width)
{
    ReportData shown;
    shown.hasModel = data.hasModel;
    shown.version = cleaned(data.version);
    shown.project = cleaned(data.project);
    double size = 24;
    while (size > 18 && textWidth(headlineTitle(shown), size, 600) > width)
        size -= 1;
    const double spare = width - (textWidth(headlineTitle(shown), size, 600) - textWidth(shown.project, size, 600));
    shown.project = elided(shown.project, std::max(spare, 60.0), size, 600);
    svg.textIn(width, { kMargin, 58 }, headlineTitle(shown), { size, 600, ink::kText });
}

}

void drawHeader(SvgWriter& svg, const ReportData& data)
{
    const double right = kPageWidth - kMargin;
    const double dateWidth = std::max(textWidth(data.date, 14, 400), 110.0);
    drawTitle(svg, data, right - kMargin - dateWidth - 24);
    svg.text({ right, 56 }, data.date, { 14, 400, ink::kText2, Anchor::End });
    svg.textIn(right - kMargin - dateWidth - 24, { kMargin, 84 }, headlineScope(data), { 13.5, 400, ink::kText2 });
    if (const std::string nowhere = nowhereSentence(data); !nowhere.empty())
        svg.textIn(right - kMargin, { kMargin, 101 }, nowhere, { 12.5, 600, ink::kWarning });
    if (data.hasModel && data.datasetVersion > 0)
        svg.text({ right, 76 }, "data version " + base::groupedCount(data.datasetVersion),
            { 14, 400, ink::kText2, Anchor::End });
}

void drawHeadline(SvgWriter& svg, const Frame& frame, const ReportData& data)
{
    const double column = frame.w / 3;
    std::array<Frame, 3> frames;
    for (std::size_t i = 0; i < frames.size(); ++i)
        frames[i] = { frame.x + column * static_cast<double>(i), frame.y, column - 32, frame.h };
    frames[2].w = column;
    if (!data.hasModel)
        return drawProgress(svg, frames, data);
    drawShare(svg, frames[0], data.found, figureOf(data.found, data.testObjects), "objects are found");
    drawShare(svg, frames[1], data.marksRight, figureOf(data.marksRight, data.marks), "of its answers are right");
    if (data.comparison.present)
        drawComparison(svg, frames[2], data);
    else
        drawFirstModel(svg, frames[2]);
}

}
