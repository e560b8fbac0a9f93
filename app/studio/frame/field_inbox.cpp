#include "app/studio/frame/field_inbox.h"

#include "app/studio/background.h"
#include "core/services/local_fleet.h"

#include <QTimer>
#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace percept::studio {

using services::FieldPicture;

namespace {

constexpr int kPollMs = 60'000, kWatchedPollMs = 10'000;
constexpr int kUntilSettled = std::numeric_limits<int>::max();
constexpr std::size_t kMostVerdicts = 100; // that can be taken back one by one

const std::string& idOf(const FieldPicture& picture) { return picture.sample.id; }

}

FieldInbox::FieldInbox(services::ProjectSession& session, std::filesystem::path fleetFolder, QObject* parent)
    : QObject(parent)
    , m_session(session)
    , m_folder(std::move(fleetFolder))
    , m_poll(new QTimer(this))
{
    m_takes.setMaxThreadCount(1);
    m_poll->setInterval(kPollMs);
    connect(m_poll, &QTimer::timeout, this, &FieldInbox::refresh);
    m_poll->start();
    refresh();
}

FieldInbox::~FieldInbox()
{
    m_cancel.cancel();
    m_takes.waitForDone();
}

void FieldInbox::setWatched(bool on)
{
    m_poll->setInterval(on ? kWatchedPollMs : kPollMs);
    if (on)
        refresh();
}

void FieldInbox::refresh()
{
    m_readAgain = m_isReading;
    if (m_isReading)
        return;
    m_isReading = true;
    using Read = base::Result<services::FieldQueue>;
    runInBackground(
        this,
        [project = m_session.folder(), folder = m_folder]() -> Read {
            PERCEPT_ASSIGN(reader, dataset::ProjectReader::open(project));
            return services::readFieldQueue(*reader, folder);
        },
        [this, number = ++m_reads](Read queue) {
            m_isReading = false;
            readDone(std::move(queue), number);
            if (m_readAgain)
                refresh();
        });
}

// Those that waited keep their places.
void FieldInbox::readDone(base::Result<services::FieldQueue> queue, int number)
{
    const bool isFirst = !m_isRead;
    m_isRead = true;
    m_problem = queue.hasError() ? QString::fromStdString(queue.error().message) : QString();
    if (queue.hasError()) {
        emit changed();
        return;
    }
    for (auto* old : { &m_hidden, &m_kept })
        std::erase_if(*old, [number](const auto& until) { return until.second < number; });
    std::map<std::string, FieldPicture> read;
    std::vector<std::string> order;
    for (FieldPicture& picture : queue->waiting)
        if (!m_hidden.contains(idOf(picture))) {
            order.push_back(idOf(picture));
            read.emplace(idOf(picture), std::move(picture));
        }
    std::vector<FieldPicture> waiting;
    std::set<std::string> placed;
    for (const FieldPicture& before : m_waiting)
        if (const auto still = read.find(idOf(before)); still != read.end()) {
            placed.insert(still->first);
            waiting.push_back(still->second);
        } else if (m_kept.contains(idOf(before))) {
            waiting.push_back(before);
        }
    for (const std::string& id : order)
        if (!placed.contains(id))
            waiting.push_back(read.at(id));
    // Taken back by the project's own undo.
    std::erase_if(m_verdicts, [&](const Verdict& verdict) { return !verdict.step.empty() && read.contains(idOf(verdict.picture)); });
    const bool isNew = waiting != m_waiting || queue->hasMore != m_hasMore;
    m_hasMore = queue->hasMore;
    m_waiting = std::move(waiting);
    if (isNew || isFirst)
        emit changed();
}

void FieldInbox::hide(const FieldPicture& picture)
{
    m_hidden[idOf(picture)] = kUntilSettled;
    m_kept.erase(idOf(picture));
    std::erase_if(m_waiting, [&](const FieldPicture& p) { return idOf(p) == idOf(picture); });
}

void FieldInbox::settle(const std::string& id)
{
    for (auto* until : { &m_hidden, &m_kept })
        if (const auto at = until->find(id); at != until->end())
            at->second = m_reads;
}

// To the front: whoever sees it come back wants to see it now.
void FieldInbox::bringBack(const FieldPicture& picture)
{
    m_hidden.erase(idOf(picture));
    m_kept[idOf(picture)] = kUntilSettled;
    std::erase_if(m_verdicts, [&](const Verdict& verdict) { return idOf(verdict.picture) == idOf(picture); });
    const bool isThere = std::any_of(m_waiting.begin(), m_waiting.end(), [&](const FieldPicture& p) { return idOf(p) == idOf(picture); });
    if (!isThere)
        m_waiting.insert(m_waiting.begin(), picture);
    emit changed();
    emit cameBack(QString::fromStdString(idOf(picture)));
}

