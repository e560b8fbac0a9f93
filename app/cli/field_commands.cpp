// compare, and fleet take: pictures of devices on their way into a project, and whether a new model is better on them.
#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "core/fleet/hub_address.h"
#include "core/report/compare.h"
#include "core/services/field_samples.h"
#include "core/services/loop.h"

#include <algorithm>
#include <fmt/format.h>

namespace percept::cli {

using nlohmann::json;

namespace {

struct TakeArguments {
    std::string project, state = fleet::defaultFleetFolder().string();
    std::vector<std::string> ids;
    bool all = false, right = false, ignore = false;
};

// The hub's list says what became of each; without a hub the project knows all the same.
void tellHub(Context& context, const std::string& folder, const std::string& id, fleet::SampleState state)
{
    const auto hub = fleet::HubClient::find(folder);
    if (hub.hasError())
        return;
    if (const auto told = hub->markSample(id, state); told.hasError())
        context.terminal.line("The hub could not be told of " + id + ": " + told.error().message);
}

base::Result<Outcome> ignore(const TakeArguments& a, const std::vector<services::FieldPicture>& chosen)
{
    PERCEPT_ASSIGN(hub, fleet::HubClient::find(a.state));
    json ids = json::array();
    for (const auto& picture : chosen) {
        PERCEPT_TRY(hub.markSample(picture.sample.id, fleet::SampleState::Ignored));
        ids.push_back(picture.sample.id);
    }
    const auto n = static_cast<std::int64_t>(ids.size());
    return Outcome { { { "ignored", std::move(ids) } }, plural(n, "picture is ignored from now on.", "pictures are ignored from now on.") };
}

base::Result<std::vector<services::FieldPicture>> chosenOf(const TakeArguments& a, const services::FieldQueue& queue)
{
    if (a.all != a.ids.empty())
        return base::usage("Name pictures (`percept fleet samples` lists them), or take all that wait with --all.");
    if (a.all)
        return queue.waiting;
    std::vector<services::FieldPicture> chosen;
    for (const auto& id : a.ids) {
        const auto at = std::find_if(queue.waiting.begin(), queue.waiting.end(), [&](const auto& p) { return p.sample.id == id; });
        if (at == queue.waiting.end())
            return base::notFound("No picture " + id + " of this project's devices waits. `percept fleet samples` lists them.");
        chosen.push_back(*at);
    }
    return chosen;
}

base::Result<Outcome> take(Context& context, const TakeArguments& a)
{
    PERCEPT_ASSIGN(session, openSession(a.project));
    PERCEPT_ASSIGN(queue, services::readFieldQueue(session->reader(), a.state));
    PERCEPT_ASSIGN(chosen, chosenOf(a, queue));
    if (a.ignore)
        return ignore(a, chosen);
    json taken = json::array(), problems = json::array();
    std::string text;
    for (std::size_t i = 0; i < chosen.size() && !context.cancel.isCancelled(); ++i) {
        const auto& picture = chosen[i];
        context.terminal.showProgress({ static_cast<std::int64_t>(i), static_cast<std::int64_t>(chosen.size()), "Taking pictures of devices" });
        const auto done = services::takeFieldSample(*session, picture, a.right ? services::FieldVerdict::Right : services::FieldVerdict::Wrong);
        if (done.hasError()) {
            problems.push_back({ { "id", picture.sample.id }, { "what", done.error().message } });
            text += picture.sample.id + ": " + done.error().message + "\n";
            continue;
        }
        tellHub(context, a.state, picture.sample.id, fleet::SampleState::Taken);
        PERCEPT_ASSIGN(item, session->reader().readItem(done->item));
        taken.push_back({ { "id", picture.sample.id }, { "item", done->item.value }, { "set", std::string(domain::toString(item->set)) },
            { "file", session->reader().mediaPath(*item).string() } });
    }
    text += plural(static_cast<std::int64_t>(taken.size()), "picture was taken", "pictures were taken")
        + (a.right ? " as right." : "; draw what is on them in the studio.");
    if (a.all && queue.hasMore)
        text += " Older ones wait as well: take them with the same call.";
    const int status = context.cancel.isCancelled() ? base::exitStatus(base::ErrorCode::Cancelled) : 0;
    return Outcome { { { "taken", std::move(taken) }, { "problems", std::move(problems) } }, text, status };
}

struct CompareArguments {
    std::string project, before, now;
};

json comparisonJson(const report::Comparison& c)
{
    if (!c.present)
        return nullptr;
    const auto own = [](const report::OwnPoint& p) { return json { { "found", p.found }, { "false_per_picture", p.falsePerPicture } }; };
    return { { "metric", "map50" }, { "points", intervalJson(c.points) }, { "pictures", c.pictures }, { "before", own(c.before) }, { "now", own(c.now) } };
}

// The newest version, for whom nothing was said.
base::Result<std::string> newestVersion(const dataset::ProjectReader& reader)
{
    PERCEPT_ASSIGN(versions, reader.readModelVersions());
    if (versions.empty())
        return base::notFound("No model of this project was packaged yet, so there is nothing to compare with. `percept package` makes a version.");
    return versions.back().version;
}

base::Result<Outcome> compare(Context& context, CompareArguments a)
{
    PERCEPT_ASSIGN(reader, openReader(a.project));
    if (a.before.empty()) {
        PERCEPT_ASSIGN(newest, newestVersion(*reader));
        a.before = newest;
    }
    std::vector<std::string> runs;
    for (const auto& name : { a.before, a.now })
        if (name.starts_with('r'))
            runs.push_back(name);
    const auto project = projectFolder(a.project);
    PERCEPT_ASSIGN(problems, services::answerTodaysTest(project, context.progress(), context.cancel, runs));
    for (const auto& problem : problems)
        context.terminal.line(fmt::format("run {} is compared as it was scored last: {}", problem.file, problem.what));
    PERCEPT_ASSIGN(compared, report::compareModels(*reader, project, a.before, a.now));
    return Outcome { { { "before", compared.before }, { "now", compared.now }, { "test", comparisonJson(compared.test) },
                         { "field", comparisonJson(compared.field) }, { "better", compared.isBetter() }, { "worse", compared.isWorse() },
                         { "words", compared.words } },
        compared.words };
}

}

void addFieldCommands(CLI::App& app, Action& chosen)
{
    auto* taking = app.get_subcommand("fleet")->add_subcommand("take", "Take pictures that devices sent home into a project: those of chance to the test set, others to train");
    auto t = std::make_shared<TakeArguments>();
    taking->add_option("PROJECT", t->project, "Folder of the project")->required();
    taking->add_option("ID", t->ids, "Which, as `percept fleet samples` names them");
    taking->add_option("--state", t->state, "Folder of the hub");
    taking->add_flag("--all", t->all, "All that wait");
    auto* right = taking->add_flag("--right", t->right, "The answers of the device are right: they become the boxes. Without it the picture is to be labeled");
    taking->add_flag("--ignore", t->ignore, "Do not take them, and do not show them again")->excludes(right);
    taking->callback([=, &chosen] { chosen = [=](Context& context) { return take(context, *t); }; });

    auto* comparing = app.add_subcommand("compare", "Whether a model is better than another one, on the test set and on pictures of the field");
    auto c = std::make_shared<CompareArguments>();
    comparing->add_option("PROJECT", c->project, "Folder of the project")->required();
    comparing->add_option("MODEL", c->now, "A version (1.1) or a run (r0002)")->required();
    comparing->add_option("--with", c->before, "The other one; default: the newest version");
    comparing->callback([=, &chosen] { chosen = [=](Context& context) { return compare(context, *c); }; });
}

}
