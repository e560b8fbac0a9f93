#include "app/studio/train/training_controller.h"

#include "app/studio/background.h"

#include <filesystem>

namespace percept::studio {

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }

}

TrainingController::TrainingController(services::ProjectSession& session, QObject* parent)
    : QObject(parent)
    , m_session(session)
{
}

TrainingController::~TrainingController()
{
    m_cancel.cancel();
    if (m_trainer) {
        m_trainer->send(protocol::TrainerCommand::Stop);
        m_trainer.reset();
    }
    joinWorker();
}

void TrainingController::joinWorker()
{
    if (m_worker.joinable())
        m_worker.join();
}

void TrainingController::setBusy(bool busy, const QString& phase)
{
    m_busy = busy;
    m_phase = phase;
    if (!busy) {
        m_progress = {};
        m_paused = false;
    }
    emit busyChanged();
}

void TrainingController::start(const services::TrainRequest& request)
{
    if (m_busy)
        return;
    m_run.clear();
    setBusy(true, tr("Preparing"));
    joinWorker();
    // Freezing a version reads the whole project: not on the interface thread.
    m_worker = std::thread([this, request, guard = QPointer<QObject>(this)] {
        auto prepared = std::make_shared<base::Result<std::string>>(services::prepareRun(m_session, request));
        postToInterface(guard, [this, prepared] {
            if (prepared->hasError()) {
                setBusy(false, {});
                emit failed({}, qs(prepared->error().message));
                return;
            }
            follow(qs(prepared->value()));
        });
    });
}

void TrainingController::resume(const QString& run)
{
    if (m_busy)
        return;
    m_run = run; // those who hear of it show the run that is meant
    setBusy(true, tr("Training"));
    follow(m_run);
}

void TrainingController::follow(const QString& run)
{
    m_run = run;
    m_phase = tr("Training");
    m_finishedWell = false;
    m_lastFailure.clear();
    const QPointer<QObject> guard(this);
    auto started = runs::TrainerProcess::start(
        runs::runFolder(m_session.folder(), run.toStdString()),
        [this, guard](const protocol::TrainerMessage& message) { postToInterface(guard, [this, message] { onMessage(message); }); },
        [this, guard](const runs::Ending& ending) { postToInterface(guard, [this, ending] { onEnding(ending); }); });
    if (started.hasError()) {
        setBusy(false, {});
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
    if (m_finishedWell)
        return score();
    const QString run = m_run;
    setBusy(false, {});
    emit failed(run, m_lastFailure.isEmpty() ? qs(ending.message) : m_lastFailure);
}

void TrainingController::score()
{
    setBusy(true, tr("Scoring"));
    joinWorker();
    m_cancel = {};
    m_worker = std::thread([this, run = m_run, cancel = m_cancel, guard = QPointer<QObject>(this)] {
        auto done = std::make_shared<base::Result<void>>(services::finishRun(m_session.folder(), run.toStdString(), {}, cancel));
        postToInterface(guard, [this, run, done] {
            setBusy(false, {});
            if (done->hasError())
                emit failed(run, qs(done->error().message));
            else
                emit runFinished(run);
        });
    });
}

void TrainingController::stopAndKeep()
{
    if (m_trainer)
        m_trainer->send(protocol::TrainerCommand::Stop);
}

void TrainingController::cancelScoring() { m_cancel.cancel(); }

void TrainingController::setPaused(bool paused)
{
    if (!m_trainer)
        return;
    m_trainer->send(paused ? protocol::TrainerCommand::Pause : protocol::TrainerCommand::Resume);
    m_paused = paused;
    emit progressChanged();
}

}