void FieldInbox::take(const FieldPicture& picture, services::FieldVerdict verdict, Taken done)
{
    hide(picture);
    m_verdicts.push_back({ picture, false, {} });
    if (m_verdicts.size() > kMostVerdicts)
        m_verdicts.erase(m_verdicts.begin());
    emit changed();
    struct Outcome {
        base::Result<services::FieldTaken> taken;
        std::string step;
    };
    m_takes.start([this, guard = QPointer<QObject>(this), &session = m_session, picture, verdict, done = std::move(done)] {
        auto outcome = std::make_shared<Outcome>(Outcome { services::takeFieldSample(session, picture, verdict), {} });
        if (outcome->taken.hasValue())
            if (const auto reader = session.openReader(); reader.hasValue())
                outcome->step = (*reader)->undoTitle().valueOr({}).value_or(std::string());
        postToInterface(guard, [this, picture, outcome, done] {
            took(picture, outcome->taken, outcome->step);
            if (done)
                done(outcome->taken);
        });
    });
}

void FieldInbox::took(const FieldPicture& picture, const base::Result<services::FieldTaken>& taken, const std::string& step)
{
    if (taken.hasError()) {
        bringBack(picture);
        settle(idOf(picture));
        emit failed(tr("The picture of %1 still waits: %2").arg(QString::fromStdString(picture.sample.device), QString::fromStdString(taken.error().message)));
        return;
    }
    if (taken->wasThere) // nothing that could be taken back
        std::erase_if(m_verdicts, [&](const Verdict& verdict) { return idOf(verdict.picture) == idOf(picture); });
    for (Verdict& verdict : m_verdicts)
        if (idOf(verdict.picture) == idOf(picture))
            verdict.step = step;
    settle(idOf(picture));
    refresh();
    if (std::exchange(m_undoWhenTaken, {}) == idOf(picture))
        undo();
    // The hub's own list follows; the project knows all the same, so that no hub is started for it.
    if (fleet::HubClient::find(m_folder).hasValue())
        mark({ picture, fleet::SampleState::Taken, false });
}

void FieldInbox::ignore(const FieldPicture& picture)
{
    hide(picture);
    m_verdicts.push_back({ picture, true, {} });
    emit changed();
    mark({ picture, fleet::SampleState::Ignored, true });
}

FieldInbox::Undone FieldInbox::undo()
{
    if (m_verdicts.empty())
        return Undone::Nothing;
    const Verdict last = m_verdicts.back();
    if (last.isIgnored) {
        bringBack(last.picture);
        mark({ last.picture, fleet::SampleState::Waiting, true });
        return Undone::Yes;
    }
    if (last.step.empty()) {
        m_undoWhenTaken = idOf(last.picture);
        return Undone::Yes;
    }
    if (m_session.reader().undoTitle().valueOr({}) != last.step)
        return Undone::NotLast;
    m_undoing = last.picture;
    emit undoRequested();
    return Undone::Yes;
}

void FieldInbox::stepUndone()
{
    if (m_undoing) {
        const FieldPicture picture = *m_undoing;
        m_undoing.reset();
        bringBack(picture);
        settle(idOf(picture));
    }
    refresh();
}

void FieldInbox::mark(Mark mark)
{
    m_marks.push_back(std::move(mark));
    if (!m_isMarking)
        markNext();
}

// In order, since the last word counts. Not on the thread of the others: a hub that has to be started takes seconds.
void FieldInbox::markNext()
{
    m_isMarking = !m_marks.empty();
    if (!m_isMarking)
        return;
    const Mark next = m_marks.front();
    m_marks.pop_front();
    runInBackground(
        this,
        [folder = m_folder, next, cancel = m_cancel]() -> base::Result<void> {
            PERCEPT_ASSIGN(hub, services::ensureHub(folder, cancel));
            return hub.markSample(idOf(next.picture), next.state);
        },
        [this, next](const base::Result<void>& done) {
            marked(next, done);
            markNext();
        });
}

void FieldInbox::marked(const Mark& mark, const base::Result<void>& done)
{
    const std::string& id = idOf(mark.picture);
    const bool hasNewer = std::any_of(m_marks.begin(), m_marks.end(), [&](const Mark& other) { return idOf(other.picture) == id; });
    if (done.hasValue()) {
        if (!hasNewer && mark.state != fleet::SampleState::Taken)
            settle(id); // what is read from now on knows of it
        refresh();
        return;
    }
    if (!mark.reports)
        return;
    if (mark.state == fleet::SampleState::Ignored && !hasNewer)
        bringBack(mark.picture);
    settle(id); // as the hub has it
    emit failed(tr("The hub was not told what became of a picture of %1: %2").arg(QString::fromStdString(mark.picture.sample.device), QString::fromStdString(done.error().message)));
}

}
