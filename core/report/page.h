#pragma once

#include "core/report/report.h"
#include "core/report/svg_writer.h"

#include <string_view>

// Inside of core/report: the parts of the page. Each draws into its frame and not outside of it.
namespace percept::report {

// Light tokens of the interface: a report prints light.
namespace ink {
inline constexpr std::string_view kText = "#1A1D21", kText2 = "#535A64", kText3 = "#69707B", kLine = "#E2E5E9",
                                  kAxis = "#A9B0B9", kAccent = "#3556D8", kAccentSoft = "#AFC0FA", kRest = "#C6CBD2",
                                  kGood = "#137A50", kBad = "#C4322A", kWarning = "#8F5B00", kPanel = "#FFFFFF";
}

struct Frame {
    double x = 0, y = 0, w = 0, h = 0;
    double right() const { return x + w; }
    double bottom() const { return y + h; }
};

inline constexpr double kMargin = 40;
inline constexpr double kTitleHeight = 38; // from a panel's top to its content

// Title of a panel with what it shows beside it.
void drawPanelTitle(SvgWriter& svg, const Frame& frame, std::string_view title, std::string_view beside);

void drawHeader(SvgWriter& svg, const ReportData& data);
void drawHeadline(SvgWriter& svg, const Frame& frame, const ReportData& data);
void drawClasses(SvgWriter& svg, const Frame& frame, const ReportData& data);
void drawVersions(SvgWriter& svg, const Frame& frame, const ReportData& data);
// Accuracy where the model works, and the devices; nothing to say: there is neither.
bool hasField(const ReportData& data);
double fieldHeight(const ReportData& data, double width); // that drawField needs
void drawField(SvgWriter& svg, const Frame& frame, const ReportData& data);
void drawLabeling(SvgWriter& svg, const Frame& frame, const ReportData& data);
// What to do next, what to know, and, when asked for or nothing else is there, what the words mean.
void drawNotes(SvgWriter& svg, const Frame& frame, const ReportData& data, const ReportParts& parts);
// Small at the foot of the page; drawn into `frame` from its bottom up. Returns the height that it took.
double drawFootNotes(SvgWriter& svg, const Frame& frame, const ReportData& data);
// Sentences that say what the words of the page mean.
std::vector<std::string> definitions(const ReportData& data);

}
