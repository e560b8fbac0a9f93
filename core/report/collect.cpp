#include "core/report/collect.h"

#include "core/base/time.h"
#include "core/evaluation/uncertainty.h"
#include "core/report/findings.h"
#include "core/report/stored_model.h"
#include "core/report/wording.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <optional>

namespace percept::report {

namespace {

using Images = std::vector<evaluation::EvaluationImage>;

evaluation::MatchTable tableOf(const StoredModel& model, const Images& images)
{
    return { model.answered(images), static_cast<int>(model.thresholds.size()) };
}

bool isFinished(const runs::RunInfo& run) { return run.hasModel && (run.status == "ok" || run.status == "stopped"); }

bool isScoredOnTest(const runs::RunInfo& run)
{
    std::error_code ec;
    return std::filesystem::exists(run.folder / "evaluation-test.json", ec);
}

ModelName draftOf(const runs::RunInfo& run) { return { {}, run.id, {}, run.endedMs > 0 ? run.endedMs : run.createdMs, run.name }; }

std::int64_t countIn(const std::map<domain::ItemState, std::int64_t>& counts, domain::ItemState state)
{
    const auto at = counts.find(state);
    return at == counts.end() ? 0 : at->second;
}

double shareBeganAsProposal(const dataset::Counts& counts)
{
    std::int64_t all = 0, proposals = 0;
    for (const auto& [origin, n] : counts.testBoxesByOrigin) {
        all += n;
        if (origin == domain::Origin::ProposalAccepted || origin == domain::Origin::ProposalCorrected)
            proposals += n;
    }
    return all > 0 ? static_cast<double>(proposals) / static_cast<double>(all) : 0;
}

class Collector {
public:
    Collector(const dataset::ProjectReader& reader, const std::filesystem::path& project, const std::string& wanted, const std::filesystem::path& fleet)
        : m_reader(reader)
        , m_project(project)
        , m_wanted(wanted)
        , m_fleet(fleet)
    {
    }

    base::Result<ReportData> collect()
    {
        PERCEPT_TRY(readProject());
        PERCEPT_TRY(readField());
        PERCEPT_TRY(readModels());
        const StoredModel* chosen = m_chosen ? &m_models[*m_chosen] : nullptr;
        if (chosen) {
            reportModel(*chosen);
            reportVersions();
            reportComparison();
        } else {
            m_data.nextSteps = firstSteps(m_data, m_sources);
        }
        auto more = findings(m_data, m_sources, chosen);
        m_data.notes.insert(m_data.notes.begin(), more.begin(), more.end());
        return std::move(m_data);
    }

private:
    base::Result<void> readProject();
    base::Result<void> readField();
    base::Result<void> readModels();
    base::Result<void> choose(const std::vector<ModelName>& names);
    std::vector<ModelName> named(const std::vector<dataset::ProjectReader::ModelVersion>& versions) const;
    bool covers(const StoredModel& model) const;
    Images common() const;
    void reportModel(const StoredModel& model);
    void reportVersions();
    void reportComparison();

