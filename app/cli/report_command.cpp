#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "core/base/files.h"
#include "core/fleet/hub_address.h"
#include "core/report/collect.h"
#include "core/services/loop.h"

#include <fmt/format.h>

namespace percept::cli {

using nlohmann::json;

namespace {

struct ReportArguments {
    std::string project, out, model, state = fleet::defaultFleetFolder().string();
    bool definitions = false;
};

json fieldDocument(const report::FieldAccuracy& field)
{
    json versions = json::array();
    for (const auto& v : field.versions)
        versions.push_back({ { "version", v.version }, { "pictures", v.pictures }, { "objects", v.objects }, { "found", intervalJson(v.found) },
            { "marks_right", intervalJson(v.marksRight) }, { "from_ms", v.fromMs }, { "to_ms", v.toMs } });
    return versions;
}

json reportDocument(const report::ReportData& data, const std::string& out)
{
    json document { { "out", out }, { "project", data.project }, { "model", data.hasModel ? json(data.version) : json(nullptr) },
        { "pictures", data.pictures }, { "boxes", data.boxes }, { "done", data.done }, { "toReview", data.toReview },
        { "toDo", data.toDo }, { "notes", data.notes }, { "nextSteps", data.nextSteps } };
    document["field"] = fieldDocument(data.field);
    json versionsRun = json::array();
    for (const auto& [version, n] : data.fleet.versions)
        versionsRun.push_back({ { "version", version }, { "devices", n } });
    json rolledBack = json::array();
    for (const auto& back : data.fleet.rolledBack)
        rolledBack.push_back({ { "version", back.version }, { "time_ms", back.timeMs }, { "replaced_by", back.replacedBy.empty() ? json() : json(back.replacedBy) }, { "devices", back.devices } });
    document["fleet"] = { { "devices", data.fleet.devices }, { "online", data.fleet.online }, { "versions", std::move(versionsRun) }, { "rolled_back", std::move(rolledBack) } };
    if (!data.hasModel)
        return document;
    document["testPictures"] = data.testPictures;
    document["testObjects"] = data.testObjects;
    document["found"] = intervalJson(data.found);
    document["marksRight"] = intervalJson(data.marksRight);
    json classes = json::array(), versions = json::array();
    for (const auto& row : data.classes)
        classes.push_back({ { "label", row.name }, { "found", row.found }, { "of", row.of }, { "share", intervalJson(row.share) } });
    for (const auto& point : data.versions)
        versions.push_back({ { "version", point.version }, { "time_ms", point.timeMs }, { "found", intervalJson(point.found) } });
    document["per_class"] = std::move(classes);
    document["versions"] = std::move(versions);
    const auto own = [](const report::OwnPoint& point) {
        return json { { "found", point.found }, { "false_per_picture", point.falsePerPicture } };
    };
    if (data.comparison.present)
        document["comparison"] = { { "other", data.comparison.other }, { "metric", "map50" },
            { "points", intervalJson(data.comparison.points) }, { "found", intervalJson(data.comparison.found) },
            { "false_alarms", intervalJson(data.comparison.falseAlarms) }, { "pictures", data.comparison.pictures },
            { "before", own(data.comparison.before) }, { "now", own(data.comparison.now) } };
    return document;
}

std::string reportText(const report::ReportData& data, const std::string& out)
{
    std::string text = data.hasModel
        ? fmt::format("Model {}: {:.1f} % of {} test objects are found ({:.1f} to {:.1f}).\n", data.version, 100 * data.found.value,
            data.testObjects, 100 * data.found.low, 100 * data.found.high)
        : fmt::format("{} of {} pictures are done; no model has been scored on the test set yet.\n", data.done, data.pictures);
    if (!data.field.versions.empty())
        text += report::inWords(data.field.versions.back()) + "\n";
    for (const auto& back : data.fleet.rolledBack)
        text += report::inWords(back) + "\n";
    if (const auto fleet = report::inWords(data.fleet); !fleet.empty())
        text += "Devices: " + fleet + "\n";
    for (const auto& step : data.nextSteps)
        text += "Next: " + step + "\n";
    for (const auto& note : data.notes)
        text += "Note: " + note + "\n";
    return text + "Report: " + out;
}

base::Result<Outcome> writeReport(Context& context, const ReportArguments& a)
{
    PERCEPT_TRY(checkOutFile(a.out, { ".html", ".svg" }));
    PERCEPT_ASSIGN(reader, openReader(a.project));
    // Every version is judged on today's test set, so each is asked about the pictures that it has not seen yet.
    PERCEPT_ASSIGN(problems, services::answerTodaysTest(projectFolder(a.project), context.progress(), context.cancel));
    for (const auto& problem : problems)
        context.terminal.line(fmt::format("run {} is reported as it was scored last: {}", problem.file, problem.what));
    PERCEPT_ASSIGN(data, report::collectReport(*reader, projectFolder(a.project), a.model, a.state));
    report::ReportParts parts;
    parts.definitions = a.definitions;
    const bool isDrawing = std::filesystem::path(a.out).extension() == ".svg";
    PERCEPT_TRY(base::atomicWrite(a.out, isDrawing ? report::renderSvg(data, parts) : report::renderHtml(data, parts)));
    return Outcome { reportDocument(data, a.out), reportText(data, a.out) };
}

}

void addReportCommand(CLI::App& app, Action& chosen)
{
    auto* command = app.add_subcommand("report", "Write the page for managers: how good, how sure, how far");
    auto a = std::make_shared<ReportArguments>();
    command->add_option("PROJECT", a->project, "Folder of the project")->required();
    command->add_option("--out", a->out, "File to write: .html, or .svg for the drawing alone")->required();
    command->add_option("--model", a->model, "A version (1.1) or a run (r0002); default: the newest that was scored");
    command->add_option("--state", a->state, "Folder of the hub whose devices are reported");
    command->add_flag("--definitions", a->definitions, "Say on the drawing what its words mean");
    command->callback([=, &chosen] { chosen = [=](Context& context) { return writeReport(context, *a); }; });
}

}
