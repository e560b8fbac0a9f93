#include "app/studio/train/training_controller.h"

#include "app/studio/background.h"
#include "core/base/time.h"
#include "core/runs/run_status.h"

#include <QTimer>
#include <filesystem>
#include <utility>

namespace percept::studio {

namespace {

constexpr double kReportSeconds = 0.1;
constexpr int kLookMs = 1000; // at a training that nobody follows

QString qs(const std::string& text) { return QString::fromStdString(text); }

}

TrainingController::TrainingController(services::ProjectSession& session, QObject* parent)
    : QObject(parent)
    , m_session(session)
    , m_look(new QTimer(this))
{
    m_look->setInterval(kLookMs);
    connect(m_look, &QTimer::timeout, this, &TrainingController::lookAfter);
}

TrainingController::~TrainingController()
{
    m_cancel.cancel();
    m_queueCancel.cancel();
    m_trainer.reset();
    joinWorker();
    if (m_queuer.joinable())
        m_queuer.join();
}

void TrainingController::joinWorker()
{
    if (m_worker.joinable())
        m_worker.join();
}

QString TrainingController::phaseText() const
{
    switch (m_phase) {
    case Phase::Preparing: return tr("Preparing");
    case Phase::Training: return m_stopping ? tr("Stopping") : m_paused ? tr("Paused") : tr("Training");
    case Phase::Scoring: return tr("Scoring");
    default: return {};
    }
}

QString TrainingController::waitText() const
{
    if (m_phase == Phase::Scoring || m_progress.phase == "validating")
        return tr("scoring the validation set");
    if (m_stopping || m_progress.phase == "exporting")
        return tr("writing the model");
    if (m_paused)
        return tr("waits until you continue");
    return {};
}

void TrainingController::setPhase(Phase phase)
{
    m_phase = phase;
    if (phase != Phase::Training)
        m_paused = m_stopping = false;
    if (phase == Phase::Idle)
        m_progress = {};
    emit busyChanged();
    if (phase == Phase::Idle) // after those who hear of the end
        postToInterface(this, [this] { startNext(); });
}

void TrainingController::startNext()
{
    if (isBusy() || m_queued.isEmpty())
        return;
    const QString run = std::exchange(m_queued, QString());
    emit queueChanged();
    follow(run);
}

void TrainingController::enqueue(const services::TrainRequest& request)
{
    if (!isBusy())
        return start(request);
    if (!canEnqueue())
        return;
    m_isQueueing = true;
    emit queueChanged();
    if (m_queuer.joinable())
        m_queuer.join();
    m_queueCancel = {};
    m_queuer = std::thread([this, request, cancel = m_queueCancel, guard = QPointer<QObject>(this)] {
        auto prepared = std::make_shared<base::Result<std::string>>(prepare(request, cancel, /*reports=*/false));
        postToInterface(guard, [this, prepared] { onQueued(*prepared); });
    });
}

void TrainingController::onQueued(const base::Result<std::string>& run)
{
    m_isQueueing = false;
    if (run.hasValue())
        m_queued = qs(run.value());
    emit queueChanged();
    if (run.hasError() && run.error().code != base::ErrorCode::Cancelled)
        emit failed({}, qs(run.error().message));
    startNext();
}

void TrainingController::enqueuePrepared(const QString& run)
{
    if (!canEnqueue())
        return;
    m_queued = run;
    emit queueChanged();
}

void TrainingController::dequeue()
{
    m_queued.clear();
    emit queueChanged();
}

void TrainingController::start(const services::TrainRequest& request)
{
    if (isBusy())
        return;
    m_run.clear();
    m_numRead = 0;
    setPhase(Phase::Preparing);
    joinWorker();
    m_cancel = {};
    // Freezing a version reads the whole project: not on the interface thread.
    m_worker = std::thread([this, request, cancel = m_cancel, guard = QPointer<QObject>(this)] {
        auto prepared = std::make_shared<base::Result<std::string>>(prepare(request, cancel, /*reports=*/true));
        postToInterface(guard, [this, prepared] { onPrepared(*prepared); });
    });
}

// On the worker.
base::Result<std::string> TrainingController::prepare(const services::TrainRequest& request, const base::CancelToken& cancel, bool reports)
{
    const base::ProgressFn progress = !reports ? base::ProgressFn() : [guard = QPointer<QObject>(this), this, last = 0.0](const base::Progress& p) mutable {
        if (const double now = base::monotonicSeconds(); now - last < kReportSeconds)
            return;
        else
            last = now;
        postToInterface(guard, [this, read = p.done] {
            m_numRead = read;
            emit progressChanged();
        });
    };
    auto run = services::prepareRun(m_session, request, progress, cancel);
    if (run.hasError() || !cancel.isCancelled())
        return run;
    std::error_code ec; // it came too late for the preparation
    std::filesystem::remove_all(runs::runFolder(m_session.folder(), run.value()), ec);
    return base::cancelled();
}

void TrainingController::onPrepared(const base::Result<std::string>& run)
{
    if (run.hasValue())
        return follow(qs(run.value()));
    setPhase(Phase::Idle);
    if (run.error().code == base::ErrorCode::Cancelled)
        emit cancelled();
    else
        emit failed({}, qs(run.error().message));
}

void TrainingController::resume(const QString& run)
{
    if (isBusy())
        return;
    if (const auto moved = services::findMovedPictures(m_session.reader(), runs::runFolder(m_session.folder(), run.toStdString())); moved.hasError())
        emit failed(run, qs(moved.error().message));
    else
        follow(run);
}

void TrainingController::follow(const QString& run)
{
    m_run = run; // those who hear of it show the run that is meant
    m_finishedWell = false;
    m_lastFailure.clear();
    setPhase(Phase::Training);
    const QPointer<QObject> guard(this);
    auto started = runs::TrainerProcess::start(
        runs::runFolder(m_session.folder(), run.toStdString()),
        [this, guard](const protocol::TrainerMessage& message) { postToInterface(guard, [this, message] { onMessage(message); }); },
        [this, guard](const runs::Ending& ending) { postToInterface(guard, [this, ending] { onEnding(ending); }); });
    if (started.hasError()) {
        setPhase(Phase::Idle);
        emit failed(run, qs(started.error().message));
        return;
    }
    m_trainer = std::move(started).value();
    emit busyChanged();
}

void TrainingController::onMessage(const protocol::TrainerMessage& message)
{
    if (const auto* progress = std::get_if<protocol::ProgressMessage>(&message)) {
        m_progress = *progress;
        emit progressChanged();
    } else if (std::holds_alternative<protocol::MetricMessage>(message)) {
        emit metricsChanged(m_run);
    } else if (std::holds_alternative<protocol::SampleMessage>(message)) {
        emit samplesChanged(m_run);
    } else if (const auto* warning = std::get_if<protocol::WarningMessage>(&message)) {
        emit warned(m_run, qs(warning->message));
    } else if (const auto* finished = std::get_if<protocol::FinishedMessage>(&message)) {
        m_finishedWell = finished->status != "failed";
        if (!m_finishedWell)
            m_lastFailure = qs(finished->message);
    }
}

void TrainingController::onEnding(const runs::Ending& ending)
{
    m_trainer.reset();
    ended(qs(ending.message));
}

void TrainingController::ended(const QString& failure)
{
    const QString run = m_run;
    const auto folder = runs::runFolder(m_session.folder(), run.toStdString());
    const auto info = runs::readRun(folder);
    std::error_code ec;
    const bool isEmpty = info.hasValue() && info->status == "stopped" && !std::filesystem::exists(folder / "model" / "model.onnx", ec);
    if (m_finishedWell && !isEmpty)
        return score();
    setPhase(Phase::Idle);
    if (isEmpty)
        return emit stoppedEmpty(run);
    emit failed(run, m_lastFailure.isEmpty() ? failure : m_lastFailure);
}

void TrainingController::finish(const QString& run)
{
    if (isBusy())
        return;
    m_run = run;
    score();
}

void TrainingController::score()
{
    setPhase(Phase::Scoring);
    joinWorker();
    m_cancel = {};
    m_worker = std::thread([this, run = m_run, cancel = m_cancel, guard = QPointer<QObject>(this)] {
        auto done = std::make_shared<base::Result<void>>(services::finishRun(m_session.folder(), run.toStdString(), {}, cancel));
        postToInterface(guard, [this, run, done] {
            setPhase(Phase::Idle);
            if (done->hasValue())
                emit runFinished(run);
            else if (done->error().code == base::ErrorCode::Cancelled)
                emit cancelled();
            else
                emit failed(run, qs(done->error().message));
        });
    });
}

base::Result<void> TrainingController::letGoOn()
{
    if (!m_trainer)
        return {};
    const auto folder = runs::runFolder(m_session.folder(), m_run.toStdString());
    m_trainer.reset();
    setPhase(Phase::Idle);
    const auto left = runs::readRun(folder);
    if (left.hasValue() && left->status != "crashed")
        return {}; // it has ended meanwhile
    PERCEPT_ASSIGN(trainer, runs::TrainerProcess::start(folder, {}, {}, /*detach=*/true));
    return {};
}

void TrainingController::takeUp(const QString& run)
{
    if (isBusy())
        return;
    m_run = run;
    m_lastFailure.clear();
    m_byItself = true;
    setPhase(Phase::Training);
    m_look->start();
    lookAfter();
}

// Its record is read beside the interface.
void TrainingController::lookAfter()
{
    runInBackground(
        this,
        [folder = runs::runFolder(m_session.folder(), m_run.toStdString())] { return std::pair(runs::readRun(folder), runs::isHeld(folder)); },
        [this, run = m_run, holds = m_holds](const std::pair<base::Result<runs::RunInfo>, bool>& seen) {
            const auto& [info, isHeld] = seen;
            if (!m_byItself || run != m_run || info.hasError())
                return;
            if (info->status == "running") {
                if (holds == m_holds)
                    m_paused = isHeld && !m_stopping;
                m_progress = info->progress.value_or(protocol::ProgressMessage {});
                emit progressChanged();
                emit metricsChanged(run);
                emit samplesChanged(run);
                return;
            }
            m_byItself = false;
            m_look->stop();
            m_finishedWell = info->status == "ok" || info->status == "stopped";
            ended(qs(info->message));
        });
}

void TrainingController::stopAndKeep()
{
    if (m_byItself) {
        if (const auto asked = runs::askToStop(runs::runFolder(m_session.folder(), m_run.toStdString())); asked.hasError())
            return emit warned(m_run, qs(asked.error().message));
    } else if (m_trainer) {
        m_trainer->send(protocol::TrainerCommand::Stop);
    } else {
        return;
    }
    if (m_byItself)
        (void)runs::setHeld(runs::runFolder(m_session.folder(), m_run.toStdString()), false); // the stop goes first all the same
    m_paused = false;
    m_stopping = true;
    emit progressChanged();
}

void TrainingController::cancel() { m_cancel.cancel(); }

void TrainingController::setPaused(bool paused)
{
    if (m_stopping || (!m_trainer && !m_byItself))
        return;
    if (m_byItself) {
        ++m_holds;
        if (const auto held = runs::setHeld(runs::runFolder(m_session.folder(), m_run.toStdString()), paused); held.hasError())
            return emit warned(m_run, qs(held.error().message));
    } else {
        m_trainer->send(paused ? protocol::TrainerCommand::Pause : protocol::TrainerCommand::Resume);
    }
    m_paused = paused;
    emit progressChanged();
}

}
