#pragma once

#include "core/base/cancel.h"
#include "core/runs/process.h"
#include "core/runs/run_store.h"
#include "core/services/loop.h"
#include "core/services/project_session.h"

#include <QObject>
#include <QString>
#include <map>
#include <memory>
#include <thread>

class QTimer;

namespace percept::studio {

// Starts and follows trainings of the open project. One at a time: two on one machine are slower together than one after
// the other. Everything slow runs on a thread of its own; signals come on the interface thread.
class TrainingController : public QObject {
    Q_OBJECT
public:
    explicit TrainingController(services::ProjectSession& session, QObject* parent = nullptr);
    ~TrainingController() override; // a running trainer leaves a checkpoint to resume from, other work is broken off; waits

    enum class Phase { Idle, Preparing, Training, Scoring };
    Phase phase() const { return m_phase; }
    QString phaseText() const; // "Preparing", "Training", "Paused", "Stopping", "Scoring"
    QString waitText() const;  // what takes the time now, where that is not to be told by the steps: "writing the model"; else empty
    bool isBusy() const { return m_phase != Phase::Idle; }
    QString currentRun() const { return m_run; } // empty when nothing runs, and while it is prepared
    qint64 numRead() const { return m_numRead; } // pictures, while it is prepared
    const protocol::ProgressMessage& progress() const { return m_progress; }
    bool isPaused() const { return m_paused; }
    bool isStopping() const { return m_stopping; }

    void start(const services::TrainRequest& request);
    // Prepares a run now and trains it when what runs is over, however that ends. One can wait, and only while the project is
    // open: after that it is a prepared run like any other, which resume() starts.
    void enqueue(const services::TrainRequest& request);
    void enqueuePrepared(const QString& run);
    void dequeue(); // the run stays, prepared
    bool canEnqueue() const { return isBusy() && m_phase != Phase::Preparing && m_queued.isEmpty() && !m_isQueueing; }
    QString queuedRun() const { return m_queued; }
    bool isQueueing() const { return m_isQueueing; } // the run that is to wait is being prepared
    void resume(const QString& run); // after a crash or a kill, from the last checkpoint
    void stopAndKeep();
    void setPaused(bool paused);
    void cancel(); // what is prepared or scored; nothing is left of a run that was being prepared
    // The training goes on without this program: its trainer leaves a checkpoint (8 s at most, waited for) and another one, which
    // nobody has to follow, takes over from there.
    base::Result<void> letGoOn();
    // A training that was let go on: followed until it ends, then scored. It needs nobody, so closing leaves it alone.
    void takeUp(const QString& run);
    void finish(const QString& run); // of one that ended while nobody followed it: checked and scored
    bool isByItself() const { return m_byItself; }

signals:
    void busyChanged();
    void progressChanged();
    void metricsChanged(const QString& run);
    void samplesChanged(const QString& run);
    void warned(const QString& run, const QString& message);
    void runFinished(const QString& run);               // has a scored, signed draft
    void stoppedEmpty(const QString& run);              // before anything was learned: there is no model
    void failed(const QString& run, const QString& message); // run is empty when none was made
    void cancelled();
    void queueChanged();

private:
    void setPhase(Phase phase);
    void onPrepared(const base::Result<std::string>& run);
    base::Result<std::string> prepare(const services::TrainRequest& request, const base::CancelToken& cancel, bool reports);
    void onQueued(const base::Result<std::string>& run);
    void startNext();
    void follow(const QString& run);
    void onMessage(const protocol::TrainerMessage& message);
    void onEnding(const runs::Ending& ending);
    void ended(const QString& failure);
    void lookAfter();
    void score();
    void joinWorker();

    services::ProjectSession& m_session;
    std::unique_ptr<runs::TrainerProcess> m_trainer;
    std::thread m_worker, m_queuer;
    base::CancelToken m_cancel, m_queueCancel;
    Phase m_phase = Phase::Idle;
    QString m_run, m_lastFailure, m_queued;
    protocol::ProgressMessage m_progress;
    qint64 m_numRead = 0;
    QTimer* m_look;
    int m_holds = 0; // times that a training by itself was paused or continued: what was read before is too old
    bool m_paused = false, m_stopping = false, m_finishedWell = false, m_byItself = false, m_isQueueing = false;
};

}
