#include "app/studio/deploy/shipment.h"

#include "app/studio/frame/recent_projects.h"
#include "core/base/time.h"
#include "core/services/loop.h"
#include "widgets/style/text.h"

#include <algorithm>
#include <utility>

namespace percept::studio {

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }

QString runName(const std::string& run) { return Shipment::tr("run %1").arg(qs(run).mid(1).toInt()); }

// A version has the score of what ships, as it stands on its card; a run that is no version yet has only what its training saw.
QString scoreText(const runs::RunInfo& run, const std::filesystem::path& package = {})
{
    if (const auto score = package.empty() ? std::nullopt : services::readPackageScore(package))
        return Shipment::tr("AP50 %1 on %2").arg(score->map50, 0, 'f', 3).arg(qs(score->set));
    return run.bestMap50 ? Shipment::tr("AP50 %1 on validation").arg(*run.bestMap50, 0, 'f', 3) : Shipment::tr("not scored");
}

}

std::vector<Candidate> readCandidates(dataset::ProjectReader& reader, const std::filesystem::path& project)
{
    std::vector<std::pair<std::int64_t, Candidate>> found; // with the time of it
    const auto versions = reader.readModelVersions().valueOr({});
    auto records = reader.readRunRecords().valueOr({});
    for (const auto& run : runs::readAllRuns(project)) {
        const std::string& name = records[run.id].name;
        const QString called = name.empty() ? runName(run.id) : qs(name);
        const auto has = std::find_if(versions.rbegin(), versions.rend(), [&](const auto& v) { return v.run == run.id; });
        if (has != versions.rend())
            found.push_back({ has->timeMs, { run.id, has->version, project / has->file, Shipment::tr("Model %1").arg(qs(has->version)),
                Shipment::tr("%1, %2").arg(called, scoreText(run, project / has->file)) } });
        else if (run.hasModel && run.status != "running" && !records[run.id].trashed)
            found.push_back({ run.endedMs, { run.id, {}, {}, name.empty() ? Shipment::tr("Run %1").arg(qs(run.id).mid(1).toInt()) : qs(name),
                Shipment::tr("%1, %2; is packaged first").arg(scoreText(run), describeWhen(run.endedMs, base::nowMs())) } });
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<Candidate> candidates;
    for (auto& [time, candidate] : found)
        candidates.push_back(std::move(candidate));
    return candidates;
}

Shipment::Shipment(StudioContext& context, QObject* parent)
    : QObject(parent)
    , m_context(context)
{
}

void Shipment::setStage(Stage stage)
{
    m_stage = stage;
    emit changed();
}

void Shipment::reset()
{
    ++m_number;
    m_facts.reset();
    m_caution.reset();
    m_notCompared.clear();
    m_slower.clear();
    m_problem.clear();
    m_detail.clear();
    setStage(Stage::Choosing);
}

void Shipment::setAgainst(const QString& version, const std::filesystem::path& package, std::vector<services::DeviceSpeed> speeds)
{
    m_against = version;
    m_running = { version.toStdString(), package, std::move(speeds) };
}

void Shipment::cancel()
{
    if (m_job && m_job->isRunning())
        m_job->cancel();
}

void Shipment::fail(const base::Error& error)
{
    if (error.code == base::ErrorCode::Cancelled)
        return reset();
    m_failedAt = m_stage;
    m_problem = qs(error.message);
    setStage(Stage::Failed);
}

void Shipment::start(const Candidate& candidate)
{
    if (isWorking() || !m_context.session())
        return;
    reset();
    if (!candidate.version.empty())
        return check(candidate.file);
    setStage(Stage::Packaging);
    auto* session = m_context.session();
    m_job = m_context.jobs().start<services::PackageReport>(
        { tr("Packaging"), QStringLiteral("deploy"), {} }, this,
        [session, run = candidate.run](const base::ProgressFn& progress, const base::CancelToken& cancel) {
            return services::packageRun(*session, run, {}, progress, cancel);
        },
        [this, number = m_number](base::Result<services::PackageReport> done) {
            if (number != m_number)
                return;
            if (done.hasError())
                return fail(done.error());
            emit m_context.runsChanged();
            check(done->file);
        });
    m_context.setPackaging(m_job);
    followDetail();
}

void Shipment::followDetail()
{
    connect(m_job, &Job::changed, this, [this, number = m_number] {
        if (number != m_number || !m_job || !m_job->isRunning())
            return;
        m_detail = m_job->detail();
        emit changed();
    });
}

// A comparison that cannot be made holds no package up.
base::Result<Shipment::Checked> Shipment::checkAndCompare(const std::filesystem::path& file, const std::filesystem::path& project, const Running& running,
    const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(facts, services::checkPackage(file, cancel));
    Checked checked { std::move(facts), {}, {}, {} };
    if (const auto before = services::readPackageFacts(running.package); before.hasValue())
        checked.slower = services::forecastSpeed(checked.facts, *before, running.speeds).words;
    if (running.version.empty() || running.version == checked.facts.version)
        return checked;
    auto compared = services::compareBeforeRollout(project, checked.facts.version, running.version, progress, cancel);
    if (compared.hasError() && compared.error().code == base::ErrorCode::Cancelled)
        return compared.error();
    if (compared.hasError())
        checked.notCompared = compared.error().code == base::ErrorCode::NotFound ? tr("its run is not in this project any more.").toStdString() : compared.error().message; // the other names commands
    else
        checked.caution = std::move(compared).value();
    return checked;
}

void Shipment::check(const std::filesystem::path& file)
{
    m_detail.clear();
    setStage(Stage::Checking);
    m_job = m_context.jobs().start<Checked>(
        { tr("Checking a package"), QStringLiteral("deploy"), {} }, this,
        [file, project = m_context.session()->folder(), running = m_running](const base::ProgressFn& progress, const base::CancelToken& cancel) {
            return checkAndCompare(file, project, running, progress, cancel);
        },
        [this, number = m_number](base::Result<Checked> done) {
            if (number != m_number)
                return;
            if (done.hasError())
                return fail(done.error());
            m_facts = std::move(done->facts);
            m_caution = std::move(done->caution);
            m_notCompared = qs(done->notCompared);
            m_slower = qs(done->slower);
            setStage(Stage::Ready);
        });
    followDetail();
}

}
