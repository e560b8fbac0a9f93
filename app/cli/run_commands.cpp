// train, resume, stop, runs.
#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "app/cli/interrupt.h"
#include "app/cli/training_follower.h"
#include "core/base/time.h"
#include "core/fleet/hub_address.h"
#include "core/runs/run_status.h"
#include "core/runs/run_store.h"
#include "core/services/check_package.h"
#include "core/services/deploy_run.h"
#include "core/services/draft_model.h"
#include "core/services/loop.h"
#include "core/services/speed_forecast.h"

#include <fmt/format.h>
#include <thread>

namespace percept::cli {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

json numberOrNull(const std::optional<double>& value) { return value ? json(*value) : json(); }

// Nothing for a run without a readable status: it does not say when it was made.
std::optional<std::string> createdOf(const runs::RunInfo& run)
{
    return run.createdMs > 0 ? std::optional(base::isoUtc(run.createdMs)) : std::nullopt;
}

json runDocument(const runs::RunInfo& run)
{
    return { { "run", run.id }, { "status", run.status }, { "message", run.message }, { "recipe", run.config.recipe }, { "seed", run.config.seed },
        { "dataset_version", run.config.datasetVersion }, { "epoch", run.progress ? run.progress->epoch : 0 },
        { "epochs", run.progress ? run.progress->epochs : run.config.epochs.value_or(0) }, { "map50", numberOrNull(run.bestMap50) },
        { "map", numberOrNull(run.bestMap) }, { "version", run.modelVersion }, { "has_model", run.hasModel },
        { "created", createdOf(run) ? json(*createdOf(run)) : json() }, { "seconds", run.endedMs > run.startedMs ? static_cast<double>(run.endedMs - run.startedMs) / 1000 : 0 } };
}

// With the version that the run was packaged as, which the project knows and the run's folder does not.
json runDocument(const fs::path& project, runs::RunInfo run)
{
    const auto reader = dataset::ProjectReader::open(project);
    if (reader.hasValue())
        for (const auto& version : (*reader)->readModelVersions().valueOr({}))
            if (version.run == run.id)
                run.modelVersion = version.version;
    return runDocument(run);
}

void tellFindings(Context& context, const services::DataCheck& check)
{
    using Level = services::DataFinding::Level;
    for (const auto& finding : check.findings)
        if (finding.level == Level::Note || finding.level == Level::Warning)
            context.terminal.line((finding.level == Level::Note ? "note: " : "warning: ") + finding.text);
}

// What finished training leads to: checks, thresholds, a draft. Ctrl+C that ended the training must not end this.
base::Result<Outcome> finish(Context& context, const fs::path& project, const std::string& id, const Followed& followed)
{
    PERCEPT_ASSIGN(info, runs::readRun(runs::runFolder(project, id)));
    auto document = runDocument(project, info);
    if (followed.status != "ok" && followed.status != "stopped") {
        document["error"] = followed.message;
        const auto text = fmt::format("Run {} {}: {}\nContinue it with `percept resume {} --run {}`.", id, followed.status, followed.message, project.string(), id);
        context.terminal.line(text);
        return Outcome { document, text, base::exitStatus(followed.interrupted ? base::ErrorCode::Cancelled : base::ErrorCode::Failed) };
    }
    if (followed.status == "stopped" && !info.hasModel)
        return Outcome { document, fmt::format("Run {0} was stopped before it had learned anything; there is no model.\nStart it again with `percept resume {1} --run {0}`.", id, project.string()),
            base::exitStatus(base::ErrorCode::Cancelled) };
    if (followed.interrupted)
        context.terminal.line("Checking and scoring what was learned.");
    const base::CancelToken fresh;
    PERCEPT_TRY(services::finishRun(project, id, context.progress(), followed.interrupted ? fresh : context.cancel));
    auto text = fmt::format("Run {} {}", id, followed.status == "ok" ? "is done" : "was stopped; what it learned is kept");
    if (info.bestMap50)
        text += fmt::format(" (best on validation: AP50 {:.3f}, AP {:.3f})", *info.bestMap50, info.bestMap.value_or(0));
    text += fmt::format(".\nNext: percept evaluate {} --run {} --set test", project.string(), id);
    return Outcome { document, text, followed.interrupted ? base::exitStatus(base::ErrorCode::Cancelled) : 0 };
}

base::Result<Outcome> startAlone(Context& context, const fs::path& project, const std::string& id)
{
    const auto folder = runs::runFolder(project, id);
    PERCEPT_TRY(startDetached(context, folder));
    PERCEPT_ASSIGN(run, runs::readRun(folder));
    return Outcome { runDocument(project, run), fmt::format("Run {0} is being trained and goes on by itself.\nSee how far it is: percept runs {1}\n"
        "Stop it and keep what it has learned: percept stop {1} --run {0}\nWhen it is done, check and score it: percept resume {1} --run {0}", id, project.string()) };
}

struct TrainArguments {
    std::string project;
    services::TrainRequest request;
    int epochs = 0;
    double minutes = 0;
    bool detach = false;
    std::string then, state = fleet::defaultFleetFolder().string();
    CLI::Option *hasEpochs = nullptr, *hasMinutes = nullptr, *hasThreads = nullptr;
};

// What `--then deploy` adds to a training that is done: the test ring gets it.
base::Result<Outcome> thenDeploy(Context& context, const TrainArguments& a, const std::string& id, Outcome trained)
{
    if (trained.status != 0)
        return trained; // nothing finished to deploy; it says why itself
    PERCEPT_ASSIGN(session, openSession(a.project));
    auto deployed = services::deployRun(*session, id, a.state, context.progress(), context.cancel);
    if (deployed.hasError()) {
        context.terminal.line(fmt::format("Run {} is done and kept, but was not rolled out: {}", id, deployed.error().message));
        return deployed.error();
    }
    trained.document["version"] = deployed->version;
    trained.document["deployed"] = { { "version", deployed->version }, { "file", deployed->file.string() }, { "devices", deployed->devices }, { "caution", deployed->caution.empty() ? json() : json(deployed->caution) } };
    const auto weak = services::warningAbout(services::readPackageScore(deployed->file));
    trained.document["warnings"] = weak.empty() ? json::array() : json::array({ weak });
    if (!weak.empty())
        context.terminal.line("Caution: " + weak + " `percept fleet rollback` brings back what ran.");
    if (!deployed->caution.empty())
        context.terminal.line("Caution: " + deployed->caution + " `percept fleet rollback` brings back what ran.");
    trained.text = fmt::format("Run {} is done, is version {}, and goes to the test ring: {}{}.\nWatch it: percept fleet devices --state {}. To the next ring: "
                               "percept fleet promote", id, deployed->version, plural(deployed->devices, "device", "devices"),
        deployed->startedThisComputer ? ", this computer" : "", a.state);
    return trained;
}

// What a larger picture size costs the devices is better known before hours of training than after.
void tellSlower(Context& context, const dataset::ProjectReader& reader, const fs::path& project, const std::string& id)
{
    const auto versions = reader.readModelVersions().valueOr({});
    const auto run = runs::findRun(project, id);
    const auto before = versions.empty() ? run : runs::findRun(project, versions.back().run);
    if (run.hasError() || before.hasError() || versions.empty())
        return;
    if (const auto words = services::slowerWords(run->config.longSide, before->config.longSide, versions.back().version); !words.empty())
        context.terminal.line("Caution: " + words);
}

base::Result<Outcome> train(Context& context, TrainArguments a)
{
    if (!a.then.empty() && a.detach)
        return base::usage("--then waits for the training, so it does not go with --detach.");
    const auto project = projectFolder(a.project);
    if (*a.hasEpochs)
        a.request.epochs = a.epochs;
    if (*a.hasMinutes)
        a.request.timeLimitMinutes = a.minutes;
    if (*a.hasThreads && a.request.threads < 1)
        return base::usage("--threads must be at least 1.");
    std::string id;
    {
        PERCEPT_ASSIGN(session, openSession(a.project)); // let go before the training: people may label meanwhile
        PERCEPT_ASSIGN(check, services::checkTrainingData(session->reader()));
        tellFindings(context, check);
        context.terminal.showStatus("Freezing the data set ...");
        PERCEPT_ASSIGN(run, services::prepareRun(*session, a.request, context.progress(), context.cancel));
        id = run;
        tellSlower(context, session->reader(), project, id);
    }
    if (context.cancel.isCancelled())
        return base::cancelled();
    if (a.detach)
        return startAlone(context, project, id);
    context.terminal.line(fmt::format("Run {} starts. If it is broken off: percept resume {} --run {}", id, project.string(), id));
    PERCEPT_ASSIGN(followed, followTraining(context, runs::runFolder(project, id)));
    PERCEPT_ASSIGN(finished, finish(context, project, id, followed));
    return a.then.empty() ? finished : thenDeploy(context, a, id, std::move(finished));
}

// A trainer whose follower was killed writes a checkpoint and ends; on a busy machine that takes a while.
base::Result<void> waitForOrphan(Context& context, const fs::path& runFolder)
{
    constexpr double kPatience = 180;
    const double start = base::monotonicSeconds();
    while (runs::isOrphaned(runFolder) && base::monotonicSeconds() < start + kPatience) {
        if (context.cancel.isCancelled())
            return base::cancelled();
        context.terminal.showProgress({ 0, 0, "The trainer of before is still writing its checkpoint" });
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    return {};
}

base::Result<Outcome> continueTraining(Context& context, const dataset::ProjectReader& reader, const fs::path& project, const std::string& id)
{
    const auto folder = runs::runFolder(project, id);
    PERCEPT_TRY(services::findMovedPictures(reader, folder));
    PERCEPT_ASSIGN(followed, followTraining(context, folder));
    return finish(context, project, id, followed);
}

base::Result<void> checkCanBeWrittenAnew(const services::RunModel& model)
{
    if (services::hasCheckpoint(model))
        return {};
    return base::refused(fmt::format("The model of run {} is damaged, and there is no checkpoint that it could be written from. Train it again with `percept train`, "
                                     "or delete the run in the studio.", model.folder.filename().string()));
}

base::Result<Outcome> resume(Context& context, const std::string& projectName, const std::string& id)
{
    const auto project = projectFolder(projectName);
    PERCEPT_ASSIGN(reader, openReader(projectName)); // says when this is no project
    PERCEPT_TRY(runs::findRun(project, id));
    PERCEPT_TRY(waitForOrphan(context, runs::runFolder(project, id)));
    PERCEPT_ASSIGN(run, runs::findRun(project, id));
    if (run.status == "running")
        return base::Error { base::ErrorCode::Conflict, fmt::format("Run {} is being trained already.", id), {} };
    const bool trained = (run.status == "ok" || run.status == "stopped") && run.hasModel;
    PERCEPT_ASSIGN(model, services::readRunModel(project, id));
    if (trained && services::isModelDamaged(model)) {
        PERCEPT_TRY(checkCanBeWrittenAnew(model));
        context.terminal.line(fmt::format("The model of run {} is damaged. It is written anew from the last checkpoint.", id));
        return continueTraining(context, *reader, project, id);
    }
    const bool isChecked = trained && services::readThresholds(project, id).hasValue();
    if (isChecked && run.status == "stopped")
        return base::failed(fmt::format("Run {0} was stopped and keeps the model that it had then. To train on from there: percept train {1} --from {0}.", id, project.string()));
    if (isChecked)
        return Outcome { runDocument(project, run), fmt::format("Run {} is done; there is nothing to continue.", id) };
    if (trained) {
        auto finished = finish(context, project, id, { run.status, run.message, false });
        if (finished.hasValue() || finished.error().code != base::ErrorCode::Refused || !services::hasCheckpoint(model))
            return finished;
        context.terminal.line(finished.error().message + " It is written anew from the last checkpoint.");
    }
    return continueTraining(context, *reader, project, id);
}

// Asks whichever trainer works on the run. A follower of its own (another terminal, the studio) then goes on as if asked there;
// a run without one is checked and scored here.
base::Result<Outcome> stop(Context& context, const std::string& projectName, const std::string& id)
{
    const auto project = projectFolder(projectName);
    PERCEPT_TRY(openReader(projectName));
    PERCEPT_ASSIGN(run, runs::findRun(project, id));
    const auto folder = run.folder;
    if (run.status != "running")
        return base::failed(fmt::format("Run {} is not being trained; it is {}.", id, run.status));
    PERCEPT_TRY(runs::askToStop(folder));
    while (run.status == "running") {
        if (context.cancel.isCancelled())
            return base::cancelled(); // it was asked and will stop all the same
        context.terminal.showProgress({ 0, 0, "Stopping; what was learned is kept" });
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        PERCEPT_ASSIGN(now, runs::readRun(folder));
        run = now;
    }
    runs::withdrawStop(folder);
    const auto status = runs::readStatus(folder);
    if (status.hasValue() && status->detached)
        return finish(context, project, id, { run.status, run.message, false });
    return Outcome { runDocument(project, run), fmt::format("Run {} has ended: {}.", id, run.status) };
}

std::string shortScore(const std::optional<double>& value) { return value ? fmt::format("{:.3f}", *value) : "-"; }

base::Result<Outcome> listRuns(const std::string& project)
{
    PERCEPT_ASSIGN(reader, openReader(project));
    PERCEPT_ASSIGN(all, services::listRuns(*reader));
    json list = json::array();
    auto text = fmt::format("{:<8}{:<10}{:>10}{:>10}{:>8}{:>9}  {}", "run", "status", "epoch", "AP50 val.", "AP val.", "version", "created");
    for (const auto& run : all) {
        auto row = runDocument(run);
        text += fmt::format("\n{:<8}{:<10}{:>10}{:>10}{:>8}{:>9}  {}", run.id, run.status, fmt::format("{}/{}", row["epoch"].get<int>(), row["epochs"].get<int>()),
            shortScore(run.bestMap50), shortScore(run.bestMap), run.modelVersion.empty() ? "-" : run.modelVersion, createdOf(run).value_or("-"));
        if (run.status == "crashed" || run.status == "failed")
            text += "\n        " + run.message;
        for (const auto& [key, words] : { std::pair { "name", run.name }, { "note", run.note } }) {
            row[key] = words;
            if (!words.empty())
                text += fmt::format("\n        {}: {}", key, words);
        }
        list.push_back(std::move(row));
    }
    return Outcome { { { "runs", list } }, all.empty() ? "No run yet. `percept train` makes one." : text };
}

void addTrain(CLI::App& app, Action& chosen)
{
    auto* command = app.add_subcommand("train", "Teach a model; Ctrl+C stops and keeps what was learned");
    auto a = std::make_shared<TrainArguments>();
    command->add_option("PROJECT", a->project, "Folder of the project")->required();
    command->add_option("--recipe", a->request.recipe, "full");
    a->hasEpochs = command->add_option("--epochs", a->epochs, "Times that every picture is seen");
    a->hasMinutes = command->add_option("--time-limit", a->minutes, "Minutes that training may take");
    command->add_option("--from", a->request.from, "Begin a new run with the weights of this run or package");
    command->add_option("--seed", a->request.seed, "Of order and augmentation");
    a->hasThreads = command->add_option("--threads", a->request.threads, "Processor threads");
    auto* size = command->add_option("--size", a->request.longSide, "Long side of the pictures that the model looks at, 64 to 4096 pixels, rounded up to a multiple of 32; larger finds smaller things and takes longer");
    command->add_flag("--detach", a->detach, "Start it and return; it goes on by itself");
    command->add_option("--then", a->then, "deploy: package it when it is done and roll it out to the test ring; this computer is its device where there is none")
        ->check(CLI::IsMember({ "deploy" }));
    command->add_option("--state", a->state, "With --then: folder of the hub");
    for (auto* option : { a->hasEpochs, a->hasMinutes, a->hasThreads, size })
        option->default_str(""); // decided by the data and the machine
    command->callback([=, &chosen] { chosen = [=](Context& context) { return train(context, *a); }; });
}

void addResume(CLI::App& app, Action& chosen)
{
    auto* command = app.add_subcommand("resume", "Continue a run that was killed or broken off, from its last checkpoint");
    auto names = std::make_shared<std::pair<std::string, std::string>>();
    command->add_option("PROJECT", names->first, "Folder of the project")->required();
    command->add_option("--run", names->second, "The run, as `percept runs` lists it")->required();
    command->callback([=, &chosen] { chosen = [=](Context& context) { return resume(context, names->first, names->second); }; });
}

void addStop(CLI::App& app, Action& chosen)
{
    auto* command = app.add_subcommand("stop", "End a training from anywhere and keep what it has learned");
    auto names = std::make_shared<std::pair<std::string, std::string>>();
    command->add_option("PROJECT", names->first, "Folder of the project")->required();
    command->add_option("--run", names->second, "The run, as `percept runs` lists it")->required();
    command->callback([=, &chosen] { chosen = [=](Context& context) { return stop(context, names->first, names->second); }; });
}

}

void addRunCommands(CLI::App& app, Action& chosen)
{
    addTrain(app, chosen);
    addResume(app, chosen);
    addStop(app, chosen);
    auto* list = app.add_subcommand("runs", "List the trainings of a project");
    auto project = std::make_shared<std::string>();
    list->add_option("PROJECT", *project, "Folder of the project")->required();
    list->callback([=, &chosen] { chosen = [=](Context&) { return listRuns(*project); }; });
}

}
