#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "core/base/files.h"
#include "core/base/time.h"
#include "core/runs/run_store.h"
#include "core/services/loop.h"
#include "core/services/picture_hashes.h"
#include "core/services/retrain.h"
#include "core/services/training_data.h"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>

namespace percept::cli {

namespace fs = std::filesystem;
using domain::SplitSet;
using nlohmann::json;

namespace {

constexpr SplitSet kSets[] = { SplitSet::Train, SplitSet::Validation, SplitSet::Test, SplitSet::Reserve, SplitSet::None };

std::string setKey(SplitSet set) { return set == SplitSet::None ? "none" : std::string(domain::toString(set)); }

template <typename Map, typename Key>
std::int64_t countOf(const Map& map, const Key& key)
{
    const auto found = map.find(key);
    return found == map.end() ? 0 : found->second;
}

base::Result<domain::Task> taskFromArgument(const std::string& text)
{
    const auto task = domain::taskFromString(text);
    if (!task)
        return base::usage("There is no task '" + text + "'. This version knows detection.");
    if (*task != domain::Task::Detection)
        return base::usage("This version teaches detection only; '" + text + "' is not there yet.");
    return *task;
}

struct NewArguments { std::string project, task = "detection", labels; };

base::Result<Outcome> makeNew(const NewArguments& a)
{
    PERCEPT_ASSIGN(task, taskFromArgument(a.task));
    auto name = fs::path(a.project).lexically_normal();
    if (!name.has_filename())
        name = name.parent_path();
    const auto labels = splitCommas(a.labels);
    PERCEPT_TRY(dataset::ProjectStore::create(a.project, name.stem().string(), task, labels));
    return Outcome { { { "project", a.project }, { "task", a.task }, { "labels", labels } },
        fmt::format("Made the project {}. Next: percept import {} FOLDER", a.project, a.project) };
}

struct SampleArguments { std::string project, task = "detection"; int items = 60; std::uint64_t seed = 0; };

base::Result<Outcome> makeSample(Context& context, const SampleArguments& a)
{
    PERCEPT_ASSIGN(task, taskFromArgument(a.task));
    if (a.items < 5 || a.items > 10'000)
        return base::usage("--items must lie between 5 and 10,000.");
    PERCEPT_TRY(services::makeSample(a.project, task, a.items, a.seed, context.progress(), context.cancel));
    PERCEPT_ASSIGN(reader, dataset::ProjectReader::open(a.project));
    PERCEPT_ASSIGN(counts, reader->readCounts());
    return Outcome { { { "project", a.project }, { "task", a.task }, { "items", counts.items }, { "annotations", counts.boxes } },
        fmt::format("Drew {} with {} into {}. Next: percept train {} --recipe full", plural(counts.items, "picture", "pictures"),
            plural(counts.boxes, "box", "boxes"), a.project, a.project) };
}

// Two columns: the name of an item's file, and its group. A first line "name,group" is a heading.
base::Result<std::map<std::string, std::string>> readGroups(const fs::path& file)
{
    constexpr std::uint64_t kMaxBytes = 256ull << 20;
    PERCEPT_ASSIGN(text, base::readTextFile(file, kMaxBytes));
    std::istringstream in(text);
    std::map<std::string, std::string> groups;
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        if (line.empty() || (number == 1 && line == "name,group"))
            continue;
        const auto comma = line.rfind(',');
        if (comma == std::string::npos || comma == 0 || comma + 1 == line.size())
            return base::refused(fmt::format("{}, line {}: expected NAME,GROUP. Nothing was changed.", file.string(), number));
        groups[line.substr(0, comma)] = line.substr(comma + 1);
    }
    return groups;
}

struct SplitArguments { std::string project, groups; double validation = 0.2, test = 0.2; std::uint64_t seed = 0; };

base::Result<Outcome> splitProject(Context& context, const SplitArguments& a)
{
    dataset::SplitOptions options;
    options.validation = a.validation;
    options.test = a.test;
    options.seed = a.seed;
    if (!a.groups.empty()) {
        PERCEPT_ASSIGN(groups, readGroups(a.groups));
        options.groupOfName = std::move(groups);
    }
    PERCEPT_ASSIGN(session, openSession(a.project));
    // Equal pictures go to the same set, so their hashes have to be there.
    PERCEPT_TRY(services::readMissingHashes(*session, session->reader(), {}, context.progress(), context.cancel));
    PERCEPT_ASSIGN(result, session->call([&](dataset::ProjectStore& store) -> base::Result<dataset::SplitResult> {
        PERCEPT_ASSIGN(done, store.split(options));
        PERCEPT_TRY(store.writeFact(services::kSplitByPerceptFact, "yes"));
        return done;
    }));
    json assigned = json::object();
    std::string text;
    for (const auto set : { SplitSet::Train, SplitSet::Validation, SplitSet::Test }) {
        assigned[setKey(set)] = countOf(result.assigned, set);
        text += fmt::format("{}{} {}", text.empty() ? "Assigned: " : ", ", setKey(set), countOf(result.assigned, set));
    }
    if (result.tornGroups > 0)
        text += fmt::format("\n{} lie in more than one set: a leak.", plural(result.tornGroups, "group", "groups"));
    return Outcome { { { "assigned", assigned }, { "groups", result.groups }, { "torn_groups", result.tornGroups } }, text };
}

json statsDocument(const dataset::ProjectInfo& info, const dataset::Counts& counts, const std::vector<domain::Label>& labels)
{
    json sets = json::object(), rows = json::array();
    for (const auto set : kSets)
        sets[setKey(set)] = countOf(counts.bySet, set);
    for (const auto& label : labels) {
        const auto found = counts.byLabel.find(label.id);
        const auto per = found == counts.byLabel.end() ? dataset::Counts::PerLabel() : found->second;
        json bySet = json::object();
        for (const auto set : kSets)
            bySet[setKey(set)] = countOf(per.boxesBySet, set);
        rows.push_back({ { "label", label.name }, { "annotations", per.boxes }, { "items", per.items }, { "sets", bySet } });
    }
    return { { "name", info.name }, { "task", domain::toString(info.task) }, { "items", counts.items }, { "annotations", counts.boxes },
        { "to_do", countOf(counts.byState, domain::ItemState::ToDo) }, { "to_review", countOf(counts.byState, domain::ItemState::ToReview) },
        { "done", countOf(counts.byState, domain::ItemState::Done) }, { "trashed", counts.trashed }, { "empty_boxes", counts.emptyAreaBoxes },
        { "sets", sets }, { "labels", rows } };
}

std::string statsText(const json& d)
{
    auto text = fmt::format("{}: {}, {}\n", d["name"].get<std::string>(), plural(d["items"], "picture", "pictures"), plural(d["annotations"], "box", "boxes"));
    text += fmt::format("Done {}, to review {}, to do {}\n", d["done"].get<int>(), d["to_review"].get<int>(), d["to_do"].get<int>());
    text += fmt::format("{:<24}{:>9}{:>9}{:>9}{:>11}{:>9}\n", "", "all", "train", "valid.", "test", "none");
    const auto row = [](const std::string& name, std::int64_t all, const json& s) {
        return fmt::format("{:<24}{:>9}{:>9}{:>9}{:>11}{:>9}\n", name, all, s["train"].get<std::int64_t>(), s["validation"].get<std::int64_t>(), s["test"].get<std::int64_t>(), s["none"].get<std::int64_t>());
    };
    text += row("pictures", d["items"], d["sets"]);
    for (const auto& label : d["labels"])
        text += row(label["label"], label["annotations"], label["sets"]);
    text.pop_back();
    return text;
}

json sinceVersion(const services::RetrainAdvice& advice)
{
    return { { "version", advice.version }, { "run", advice.run }, { "trained_on", advice.trainedOn }, { "labeled", advice.added },
        { "corrected", advice.changed }, { "taken_out", advice.removed }, { "retrain", advice.isDue } };
}

base::Result<Outcome> showStats(const std::string& project)
{
    PERCEPT_ASSIGN(reader, openReader(project));
    PERCEPT_ASSIGN(info, reader->readInfo());
    PERCEPT_ASSIGN(counts, reader->readCounts());
    PERCEPT_ASSIGN(labels, reader->readLabels());
    auto document = statsDocument(info, counts, labels);
    auto text = statsText(document);
    // A run that is gone takes nothing from the other figures.
    const auto advice = services::adviseRetraining(*reader);
    document["since_version"] = advice.hasValue() && *advice ? sinceVersion(**advice) : json();
    if (advice.hasValue() && *advice)
        if (const auto words = services::inWords(**advice); !words.empty())
            text += "\n" + words;
    return Outcome { std::move(document), std::move(text) };
}

// What to do about findings, each kind once.
std::string adviceOn(const std::vector<dataset::CheckFinding>& findings)
{
    using In = dataset::CheckFinding::In;
    std::string text = "The project is damaged.";
    for (const auto& [in, advice] : { std::pair { In::Database, " `percept backups` lists what it can be restored from." },
             std::pair { In::Run, " No backup holds the files of a run: where `percept resume` does not write them anew, train it again, or delete the run in the studio." },
             std::pair { In::Package, " No backup holds a package: package its run again." } })
        if (std::any_of(findings.begin(), findings.end(), [in = in](const auto& f) { return f.isError && f.in == in; }))
            text += advice;
    return text;
}

base::Result<Outcome> checkProject(Context& context, const std::string& project)
{
    PERCEPT_ASSIGN(findings, services::checkProject(projectFolder(project), context.progress(), context.cancel));
    json problems = json::array();
    std::string text;
    bool ok = true;
    for (const auto& finding : findings) {
        ok = ok && !finding.isError;
        problems.push_back({ { "what", finding.what }, { "error", finding.isError } });
        text += fmt::format("{}: {}\n", finding.isError ? "error" : "note", finding.what);
    }
    text += ok ? "The project is sound." : adviceOn(findings);
    return Outcome { { { "ok", ok }, { "problems", problems } }, text, ok ? 0 : base::exitStatus(base::ErrorCode::Refused) };
}

base::Result<Outcome> showBackups(const std::string& project)
{
    PERCEPT_ASSIGN(backups, dataset::listBackups(projectFolder(project)));
    json list = json::array();
    std::string text;
    for (const auto& backup : backups) {
        list.push_back({ { "file", backup.file.string() }, { "time", base::isoUtc(backup.timeMs) }, { "reason", backup.reason } });
        text += fmt::format("{}{}  {:<12} {}", text.empty() ? "" : "\n", base::isoUtc(backup.timeMs), backup.reason, backup.file.string());
    }
    return Outcome { { { "backups", list } }, text.empty() ? "There is no backup yet." : text };
}

base::Result<Outcome> restore(const std::string& project, const std::string& backup)
{
    PERCEPT_TRY(dataset::restoreBackup(projectFolder(project), backup));
    return Outcome { { { "project", project }, { "restored", backup } }, "Restored. What was there before is now the newest backup." };
}

base::Result<Outcome> step(const std::string& project, bool forward)
{
    PERCEPT_ASSIGN(session, openSession(project));
    PERCEPT_ASSIGN(title, forward ? session->reader().redoTitle() : session->reader().undoTitle());
    PERCEPT_ASSIGN(done, session->call([&](dataset::ProjectStore& store) { return forward ? store.redo() : store.undo(); }));
    const std::string word = forward ? "redone" : "undone";
    if (!done)
        return Outcome { { { word, nullptr } }, "There is nothing to be " + word + "." };
    return Outcome { { { word, title.value_or("") } }, (forward ? "Redone: " : "Undone: ") + title.value_or("") };
}

void addProject(CLI::App* command, std::string& project) { command->add_option("PROJECT", project, "Folder of the project")->required(); }

void addSimple(CLI::App& app, Action& chosen, const char* name, const char* help, base::Result<Outcome> (*run)(const std::string&))
{
    auto* command = app.add_subcommand(name, help);
    auto project = std::make_shared<std::string>();
    addProject(command, *project);
    command->callback([=, &chosen] { chosen = [=](Context&) { return run(*project); }; });
}

void addRestore(CLI::App& app, Action& chosen)
{
    auto* command = app.add_subcommand("restore", "Take a project back to one of its backups");
    auto names = std::make_shared<std::pair<std::string, std::string>>();
    addProject(command, names->first);
    command->add_option("BACKUP", names->second, "A file that `percept backups` lists")->required();
    command->callback([=, &chosen] { chosen = [=](Context&) { return restore(names->first, names->second); }; });
}

}

void addProjectCommands(CLI::App& app, Action& chosen)
{
    auto* create = app.add_subcommand("new", "Make an empty project");
    auto n = std::make_shared<NewArguments>();
    addProject(create, n->project);
    create->add_option("--task", n->task, "What is taught: detection")->required();
    create->add_option("--labels", n->labels, "Classes, separated by commas");
    create->callback([=, &chosen] { chosen = [=](Context&) { return makeNew(*n); }; });
    auto* sample = app.add_subcommand("sample", "Draw sample pictures and a project on them");
    auto s = std::make_shared<SampleArguments>();
    addProject(sample, s->project);
    sample->add_option("--task", s->task, "What is taught: detection")->required();
    sample->add_option("--items", s->items, "Number of pictures");
    sample->add_option("--seed", s->seed, "Equal seeds draw equal pictures");
    sample->callback([=, &chosen] { chosen = [=](Context& context) { return makeSample(context, *s); }; });
    auto* split = app.add_subcommand("split", "Give every picture without a set one, by group");
    auto p = std::make_shared<SplitArguments>();
    addProject(split, p->project);
    split->add_option("--validation", p->validation, "Share for validation");
    split->add_option("--test", p->test, "Share for the test");
    split->add_option("--groups", p->groups, "CSV of NAME,GROUP: a group is never torn apart");
    split->add_option("--seed", p->seed, "Of the draw");
    split->callback([=, &chosen] { chosen = [=](Context& context) { return splitProject(context, *p); }; });

    addSimple(app, chosen, "stats", "Items, labels per class and set, what is left to do", showStats);
    auto* check = app.add_subcommand("check", "Prove store, pictures, runs and packages sound");
    auto c = std::make_shared<std::string>();
    addProject(check, *c);
    check->callback([=, &chosen] { chosen = [=](Context& context) { return checkProject(context, *c); }; });
    addSimple(app, chosen, "undo", "Take back the last change", [](const std::string& project) { return step(project, false); });
    addSimple(app, chosen, "redo", "Make it again", [](const std::string& project) { return step(project, true); });
    addSimple(app, chosen, "backups", "List the backups of a project", showBackups);
    addRestore(app, chosen);
}

}
