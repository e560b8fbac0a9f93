#include "core/report/page.h"
#include "core/report/text_measure.h"
#include "core/report/wording.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace percept::report {
namespace {

constexpr double kSize = 13.5, kLine = 18, kRow = 20, kAbove = 4, kBelow = 8;
constexpr std::size_t kMostRows = 3, kMostRolledBack = 2;

// The newest version first, then what the fleet is.
std::vector<std::string> sentences(const ReportData& data)
{
    std::vector<std::string> all;
    if (!data.field.versions.empty())
        all.push_back(inWords(data.field.versions.back()));
    else
        all.push_back("No picture that a device chose by chance is labeled yet, so nothing can be said of the accuracy in the field.");
    for (std::size_t i = 0; i < std::min(data.fleet.rolledBack.size(), kMostRolledBack); ++i)
        all.push_back(inWords(data.fleet.rolledBack[i]));
    if (const std::string fleet = inWords(data.fleet); !fleet.empty())
        all.push_back(fleet);
    return all;
}

std::vector<std::string> linesOf(const ReportData& data, double width)
{
    std::vector<std::string> lines;
    for (const std::string& sentence : sentences(data))
        for (std::string& line : wrapped(cleaned(sentence), width, kSize, 400))
            lines.push_back(std::move(line));
    return lines;
}

// Those before the newest, which is told in words; with it, so that they can be compared.
std::vector<FieldVersion> rowsOf(const ReportData& data)
{
    const auto& all = data.field.versions;
    if (all.size() < 2)
        return {};
    return { all.rbegin(), all.rbegin() + static_cast<std::ptrdiff_t>(std::min(all.size(), kMostRows)) };
}

// What stands at the right of a version: how much its figure rests on, or that it has gone.
std::string besideText(const ReportData& data, const FieldVersion& version)
{
    if (const RolledBack* back = findRolledBack(data.fleet, version.version))
        return "rolled back " + shortDate(back->timeMs, DateDetail::Day);
    return version.objects < kTooFewObjects ? counted(version.objects, "object", "objects") + ", too few" : counted(version.pictures, "picture", "pictures");
}

void drawRow(SvgWriter& svg, const Frame& row, const ReportData& data, const FieldVersion& version)
{
    const double base = row.y + 14, bars = row.x + 52, width = std::max(row.w - 52 - 190, 60.0), middle = row.y + row.h / 2;
    svg.textIn(48, { row.x, base }, version.version, { 12.5, 600, ink::kText });
    svg.line({ bars, middle }, { bars + width, middle }, { ink::kRest, 1 });
    const bool isKnown = std::isfinite(version.found.value);
    if (isKnown && std::isfinite(version.found.low) && std::isfinite(version.found.high))
        svg.rect(bars + version.found.low * width, middle - 4, std::max((version.found.high - version.found.low) * width, 2.0), 8, ink::kAccentSoft, 1, 2);
    if (isKnown)
        svg.rect(bars + version.found.value * width - 1.5, middle - 7, 3, 14, ink::kAccent);
    const std::string share = isKnown ? percent(version.found.value) : "–";
    svg.text({ bars + width + 12, base }, share, { 12.5, 600, ink::kText });
    const bool isSpecial = version.objects < kTooFewObjects || findRolledBack(data.fleet, version.version);
    svg.textIn(116, { bars + width + 70, base }, besideText(data, version), { 12, 400, isSpecial ? ink::kWarning : ink::kText2 });
}

}

bool hasField(const ReportData& data) { return data.fleet.devices > 0 || data.field.pictures > 0 || data.field.unfinished > 0 || !data.fleet.rolledBack.empty(); }

double fieldHeight(const ReportData& data, double width)
{
    return kTitleHeight - kAbove + kLine * static_cast<double>(linesOf(data, width).size()) + kRow * static_cast<double>(rowsOf(data).size()) + kAbove + kBelow;
}

void drawField(SvgWriter& svg, const Frame& frame, const ReportData& data)
{
    drawPanelTitle(svg, frame, "In the field", "found on pictures that devices chose by chance");
    double y = frame.y + kTitleHeight - kAbove;
    for (const std::string& line : linesOf(data, frame.w)) {
        if (y + kLine > frame.bottom())
            return;
        svg.text({ frame.x, y + 13 }, line, { kSize, 400, ink::kText });
        y += kLine;
    }
    y += kAbove;
    for (const FieldVersion& version : rowsOf(data)) {
        if (y + kRow > frame.bottom())
            return;
        drawRow(svg, { frame.x, y, frame.w, kRow }, data, version);
        y += kRow;
    }
}

}
