#include "core/report/findings.h"

#include "core/report/wording.h"

#include <algorithm>
#include <fmt/format.h>

namespace percept::report {
namespace {

// Test pictures that the model's score is of.
std::int64_t scoredPictures(const Sources& sources, const StoredModel& model)
{
    return static_cast<std::int64_t>(model.scored(sources.test.images).size());
}

// "A (9), B (3) and 4 more"
std::string named(const std::vector<ClassRow>& rows)
{
    constexpr std::size_t kNamed = 3;
    std::string text;
    for (std::size_t i = 0; i < rows.size() && i < kNamed; ++i)
        text += (i == 0 ? "" : i + 1 == rows.size() ? " and " : ", ") + fmt::format("{} ({})", rows[i].name, rows[i].of);
    if (rows.size() > kNamed)
        text += fmt::format(" and {} more", rows.size() - kNamed);
    return text;
}

void addClassFindings(const ReportData& data, const StoredModel& chosen, std::vector<std::string>& notes)
{
    std::vector<ClassRow> few, unknown;
    for (std::size_t i = 0; i < data.classes.size(); ++i) {
        const ClassRow& row = data.classes[i];
        if (!chosen.knows[i] && row.of > 0)
            unknown.push_back(row);
        else if (row.tooFew)
            few.push_back(row);
    }
    if (!unknown.empty())
        notes.push_back("Not among the classes of this model, so all their objects count as missed: " + named(unknown) + ".");
    if (!few.empty())
        notes.push_back(fmt::format("Under {} test objects, too few to judge: {}.", kTooFewObjects, named(few)));
}

void addScopeFindings(const Sources& sources, const StoredModel& chosen, std::vector<std::string>& notes)
{
    const auto all = static_cast<std::int64_t>(sources.test.images.size());
    const std::int64_t missing = all - scoredPictures(sources, chosen);
    const std::int64_t unread = std::min(missing, chosen.skipped);
    if (unread > 0)
        notes.push_back(counted(unread, "test picture", "test pictures")
            + " could not be read when this model was scored and are left out.");
    if (missing > unread)
        notes.push_back(fmt::format("{} of today's {} joined the test set after this model was made and are left out; a model "
                                    "trained from now on is scored on them too.",
            missing - unread, counted(all, "test picture", "test pictures")));
}

void addDataFindings(const ReportData& data, const Sources& sources, std::vector<std::string>& notes)
{
    if (sources.tornGroups > 0)
        notes.push_back(counted(static_cast<std::int64_t>(sources.tornGroups), "group", "groups")
            + " of pictures that belong together lie in more than one set: the score is flattered.");
    if (data.testFromField > 0)
        notes.push_back(fmt::format("{} of the {} came from devices, chosen by chance.", data.testFromField,
            counted(static_cast<std::int64_t>(sources.test.images.size()), "test picture", "test pictures")));
    if (data.testBeganAsProposal > 0)
        notes.push_back(percent(data.testBeganAsProposal) + " of the test labels began as proposals of a model, which flatters it.");
    if (sources.counts.emptyAreaBoxes > 0)
        notes.push_back(counted(sources.counts.emptyAreaBoxes, "box has", "boxes have") + " no area and neither train nor test.");
}

// The newest run, when there is something to do about it.
const runs::RunInfo* unscoredRun(const Sources& sources)
{
    const auto at = std::find_if(sources.runs.begin(), sources.runs.end(),
        [](const auto& run) { return run.hasModel && (run.status == "ok" || run.status == "stopped"); });
    if (at == sources.runs.end())
        return nullptr;
    std::error_code ec;
    return std::filesystem::exists(at->folder / "evaluation-test.json", ec) ? nullptr : &*at;
}

std::string scoreIt(const std::string& run)
{
    return fmt::format("Score the draft of {} on the test set: page Validate (Ctrl+4).", runForPeople(run));
}

}

std::vector<std::string> findings(const ReportData& data, const Sources& sources, const StoredModel* chosen)
{
    std::vector<std::string> notes;
    if (chosen) {
        addScopeFindings(sources, *chosen, notes);
        addClassFindings(data, *chosen, notes);
    }
    addDataFindings(data, sources, notes);
    if (const auto* run = unscoredRun(sources); run && chosen)
        notes.push_back(fmt::format("The draft of {} is trained but not scored on the test set, so it is not shown.", runForPeople(run->id)));
    return notes;
}

std::vector<std::string> firstSteps(const ReportData& data, const Sources& sources)
{
    if (data.pictures == 0)
        return { "Gather pictures: drop a folder on the window, or percept import PROJECT FOLDER." };
    std::vector<std::string> steps;
    if (data.toDo > 0)
        steps.push_back("Draw boxes on " + counted(data.toDo, "picture that is", "pictures that are") + " still to do (Label, Ctrl+2).");
    if (data.toReview > 0)
        steps.push_back("Review " + counted(data.toReview, "picture", "pictures") + " and mark them done (Label, Ctrl+2).");
    const bool training = !sources.runs.empty() && sources.runs.front().status == "running";
    if (training)
        steps.push_back(fmt::format("A model is being trained ({}); its score can stand here when it is through.", runForPeople(sources.runs.front().id)));
    else if (const auto* run = unscoredRun(sources); !run)
        steps.push_back(data.done > 0 ? "Train a first model: page Train (Ctrl+3), or percept train PROJECT --recipe full."
                                      : "Finish some pictures; only pictures that are done train.");
    else if (sources.test.images.empty())
        steps.push_back("Put finished pictures into the test set (Gather, Ctrl+1): without one no model can be judged.");
    else
        steps.push_back(scoreIt(run->id));
    return steps;
}

}
