#include "core/report/page.h"
#include "core/report/wording.h"

#include <algorithm>
#include <functional>
#include <string>

namespace percept::report {
namespace {

constexpr double kHeaderBottom = 104, kHeadlineHeight = 128, kBottom = kPageHeight - 20;
constexpr double kLeftShare = 0.505, kGutter = 28;

using Draw = std::function<void(const Frame&)>;
// A column has one or two panels; two stand above each other.
struct Column { Draw upper, lower; };

void separator(SvgWriter& svg, double x0, double x1, double y) { svg.line({ x0, y }, { x1, y }, { ink::kLine, 1 }); }

void drawColumn(SvgWriter& svg, const Frame& frame, const Column& column, double split)
{
    const double height = frame.h * split;
    const bool both = column.upper && column.lower;
    const Draw& first = column.upper ? column.upper : column.lower;
    first({ frame.x, frame.y + 4, frame.w, (both ? height : frame.h) - 4 });
    if (!both)
        return;
    separator(svg, frame.x, frame.right(), frame.y + height);
    column.lower({ frame.x, frame.y + height + 8, frame.w, frame.h - height - 8 });
}

bool isEmpty(const Column& column) { return !column.upper && !column.lower; }

// What was seen in the field stands above what there is to know.
void drawFieldAndNotes(SvgWriter& svg, const Frame& frame, const ReportData& data, const ReportParts& parts)
{
    constexpr double kMostShare = 0.62;
    if (!parts.field || !hasField(data))
        return drawNotes(svg, frame, data, parts);
    const double height = std::min(fieldHeight(data, frame.w), frame.h * kMostShare);
    drawField(svg, { frame.x, frame.y, frame.w, height }, data);
    separator(svg, frame.x, frame.right(), frame.y + height);
    drawNotes(svg, { frame.x, frame.y + height + 6, frame.w, frame.h - height - 6 }, data, parts);
}

// `split`: share of the height of the upper panels, the same left and right.
void drawColumns(SvgWriter& svg, const Frame& frame, const Column& left, const Column& right, double split)
{
    if (isEmpty(left))
        return drawColumn(svg, frame, right, split);
    const double leftWidth = frame.w * kLeftShare;
    const double middle = frame.x + leftWidth + kGutter / 2;
    svg.line({ middle, frame.y + 14 }, { middle, frame.bottom() }, { ink::kLine, 1 });
    drawColumn(svg, { frame.x, frame.y, leftWidth - kGutter / 2, frame.h }, left, split);
    drawColumn(svg, { middle + kGutter, frame.y, frame.right() - middle - kGutter, frame.h }, right, split);
}

// Many classes take room from what stands below them, what was seen in the field takes it from what stands above.
double splitFor(const ReportData& data, const ReportParts& parts, const Frame& frame)
{
    const double least = parts.field && hasField(data) ? 0.43 : 0.52;
    constexpr double kAround = 76, kRow = 20; // title and axis; a row that can be read
    return std::clamp((kAround + kRow * static_cast<double>(data.classes.size())) / frame.h, least, 0.61);
}

}

std::string renderSvg(const ReportData& data, const ReportParts& parts)
{
    SvgWriter svg(kPageWidth, kPageHeight, headlineTitle(data), headlineSentence(data));
    drawHeader(svg, data);
    Frame rest { kMargin, kHeaderBottom, kPageWidth - 2 * kMargin, kBottom - kHeaderBottom };
    if (parts.headline) {
        drawHeadline(svg, { rest.x, rest.y, rest.w, kHeadlineHeight }, data);
        rest.y += kHeadlineHeight + 4;
        rest.h -= kHeadlineHeight + 4;
    }
    separator(svg, rest.x, rest.right(), rest.y);
    if (const double foot = drawFootNotes(svg, rest, data); foot > 0)
        rest.h -= foot + 8;

    const auto panel = [&](auto draw) { return [&svg, &data, draw](const Frame& frame) { draw(svg, frame, data); }; };
    Column left, right;
    // Without a model the labels are the news, so they stand in the place of the classes.
    if (parts.classes)
        (data.hasModel ? left : right).upper = panel(drawClasses);
    if (parts.versions && data.hasModel)
        right.upper = panel(drawVersions);
    if (parts.labeling)
        left.lower = panel(drawLabeling);
    right.lower = [&](const Frame& frame) { drawFieldAndNotes(svg, frame, data, parts); };
    drawColumns(svg, rest, left, right, splitFor(data, parts, rest));
    return svg.finish();
}

}
