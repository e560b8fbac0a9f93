#include "core/report/page.h"
#include "core/report/text_measure.h"
#include "core/report/wording.h"

#include "core/base/time.h"

#include <fmt/format.h>

namespace percept::report {
namespace {

// No script, no outside reference: the policy makes a browser keep to it whatever the data say.
constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{}</title>
<style>
@page {{ size: A4 landscape; margin: 0 }}
body {{ margin: 0; background: #F2F3F5; color: #1A1D21; font: 14px/20px Inter, "Segoe UI", "Helvetica Neue", Arial, "Noto Sans", sans-serif }}
.page {{ max-width: 1123px; margin: 16px auto; background: #fff; border: 1px solid #E2E5E9; border-radius: 4px }}
.page svg {{ display: block; width: 100%; height: auto; font-family: Inter, "Segoe UI", "Helvetica Neue", Arial, "Noto Sans", sans-serif }}
.more {{ max-width: 1043px; margin: 16px auto 40px; padding: 16px 40px; background: #fff; border: 1px solid #E2E5E9; border-radius: 4px }}
h2 {{ font-size: 15px; font-weight: 600; margin: 16px 0 4px }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ padding: 4px 12px 4px 0; border-bottom: 1px solid #E2E5E9; text-align: right; font-variant-numeric: tabular-nums }}
th {{ font-weight: 500; color: #535A64 }}
th:first-child, td:first-child {{ text-align: left; overflow-wrap: anywhere }}
li {{ margin: 2px 0 }}
@media print {{ body {{ background: #fff }} .page {{ border: 0; margin: 0; max-width: none }} .more {{ page-break-before: always; border: 0 }} }}
</style>
</head>
<body>
)";

std::string safe(std::string_view text) { return escaped(cleaned(text)); }

class Table {
public:
    explicit Table(const std::vector<std::string>& header)
    {
        m_out = "<table>\n<thead><tr>";
        for (const std::string& cell : header)
            m_out += "<th>" + safe(cell) + "</th>";
        m_out += "</tr></thead>\n<tbody>\n";
    }
    void row(const std::vector<std::string>& cells)
    {
        m_out += "<tr>";
        for (const std::string& cell : cells)
            m_out += "<td>" + safe(cell) + "</td>";
        m_out += "</tr>\n";
    }
    std::string finish() { return m_out + "</tbody>\n</table>\n"; }

private:
    std::string m_out;
};

std::string heading(std::string_view text) { return "<h2>" + safe(text) + "</h2>\n"; }

std::string list(std::string_view title, const std::vector<std::string>& sentences)
{
    if (sentences.empty())
        return {};
    std::string out = heading(title) + "<ul>\n";
    for (const std::string& sentence : sentences)
        out += "<li>" + safe(sentence) + "</li>\n";
    return out + "</ul>\n";
}

std::string classTable(const ReportData& data)
{
    std::vector<std::string> header { "Class", "Boxes in all sets" };
    if (data.hasModel)
        header.insert(header.end(), { "Test objects", "Found", "Share", "95 % interval" });
    Table table(header);
    for (const ClassRow& row : data.classes) {
        std::vector<std::string> cells { row.name, base::groupedCount(row.labeled) };
        if (data.hasModel)
            cells.insert(cells.end(), { base::groupedCount(row.of) + (row.tooFew ? " (too few)" : ""),
                                          base::groupedCount(row.found), percent(row.share.value), rangePercent(row.share) });
        table.row(cells);
    }
    return heading("By class") + table.finish();
}

std::string versionTable(const ReportData& data)
{
    Table table({ "Version", "Made", "Found", "95 % interval", "Rolled back" });
    for (const VersionPoint& point : data.versions)
        table.row({ point.version, point.timeMs > 0 ? longDate(point.timeMs) : "–", percent(point.found.value),
            rangePercent(point.found), point.rolledBackMs > 0 ? longDate(point.rolledBackMs) : "–" });
    std::string out = heading("By version") + table.finish();
    if (!data.versionsScope.empty())
        out += "<p>" + safe(data.versionsScope) + "</p>\n";
    return out;
}

std::string fieldTable(const ReportData& data)
{
    Table table({ "Version in the field", "Pictures by chance", "Objects", "Found", "95 % interval", "Answers right", "95 % interval" });
    for (const FieldVersion& v : data.field.versions)
        table.row({ v.version, base::groupedCount(v.pictures), base::groupedCount(v.objects) + (v.objects < kTooFewObjects ? " (too few)" : ""), percent(v.found.value),
            rangePercent(v.found), percent(v.marksRight.value), rangePercent(v.marksRight) });
    std::string out = heading("In the field");
    if (!data.field.versions.empty())
        out += "<p>" + safe(inWords(data.field.versions.back())) + "</p>\n" + table.finish();
    for (const RolledBack& back : data.fleet.rolledBack)
        out += "<p>" + safe(inWords(back)) + "</p>\n";
    if (data.field.unfinished > 0)
        out += "<p>" + safe(counted(data.field.unfinished, "picture", "pictures") + " more chosen by chance, not labeled yet.") + "</p>\n";
    if (const std::string words = inWords(data.fleet); !words.empty()) {
        Table fleet({ "Version", "Devices that run it" });
        for (const auto& [version, n] : data.fleet.versions)
            fleet.row({ version, base::groupedCount(n) });
        out += "<p>" + safe(words) + "</p>\n" + fleet.finish();
    }
    return out;
}

std::string labelingTable(const ReportData& data)
{
    Table table({ "Pictures", "Count" });
    table.row({ "Done", base::groupedCount(data.done) });
    table.row({ "To review", base::groupedCount(data.toReview) });
    table.row({ "To do", base::groupedCount(data.toDo) });
    table.row({ "All", base::groupedCount(data.pictures) });
    return heading("Labeling") + table.finish();
}

std::string summary(const ReportData& data)
{
    std::string out = "<p>" + safe(headlineSentence(data));
    if (data.hasModel) {
        out += ' ' + safe(percent(data.marksRight.value)) + " of its answers are right";
        if (const std::string range = rangePercent(data.marksRight); !range.empty())
            out += " (" + safe(range) + ")";
        out += '.';
    }
    if (const std::string nowhere = nowhereSentence(data); !nowhere.empty())
        out += ' ' + safe(nowhere);
    out += "</p>\n";
    if (data.comparison.present)
        out += "<p>" + safe(signedPoints(data.comparison.found.value) + " of 100 objects found against " + versionForPeople(data.comparison.other) + ". "
                + comparisonSentence(data.comparison)) + "</p>\n";
    return out;
}

}

std::string renderHtml(const ReportData& data, const ReportParts& parts)
{
    std::string out = fmt::format(kHead, safe(headlineTitle(data)));
    out += "<main class=\"page\">\n" + renderSvg(data, parts) + "</main>\n<section class=\"more\">\n";
    if (parts.headline)
        out += summary(data);
    out += list("What to do next", data.nextSteps) + list("What to know", data.notes);
    if (parts.classes && !data.classes.empty())
        out += classTable(data);
    if (parts.versions && !data.versions.empty())
        out += versionTable(data);
    if (parts.field && hasField(data))
        out += fieldTable(data);
    if (parts.labeling)
        out += labelingTable(data);
    out += list("What the words mean", definitions(data));
    out += list("How it was measured", footNotes(data));
    return out + "</section>\n</body>\n</html>\n";
}

}
