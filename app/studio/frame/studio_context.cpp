#include "app/studio/frame/studio_context.h"

#include "app/studio/frame/background_reader.h"
#include "app/studio/frame/choosers.h"
#include "app/studio/frame/field_inbox.h"
#include "app/studio/frame/recent_projects.h"
#include "app/studio/frame/thumbnails.h"
#include "core/base/time.h"
#include "core/fleet/hub_address.h"
#include "widgets/style/tokens.h"

#include <QTimer>
#include <QUrl>
#include <QUrlQuery>
#include <algorithm>

namespace percept::studio {

namespace {
// What the start page says of a project that was never closed, because the program or the machine fell over, is at most so old.
constexpr int kRememberMs = 20'000;
}

QString toQString(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }
std::filesystem::path toPath(const QString& text) { return std::filesystem::path(text.toStdString()); }

StudioContext::StudioContext(QObject* parent)
    : QObject(parent)
    , m_jobs(std::make_unique<JobList>())
    , m_recent(std::make_unique<RecentProjects>())
    , m_choosers(desktopChoosers())
    , m_refresh(new QTimer(this))
    , m_remember(new QTimer(this))
{
    m_remember->setSingleShot(true);
    m_remember->setInterval(kRememberMs);
    connect(m_remember, &QTimer::timeout, this, [this] {
        if (m_session)
            rememberProject();
    });
    m_refresh->setSingleShot(true);
    m_refresh->setInterval(0);
    connect(m_refresh, &QTimer::timeout, this, [this] { readSummary(m_labelsStale); });
}

StudioContext::~StudioContext() { closeProject(); }

base::Result<void> StudioContext::openProject(const std::filesystem::path& project)
{
    closeProject();
    const QPointer<StudioContext> self(this);
    auto session = services::ProjectSession::open(project, "percept-studio", [self](std::function<void()> run) {
        QMetaObject::invokeMethod(self, std::move(run), Qt::QueuedConnection);
    });
    if (session.hasError())
        return session.error();
    m_session = std::move(session).value();
    m_thumbnails = std::make_unique<Thumbnails>(m_session->folder() / "cache");
    m_background = std::make_unique<BackgroundReader>([session = m_session.get()] { return session->openReader(); },
        [this](const base::Error& error) { reportError(tr("The project cannot be read"), error); });
    m_field = std::make_unique<FieldInbox>(*m_session, fleet::defaultFleetFolder());
    connect(m_field.get(), &FieldInbox::changed, this, &StudioContext::fieldChanged);
    connect(m_field.get(), &FieldInbox::undoRequested, this, &StudioContext::undo);
    connect(this, &StudioContext::stepTaken, m_field.get(), [this](const dataset::Committed& step, const QString&, bool undone) { m_field->stepTaken(step, undone); });
    connect(this, &StudioContext::stepFailed, m_field.get(), &FieldInbox::stepFailed);
    connect(this, &StudioContext::runsChanged, m_field.get(), &FieldInbox::refresh); // a new version is another package to look for
    readSummary(/*labelsToo=*/true);
    subscribe();
    rememberProject();
    Q_EMIT projectOpened();
    Q_EMIT projectReady();
    return {};
}

void StudioContext::closeProject()
{
    if (!m_session)
        return;
    rememberProject();
    m_jobs->cancelAll();
    Q_EMIT projectAboutToClose();
    m_field.reset();
    m_notices.reset();
    m_states.reset();
    m_background.reset();
    m_thumbnails.reset();
    m_session.reset();
    m_info = {};
    m_labels.clear();
    m_counts = {};
    m_saveState = {};
    m_heldEdits = 0;
    m_undoTitle.clear();
    m_redoTitle.clear();
    m_scoringRuns.clear();
    Q_EMIT projectClosed();
}

void StudioContext::subscribe()
{
    m_notices = m_session->subscribe([this](const services::ProjectSession::Notice& notice) { onNotice(notice); });
    m_states = m_session->subscribeSaveState([this](const services::ProjectSession::SaveState& state) {
        m_saveState = state;
        m_saveState.pending += m_heldEdits;
        Q_EMIT saveStateChanged();
    });
    m_saveState = m_session->saveState();
}

void StudioContext::setHeldEdits(int edits)
{
    if (edits == m_heldEdits)
        return;
    m_saveState.pending += edits - m_heldEdits;
    m_heldEdits = edits;
    Q_EMIT saveStateChanged();
}

void StudioContext::onNotice(const services::ProjectSession::Notice& notice)
{
    if (!m_session)
        return;
    m_labelsStale = m_labelsStale || notice.labelsChanged || notice.everything;
    if (notice.labelsChanged || notice.everything)
        readSummary(true); // pages that hear of the commit find the labels it brought
    else
        m_refresh->start();
    Q_EMIT committed(notice);
    if (notice.runsChanged)
        Q_EMIT runsChanged();
    if (!notice.problem.empty())
        Q_EMIT errorReported({}, QString::fromStdString(notice.problem));
}

void StudioContext::setScoring(const QString& run, bool on)
{
    if (on == m_scoringRuns.contains(run))
        return;
    if (on)
        m_scoringRuns.append(run);
    else
        m_scoringRuns.removeAll(run);
    Q_EMIT scoringChanged();
}

void StudioContext::setPackaging(Job* job)
{
    if (isPackaging())
        return; // the later one is refused
    m_packaging = job;
    connect(job, &Job::finished, this, &StudioContext::packagingChanged);
    Q_EMIT packagingChanged();
}

void StudioContext::readSummary(bool labelsToo)
{
    if (!m_session)
        return;
    m_refresh->stop();
    const dataset::ProjectReader& reader = m_session->reader();
    if (labelsToo) {
        m_labelsStale = false;
        if (auto info = reader.readInfo(); info.hasValue())
            m_info = *info;
        if (auto labels = reader.readLabels(); labels.hasValue())
            m_labels = *labels;
        Q_EMIT labelsChanged();
    }
    if (auto counts = reader.readCounts(); counts.hasValue())
        m_counts = *counts;
    if (!m_remember->isActive())
        m_remember->start();
    Q_EMIT countsChanged();
    const auto title = [](const base::Result<std::optional<std::string>>& result) {
        return result.hasValue() && result->has_value() ? QString::fromStdString(**result) : QString();
    };
    m_undoTitle = title(reader.undoTitle());
    m_redoTitle = title(reader.redoTitle());
    if ((m_stepToast.undone ? m_redoTitle : m_undoTitle) == m_stepToast.title)
        m_stepToast.isNext = true;
    else if (m_stepToast.isNext)
        endStepToast();
    Q_EMIT historyChanged();
}

void StudioContext::rememberProject()
{
    RecentProjects::Entry entry;
    entry.path = toQString(m_session->folder());
    entry.name = QString::fromStdString(m_info.name);
    entry.openedMs = base::nowMs();
    entry.items = m_counts.items;
    const auto done = m_counts.byState.find(domain::ItemState::Done);
    entry.done = done == m_counts.byState.end() ? 0 : done->second;
    auto first = m_session->reader().readItems({}, {}, 1);
    if (first.hasValue() && !first->empty())
        entry.thumbnail = QStringLiteral("cache/thumbnails/%1/%2-%3.jpg").arg(first->front().id.value / 1000).arg(first->front().id.value).arg(first->front().sizeBytes);
    m_recent->remember(entry);
}

const domain::Label* StudioContext::label(LabelId id) const
{
    const auto it = std::find_if(m_labels.begin(), m_labels.end(), [id](const domain::Label& label) { return label.id == id; });
    return it == m_labels.end() ? nullptr : &*it;
}

QColor StudioContext::labelColor(LabelId id) const
{
    const domain::Label* found = label(id);
    return found ? style::labelColor(found->color, found->position) : style::tokens().text3;
}

bool StudioContext::labelHatched(LabelId id) const
{
    const domain::Label* found = label(id);
    return found && found->color < 0 && style::classHatched(found->position);
}

void StudioContext::apply(std::vector<dataset::Edit> edits, const QString& title, services::ProjectSession::Done done)
{
    if (m_session && !edits.empty())
        m_session->apply(std::move(edits), title.toStdString(), std::move(done));
}

void StudioContext::undo()
{
    endStepToast();
    if (m_session)
        m_session->undo([this](const auto& result) { takeStep(/*undone=*/true, result); });
}

void StudioContext::redo()
{
    endStepToast();
    if (m_session)
        m_session->redo([this](const auto& result) { takeStep(/*undone=*/false, result); });
}

void StudioContext::takeStep(bool undone, const base::Result<std::optional<dataset::Committed>>& result)
{
    if (result.hasError() || !result->has_value())
        Q_EMIT stepFailed();
    if (result.hasError())
        return reportError(undone ? tr("Undo did not work") : tr("Redo did not work"), result.error());
    if (!m_session || !result->has_value())
        return;
    const auto title = undone ? m_session->reader().redoTitle() : m_session->reader().undoTitle();
    if (title.hasValue() && title->has_value())
        Q_EMIT stepTaken(**result, QString::fromStdString(**title), undone);
}

void StudioContext::postRead(std::function<std::function<void()>(dataset::ProjectReader&)> read)
{
    if (m_background)
        m_background->post(std::move(read));
}

void StudioContext::followLink(const QString& link)
{
    const QUrl url(link);
    const QString page = url.path();
    const QUrlQuery query(url);
    if (page == QLatin1String("gather")) {
        dataset::ItemFilter filter;
        const QString set = query.queryItemValue(QStringLiteral("set"));
        if (set == QLatin1String("none"))
            filter.sets = { domain::SplitSet::None };
        else if (const auto known = domain::splitSetFromString(set.toStdString()); known && !set.isEmpty())
            filter.sets = { *known };
        if (const auto state = domain::itemStateFromString(query.queryItemValue(QStringLiteral("state")).toStdString()))
            filter.states = { *state };
        if (const LabelId id { query.queryItemValue(QStringLiteral("label")).toLongLong() }; label(id))
            filter.labels = { id };
        filter.flaggedBoxes = query.hasQueryItem(QStringLiteral("flagged"));
        filter.unreadable = query.hasQueryItem(QStringLiteral("unreadable"));
        filter.noObjects = query.hasQueryItem(QStringLiteral("empty"));
        filter.inTrash = query.hasQueryItem(QStringLiteral("trash"));
        openGather(filter);
    } else if (query.hasQueryItem(QStringLiteral("run"))) {
        const QString run = query.queryItemValue(QStringLiteral("run"));
        page == QLatin1String("validate") ? openValidate(run) : openRun(run);
    } else {
        showPage(page);
    }
}

void StudioContext::showToast(const QString& text, const QString& action, std::function<void()> run, const QString& key)
{
    m_stepToast = {};
    Q_EMIT toastRequested(text, action, std::move(run), key);
}

void StudioContext::showUndoToast(const QString& title)
{
    showToast(title, tr("Undo"), [this] { undo(); }, QStringLiteral("Ctrl Z"));
    m_stepToast = { title, /*undone=*/false, m_undoTitle == title };
}

// Called when the step is on disk: it is the next one until another is.
void StudioContext::showStepToast(const QString& title, bool undone, const QString& where, std::function<void()> show)
{
    const QString what = (undone ? tr("Undone: %1") : tr("Redone: %1")).arg(title);
    if (show)
        showToast(title.contains(where) ? what : tr("%1, on %2").arg(what, where), tr("Show"), std::move(show));
    else if (undone)
        showToast(what, tr("Redo"), [this] { redo(); }, QStringLiteral("Ctrl Shift Z"));
    else
        showToast(what, tr("Undo"), [this] { undo(); }, QStringLiteral("Ctrl Z"));
    m_stepToast = { title, undone, /*isNext=*/true };
}

// Another step is the next one now: what the toast names is not what its action would change.
void StudioContext::endStepToast()
{
    if (m_stepToast.title.isEmpty())
        return;
    m_stepToast = {};
    Q_EMIT toastEnded();
}

void StudioContext::reportError(const QString& title, const base::Error& error)
{
    Q_EMIT errorReported(title, QString::fromStdString(error.message));
}

}
