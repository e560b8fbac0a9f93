#include "core/report/page.h"
#include "core/report/text_measure.h"
#include "core/report/wording.h"

#include <fmt/format.h>

namespace percept::report {
namespace {

constexpr double kLine = 20, kSize = 13.5;
constexpr double kLastLine = 26; // kept free for what does not fit

struct Section { std::string_view title; std::vector<std::string> sentences; };

std::vector<Section> sections(const ReportData& data, const ReportParts& parts)
{
    std::vector<Section> result;
    if (!data.nextSteps.empty())
        result.push_back({ "What to do next", data.nextSteps });
    if (!data.notes.empty())
        result.push_back({ "What to know", data.notes });
    // Nothing to say leaves room to explain.
    if (parts.definitions || result.empty())
        result.push_back({ "What the words mean", definitions(data) });
    return result;
}

// One sentence as an entry with a dot before it. False when it does not fit above `bottom`.
bool drawSentence(SvgWriter& svg, const Frame& frame, double& y, double bottom, const std::string& sentence)
{
    const auto lines = wrapped(cleaned(sentence), frame.w - 16, kSize, 400);
    if (y + kLine * static_cast<double>(lines.size()) > bottom)
        return false;
    svg.circle({ frame.x + 4, y + kLine - 10 }, 2, ink::kText3, { ink::kText3, 0.5 });
    for (const std::string& line : lines) {
        y += kLine;
        svg.text({ frame.x + 16, y - 5 }, line, { kSize, 400, ink::kText2 });
    }
    y += 4;
    return true;
}

}

void drawNotes(SvgWriter& svg, const Frame& frame, const ReportData& data, const ReportParts& parts)
{
    double y = frame.y;
    std::size_t left = 0;
    for (const Section& section : sections(data, parts)) {
        if (left > 0 || y + kTitleHeight + kLine > frame.bottom() - kLastLine) {
            left += section.sentences.size();
            continue;
        }
        drawPanelTitle(svg, { frame.x, y, frame.w, frame.h }, section.title, {});
        y += kTitleHeight - 6;
        for (const std::string& sentence : section.sentences)
            left += left > 0 || !drawSentence(svg, frame, y, frame.bottom() - kLastLine, sentence) ? 1 : 0;
        y += 4;
    }
    if (left > 0)
        svg.text({ frame.x + 16, frame.bottom() - 8 }, counted(static_cast<std::int64_t>(left), "more sentence", "more sentences")
                + " in the HTML report",
            { 12.5, 400, ink::kText3 });
}

double drawFootNotes(SvgWriter& svg, const Frame& frame, const ReportData& data)
{
    constexpr double kFootSize = 10.5, kFootLine = 13;
    std::vector<std::string> lines;
    for (const std::string& note : footNotes(data))
        for (const std::string& line : wrapped(note, frame.w, kFootSize, 400))
            lines.push_back(line);
    for (std::size_t i = 0; i < lines.size(); ++i)
        svg.text({ frame.x, frame.bottom() - kFootLine * static_cast<double>(lines.size() - 1 - i) - 3 }, lines[i], { kFootSize, 400, ink::kText3 });
    return kFootLine * static_cast<double>(lines.size());
}

std::vector<std::string> definitions(const ReportData& data)
{
    std::vector<std::string> result;
    if (data.hasModel) {
        result.push_back("Found: an answer of the right class overlaps the object by at least half (intersection over union 0.5).");
        result.push_back("Answers right: answers that find an object; the others are false alarms or of a wrong class.");
        result.push_back("Interval (95 %): how far chance in the choice of the test pictures may have moved the figure.");
        result.push_back(fmt::format("Too few: under {} objects; read the range, not the figure.", kTooFewObjects));
        result.push_back("False alarm: an answer where there is no such object. A version that answers more readily finds more and "
                         "has more of them, so the shares found of two versions say nothing alone.");
        result.push_back("Difference to the version before: how many more of 100 objects are found, on the same pictures. Green only when it is "
                         "more than chance and false alarms have not clearly risen.");
    }
    result.push_back("Done: a person has finished the picture; only these train and test.");
    return result;
}

}