    const dataset::ProjectReader& m_reader;
    const std::filesystem::path& m_project;
    const std::string& m_wanted;
    const std::filesystem::path& m_fleet;
    Sources m_sources;
    std::vector<StoredModel> m_models; // oldest first
    std::optional<std::size_t> m_chosen;
    ReportData m_data;
};

base::Result<void> Collector::readProject()
{
    PERCEPT_ASSIGN(info, m_reader.readInfo());
    PERCEPT_ASSIGN(counts, m_reader.readCounts());
    PERCEPT_ASSIGN(test, readTestSet(m_reader));
    PERCEPT_ASSIGN(days, m_reader.readLabelingDays());
    PERCEPT_ASSIGN(torn, m_reader.readTornGroups());
    m_data.project = info.name;
    m_data.date = longDate(base::nowMs());
    m_data.pictures = counts.items;
    m_data.boxes = counts.boxes;
    m_data.done = countIn(counts.byState, domain::ItemState::Done);
    m_data.toReview = countIn(counts.byState, domain::ItemState::ToReview);
    m_data.toDo = countIn(counts.byState, domain::ItemState::ToDo);
    m_data.testBeganAsProposal = shareBeganAsProposal(counts);
    m_data.days = std::move(days);
    m_data.testPictures = static_cast<std::int64_t>(test.images.size());
    m_data.testObjects = test.objects;
    for (std::size_t i = 0; i < test.labels.size(); ++i) {
        const domain::Label& label = test.labels[i];
        ClassRow row;
        row.name = label.name;
        row.palette = static_cast<int>(i);
        row.color = label.color;
        row.share = evaluation::wilson(0, 0);
        if (const auto at = counts.byLabel.find(label.id); at != counts.byLabel.end())
            row.labeled = at->second.boxes;
        m_data.classes.push_back(row);
    }
    PERCEPT_ASSIGN(records, m_reader.readRunRecords());
    m_sources = { std::move(counts), std::move(test), runs::readAllRuns(m_project), torn.size() };
    std::erase_if(m_sources.runs, [&](const runs::RunInfo& run) { return records[run.id].trashed || records[run.id].removed; });
    for (runs::RunInfo& run : m_sources.runs)
        run.name = records[run.id].name;
    return {};
}

// What the field says; a fleet that cannot be read costs its figures alone.
base::Result<void> Collector::readField()
{
    PERCEPT_ASSIGN(field, readFieldAccuracy(m_reader));
    m_data.field = std::move(field);
    PERCEPT_ASSIGN(samples, m_reader.readFieldSamples());
    m_data.testFromField = std::count_if(samples.begin(), samples.end(), [](const auto& stored) {
        return !stored.trashed && stored.set == domain::SplitSet::Test && stored.state == domain::ItemState::Done;
    });
    if (m_fleet.empty())
        return {};
    auto fleet = readFleetStand(m_fleet, m_reader);
    if (fleet.hasValue())
        m_data.fleet = std::move(fleet).value();
    else
        m_data.notes.push_back("The devices are not shown. " + fleet.error().message);
    return {};
}

// The versions, then the run that may become the next one.
std::vector<ModelName> Collector::named(const std::vector<dataset::ProjectReader::ModelVersion>& versions) const
{
    std::vector<ModelName> names;
    for (const auto& version : versions)
        names.push_back({ version.version, version.run, version.file, version.timeMs });
    const auto isVersion = [&](const std::string& run) {
        return std::any_of(versions.begin(), versions.end(), [&](const auto& v) { return v.run == run; });
    };
    for (const runs::RunInfo& run : m_sources.runs) {
        const bool asked = run.id == m_wanted;
        if (!isFinished(run) || isVersion(run.id) || (!m_wanted.empty() && m_wanted.starts_with('r') && !asked))
            continue;
        if (!asked && !isScoredOnTest(run))
            continue; // it says nothing about itself yet, and hides none that does
        const ModelName draft = draftOf(run);
        // Of runs that nobody asked for only the newest that was scored counts, and only after the last version.
        if (asked || names.empty() || draft.timeMs > names.back().timeMs)
            names.push_back(draft);
        break;
    }
    return names;
}

base::Result<void> Collector::choose(const std::vector<ModelName>& names)
{
    for (std::size_t i = 0; i < m_models.size(); ++i) {
        const ModelName& name = m_models[i].name;
        if (m_wanted.empty() || name.version == m_wanted || name.run == m_wanted)
            m_chosen = i; // the last one: the newest, or the last version of a run
    }
    if (m_chosen || m_wanted.empty())
        return {};
    const bool known = std::any_of(names.begin(), names.end(),
        [&](const ModelName& n) { return n.version == m_wanted || n.run == m_wanted; });
    return base::notFound(known ? fmt::format("Model {} has not been scored on the test set yet; evaluate it first.", m_wanted)
                                : fmt::format("There is no model {} in this project. `percept runs` lists them.", m_wanted));
}

base::Result<void> Collector::readModels()
{
    PERCEPT_ASSIGN(versions, m_reader.readModelVersions());
    const auto names = named(versions);
    for (const ModelName& name : names) {
        auto model = readStoredModel(m_project, name, m_sources.test.labels);
        if (model.hasError()) {
            if (model.error().code != base::ErrorCode::NotFound || !name.version.empty())
                m_data.notes.push_back("Not shown: " + name.forPeople() + ". " + model.error().message);
            continue;
        }
        const bool any = std::any_of(m_sources.test.images.begin(), m_sources.test.images.end(),
            [&](const auto& image) { return model->hasAnswered(image); });
        if (any)
            m_models.push_back(std::move(model).value());
        else
            m_data.notes.push_back("Not shown: " + name.forPeople() + ", which was scored on none of today's test pictures.");
    }
    return choose(names);
}

void Collector::reportModel(const StoredModel& model)
{
    const evaluation::MatchTable table(model.scored(m_sources.test.images), static_cast<int>(model.thresholds.size()));
    const auto shares = evaluation::shareIntervals(table, model.thresholds, drawsFor(table.images().size()), kDrawSeed);
    const auto point = table.at(model.thresholds);
    m_data.hasModel = true;
    m_data.version = model.name.forPeople();
    if (const RolledBack* back = findRolledBack(m_data.fleet, model.name.version))
        m_data.notes.push_back("This page is about a version that was taken back. " + inWords(*back));
    m_data.found = shares.found;
    m_data.marksRight = shares.marksRight;
    m_data.testPictures = static_cast<std::int64_t>(table.images().size());
    m_data.testObjects = point.truths;
    m_data.marks = point.marks;
    for (const runs::RunInfo& run : m_sources.runs)
        if (run.id == model.name.run)
            m_data.datasetVersion = run.config.datasetVersion;
    for (std::size_t i = 0; i < m_data.classes.size(); ++i) {
        ClassRow& row = m_data.classes[i];
        row.found = shares.foundCounts[i][0];
        row.of = shares.foundCounts[i][1];
        row.share = shares.foundPerClass[i];
        row.tooFew = row.of < kTooFewObjects;
    }
}

// Models that were asked about most of today's test set can be compared on what they share.
bool Collector::covers(const StoredModel& model) const
{
    const auto n = std::count_if(m_sources.test.images.begin(), m_sources.test.images.end(),
        [&](const auto& image) { return model.hasAnswered(image); });
    return 2 * static_cast<std::size_t>(n) >= m_sources.test.images.size();
}

Images Collector::common() const
{
    Images images;
    for (const auto& image : m_sources.test.images)
        if (std::all_of(m_models.begin(), m_models.end(), [&](const auto& m) { return !covers(m) || m.hasAnswered(image); }))
            images.push_back(image);
    return images;
}

void Collector::reportVersions()
{
    const Images images = common();
    if (images.empty())
        return;
    m_data.versionsScope = images.size() == m_sources.test.images.size()
        ? "all on today's test set"
        : fmt::format("all on the same {} of today's {} test pictures", images.size(), m_sources.test.images.size());
    for (const StoredModel& model : m_models) {
        if (!covers(model)) {
            m_data.notes.push_back("Not in the curve: " + model.name.forPeople()
                + ", which was scored on less than half of today's test pictures.");
            continue;
        }
        const auto shares
            = evaluation::shareIntervals(tableOf(model, images), model.thresholds, drawsFor(images.size()), kDrawSeed);
        const RolledBack* back = findRolledBack(m_data.fleet, model.name.version);
        m_data.versions.push_back({ model.name.version.empty() ? "draft" : model.name.version, model.name.timeMs, shares.found, back ? back->timeMs : 0 });
    }
}

// Against the model before, on the pictures that both were asked about.
void Collector::reportComparison()
{
    if (!m_chosen || *m_chosen == 0)
        return;
    m_data.comparison = compareStored(m_models[*m_chosen - 1], m_models[*m_chosen], m_sources.test, m_sources.test.images);
    const Comparison& c = m_data.comparison;
    if (c.isCircular()) {
        m_data.notes.push_back(fmt::format("Not compared with {}: {} of the labels on the pictures that both have answered are a model's answers, accepted as they were.",
            versionForPeople(c.other), percent(c.accepted)));
        m_data.comparison = {};
        return;
    }
    if (c.present && c.points.low > 0 && c.findsLess())
        m_data.notes.push_back(fmt::format("It finds less than {} although it tells objects better: it must be too sure before it answers. Set its threshold anew on "
                                           "Validate (Ctrl+4).", versionForPeople(c.other)));
}

}

base::Result<ReportData> collectReport(const dataset::ProjectReader& reader, const std::filesystem::path& project, const std::string& model,
    const std::filesystem::path& fleet)
{
    return Collector(reader, project, model, fleet).collect();
}

}
