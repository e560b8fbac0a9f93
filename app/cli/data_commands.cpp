#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "core/services/loop.h"

#include <algorithm>
#include <fmt/format.h>

namespace percept::cli {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

json problemList(const std::vector<services::Problem>& problems)
{
    json list = json::array();
    for (const auto& problem : problems)
        list.push_back({ { "file", problem.file }, { "what", problem.what } });
    return list;
}

std::string problemText(const std::vector<services::Problem>& problems, std::int64_t total = 0)
{
    constexpr std::size_t kShown = 20;
    std::string text;
    for (std::size_t i = 0; i < std::min(problems.size(), kShown); ++i)
        text += "\n  " + services::lineOf(problems[i]);
    if (problems.size() > kShown)
        text += fmt::format("\n  and {} more (--json lists more)", std::max(total, static_cast<std::int64_t>(problems.size())) - static_cast<std::int64_t>(kShown));
    return text.empty() ? text : "\nProblems:" + text;
}

struct ImportArguments { std::string project, path, format = "auto", media, set; };

base::Result<Outcome> importInto(Context& context, const ImportArguments& a)
{
    services::ImportRequest request { a.path, a.format, a.media, std::nullopt };
    if (!a.set.empty()) {
        PERCEPT_ASSIGN(set, setFromArgument(a.set));
        request.set = set;
    }
    PERCEPT_ASSIGN(session, openSession(a.project));
    PERCEPT_ASSIGN(report, services::importData(*session, request, context.progress(), context.cancel));
    const auto& t = report.totals;
    auto text = fmt::format("{}: {} and {} came in", report.format, plural(t.newItems, "picture", "pictures"), plural(t.annotations, "box", "boxes"));
    const auto known = t.duplicateBoxes - t.repeatedBoxes;
    if (t.items > t.newItems || known > 0)
        text += fmt::format("; {} and {} were there already", plural(t.items - t.newItems, "picture", "pictures"), plural(known, "box", "boxes"));
    if (t.repeatedBoxes > 0)
        text += fmt::format("; {} more than once in what came in, taken once", plural(t.repeatedBoxes, "box stood", "boxes stood"));
    if (t.emptyAreaBoxes > 0)
        text += fmt::format("; {} without area, kept and flagged", plural(t.emptyAreaBoxes, "box", "boxes"));
    for (const auto& note : report.notes)
        text += "\n" + note;
    return Outcome { { { "items", t.items }, { "new_items", t.newItems }, { "annotations", t.annotations }, { "duplicate_annotations", t.duplicateBoxes },
                         { "already_there", { { "items", t.items - t.newItems }, { "annotations", known } } }, { "repeated_annotations", t.repeatedBoxes },
                         { "empty_boxes", t.emptyAreaBoxes }, { "format", report.format }, { "notes", report.notes }, { "problems", problemList(report.problems) } },
        text + problemText(report.problems, report.numProblems) };
}

void addImport(CLI::App& app, Action& chosen)
{
    auto* command = app.add_subcommand("import", "Take in pictures or an annotated set (Pascal VOC, COCO)");
    auto a = std::make_shared<ImportArguments>();
    command->add_option("PROJECT", a->project, "Folder of the project")->required();
    command->add_option("PATH", a->path, "Folder or annotation file")->required();
    command->add_option("--format", a->format, "auto, voc, coco or folder");
    command->add_option("--media", a->media, "Where the pictures are, if not beside the annotations");
    command->add_option("--set", a->set, "Put everything into this set: train, validation, test, reserve");
    command->callback([=, &chosen] { chosen = [=](Context& context) { return importInto(context, *a); }; });
}

struct ExportArguments { std::string project, out, format; };

base::Result<Outcome> exportFrom(Context& context, const ExportArguments& a)
{
    PERCEPT_ASSIGN(reader, openReader(a.project));
    PERCEPT_ASSIGN(report, services::exportData(*reader, a.out, a.format, context.progress(), context.cancel));
    return Outcome { { { "items", report.items }, { "annotations", report.annotations }, { "out", a.out }, { "format", a.format }, { "problems", problemList(report.problems) } },
        fmt::format("Wrote {} with {} to {} and read them back.", plural(report.items, "picture", "pictures"), plural(report.annotations, "box", "boxes"), a.out)
            + problemText(report.problems) };
}

void addExport(CLI::App& app, Action& chosen)
{
    auto* command = app.add_subcommand("export", "Write boxes in another format, read back and compared");
    auto a = std::make_shared<ExportArguments>();
    command->add_option("PROJECT", a->project, "Folder of the project")->required();
    command->add_option("OUT", a->out, "Folder to make")->required();
    command->add_option("--format", a->format, "voc or coco")->required();
    command->callback([=, &chosen] { chosen = [=](Context& context) { return exportFrom(context, *a); }; });
}

}

void addDataCommands(CLI::App& app, Action& chosen)
{
    addImport(app, chosen);
    addExport(app, chosen);
}

}
