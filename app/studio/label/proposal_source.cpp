#include "app/studio/label/proposal_source.h"

#include "core/dataset/project_reader.h"
#include "core/runs/process.h"
#include "core/runs/run_store.h"

#include <algorithm>
#include <numeric>

namespace percept::studio {

namespace {
    struct Model { std::filesystem::path package; QString name; };

    std::optional<double> mean(const std::vector<double>& values)
    {
        if (values.empty())
            return std::nullopt;
        return std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
    }

    // The newest version: somebody stood by it. Before there is one, the newest run, however bad.
    Model newestModel(const std::filesystem::path& project)
    {
        std::vector<dataset::ProjectReader::ModelVersion> versions;
        std::map<std::string, dataset::RunRecord> records;
        if (auto reader = dataset::ProjectReader::open(project); reader.hasValue()) {
            versions = (*reader)->readModelVersions().valueOr({});
            records = (*reader)->readRunRecords().valueOr({});
        }
        const auto newest = std::max_element(
            versions.begin(), versions.end(), [](const auto& a, const auto& b) { return a.timeMs < b.timeMs; });
        std::error_code ec;
        // As it is called on the other pages: by the name that somebody gave the run, or by its number.
        const auto nameOf = [&records](const std::string& run) { return QString::fromStdString(records[run].name); };
        if (newest != versions.end() && std::filesystem::is_regular_file(project / newest->file, ec)) {
            const QString model = QObject::tr("Model %1").arg(QString::fromStdString(newest->version)), name = nameOf(newest->run);
            return { project / newest->file, name.isEmpty() ? model : QObject::tr("%1, %2").arg(model, name) };
        }
        for (const runs::RunInfo& run : runs::readAllRuns(project))
            if (run.hasModel && !records[run.id].trashed && !records[run.id].removed && (run.status == "ok" || run.status == "stopped"))
                return { run.folder / "model", nameOf(run.id).isEmpty() ? QObject::tr("Run %1").arg(QString::fromStdString(run.id).mid(1).toInt()) : nameOf(run.id) };
        return {};
    }
}

ProposalSource::ProposalSource(QObject* parent)
    : QObject(parent)
    , m_thread([this] { work(); })
{
}

ProposalSource::~ProposalSource()
{
    {
        const std::lock_guard lock(m_mutex);
        m_quit = true;
        if (m_edge)
            m_edge->stop(); // a call that goes on returns at once
    }
    m_wake.notify_all();
    m_thread.join();
}

void ProposalSource::setProject(const std::filesystem::path& project)
{
    {
        const std::lock_guard lock(m_mutex);
        if (project != m_project) {
            ++m_generation;
            m_wanted.reset();
        }
        m_project = project;
        m_lookForModel = true;
    }
    if (project.empty()) {
        m_cache.clear();
        m_problems.clear();
        m_modelName.clear();
        m_ownThreshold.reset();
    }
    m_wake.notify_one();
}

void ProposalSource::want(ItemId item, const std::filesystem::path& file)
{
    {
        const std::lock_guard lock(m_mutex);
        m_wanted = Wanted { item, file };
    }
    m_wake.notify_one();
}

const ProposalSource::Predictions* ProposalSource::cached(ItemId item) const
{
    const auto it = m_cache.find(item);
    return it == m_cache.end() ? nullptr : &it->second;
}

QString ProposalSource::problem(ItemId item) const
{
    const auto it = m_problems.find(item);
    return it == m_problems.end() ? QString() : it->second;
}

void ProposalSource::forgetProblem(ItemId item) { m_problems.erase(item); }
void ProposalSource::forgetProblems() { m_problems.clear(); }

base::Result<protocol::EdgeResult> ProposalSource::predict(const std::filesystem::path& model, const std::filesystem::path& file)
{
    std::shared_ptr<runs::EdgeProcess> edge;
    {
        const std::lock_guard lock(m_mutex);
        if (m_quit)
            return base::cancelled();
        edge = m_edge;
    }
    if (!edge) {
        auto started = runs::EdgeProcess::start();
        if (started.hasError())
            return started.error();
        edge = std::move(started).value();
        m_loaded.clear();
        const std::lock_guard lock(m_mutex);
        m_edge = edge;
        if (m_quit)
            return base::cancelled();
    }
    if (m_loaded != model) {
        const auto loaded = edge->load(model);
        if (loaded.hasError())
            return loaded.error();
        m_loaded = model;
        m_loadedThresholds = loaded->thresholds;
    }
    return edge->predict(file, kLeastScore);
}

void ProposalSource::work()
{
    Model model;
    std::unique_lock lock(m_mutex);
    while (true) {
        m_wake.wait(lock, [&] { return m_quit || m_lookForModel || (m_wanted && !model.package.empty()); });
        if (m_quit)
            return;
        const int generation = m_generation;
        if (m_lookForModel) {
            m_lookForModel = false;
            const auto project = m_project;
            lock.unlock();
            const Model found = project.empty() ? Model {} : newestModel(project);
            const bool other = found.package != model.package;
            model = found;
            QMetaObject::invokeMethod(this, [this, model, generation, other] {
                if (generation != m_generation || (!other && model.name == m_modelName))
                    return;
                if (other) {
                    m_ownThreshold.reset();
                    m_cache.clear();
                    m_problems.clear();
                }
                m_modelName = model.name;
                Q_EMIT modelChanged();
            }, Qt::QueuedConnection);
            lock.lock();
            continue;
        }
        const Wanted wanted = *m_wanted;
        m_wanted.reset();
        lock.unlock();
        auto result = predict(model.package, wanted.file);
        QMetaObject::invokeMethod(this, [this, item = wanted.item, result = std::move(result), own = mean(m_loadedThresholds), generation] {
            if (generation != m_generation)
                return;
            m_ownThreshold = own;
            if (result.hasValue())
                m_cache[item] = result->predictions;
            else
                m_problems[item] = QString::fromStdString(result.error().message);
            Q_EMIT proposalsReady(item);
        }, Qt::QueuedConnection);
        lock.lock();
    }
}

}
