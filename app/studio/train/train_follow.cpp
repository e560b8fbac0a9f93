// TrainPage: what it tells of the training that goes on, and what becomes of that when the project is left.
#include "app/studio/background.h"
#include "app/studio/frame/last_run.h"
#include "app/studio/train/run_view.h"
#include "app/studio/train/train_page.h"
#include "app/studio/train/train_wizard.h"
#include "app/studio/train/training_controller.h"
#include "core/base/time.h"
#include "widgets/style/widgets.h"

#include <QStackedWidget>

namespace percept::studio {

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }

QString stopText() { return TrainPage::tr("Stop and keep"); }

double shareOf(const protocol::ProgressMessage& p) { return p.steps > 0 ? static_cast<double>(p.step) / static_cast<double>(p.steps) : -1; }

}

void TrainPage::connectController()
{
    connectRefresh();
    connect(m_controller.get(), &TrainingController::runFinished, this, [this](const QString& run) {
        if (m_job)
            m_job->finish(Job::State::Done);
        Q_EMIT context().runsChanged();
        context().showToast(tr("%1 is trained and scored").arg(m_model.titleOf(run)), tr("Validate"), [this, run] { context().openValidate(run); });
    });
    connect(m_controller.get(), &TrainingController::failed, this, [this](const QString& run, const QString& message) {
        if (m_job)
            m_job->finish(Job::State::Failed, message);
        Q_EMIT context().runsChanged();
        showFailure(run, message);
    });
    connect(m_controller.get(), &TrainingController::stoppedEmpty, this, [this](const QString& run) {
        if (m_job)
            m_job->finish(Job::State::Cancelled);
        Q_EMIT context().runsChanged();
        context().showToast(tr("%1 was stopped before it had learned anything: there is no model").arg(m_model.titleOf(run)));
    });
    connect(m_controller.get(), &TrainingController::cancelled, this, [this] {
        if (m_job)
            m_job->finish(Job::State::Cancelled);
        Q_EMIT context().runsChanged();
    });
}

// Where the run is looked at; else in a banner, which stays, and a toast, which leads there.
void TrainPage::showFailure(const QString& run, const QString& message)
{
    if (run.isEmpty())
        return context().reportError(tr("The run could not be started"), base::failed(message.toStdString()));
    m_view->showFailure(run, message);
    if (m_view->isVisible() && m_view->run() == run)
        return;
    const QString ended = tr("%1 has ended before it was done").arg(m_model.titleOf(run));
    context().reportError(ended, base::failed(message.toStdString()));
    context().showToast(ended, tr("Show it"), [this, run] { context().openRun(run); });
}

void TrainPage::connectRefresh()
{
    auto* c = m_controller.get();
    connect(c, &TrainingController::busyChanged, this, [this] {
        tellScoring();
        followJob();
        refreshRuns();
        m_view->refreshSamples(); // the last epoch is "now" only while it trains
        if (m_stack->currentWidget() == m_wizard)
            prepareWizard();
        if (m_controller && !m_controller->currentRun().isEmpty() && m_controller->isBusy())
            chooseRun(m_controller->currentRun());
    });
    connect(c, &TrainingController::queueChanged, this, &TrainPage::followQueue);
    connect(c, &TrainingController::progressChanged, this, [this] {
        followJob();
        m_view->refreshHeader();
        updateStatus();
    });
    connect(c, &TrainingController::metricsChanged, m_view, &RunView::refreshMetrics);
    connect(c, &TrainingController::samplesChanged, m_view, &RunView::refreshSamples);
    connect(c, &TrainingController::warned, m_view, &RunView::showWarning);
}

// Validate offers no second scoring of the same model.
void TrainPage::tellScoring()
{
    const bool isScoring = m_controller && m_controller->phase() == TrainingController::Phase::Scoring;
    if (!m_scoring.isEmpty() && !isScoring)
        context().setScoring(m_scoring, false);
    m_scoring = isScoring ? m_controller->currentRun() : QString();
    if (isScoring)
        context().setScoring(m_scoring, true);
}

// The list, the dashboard and the chip of the job say the same.
void TrainPage::followJob()
{
    const bool isBusy = m_controller && m_controller->isBusy();
    m_model.setWorking(isBusy ? m_controller->currentRun() : QString(), isBusy ? m_controller->phaseText() : QString());
    if (!m_controller || !m_controller->isBusy())
        return;
    const bool isTraining = m_controller->phase() == TrainingController::Phase::Training;
    if (m_job && m_job->cancelRequested() && !isTraining && m_job->cancelText() == stopText())
        m_job->finish(Job::State::Done); // the training has stopped; its scoring is another job, and can be cancelled
    if (!m_job || !m_job->isRunning()) {
        const QPointer<TrainingController> controller(m_controller.get());
        m_job = context().jobs().adopt({ tr("Training"), QStringLiteral("train"), stopText() }, [controller] {
            if (controller && controller->phase() == TrainingController::Phase::Training)
                controller->stopAndKeep();
            else if (controller)
                controller->cancel();
        });
    }
    m_job->setCancelText(isTraining ? stopText() : tr("Cancel"));
    m_job->setCancelGrave(isTraining);
    const auto& p = m_controller->progress();
    if (m_controller->numRead() > 0 && m_controller->phase() == TrainingController::Phase::Preparing)
        return m_job->setProgress(-1, tr("%1 read").arg(style::counted(m_controller->numRead(), tr("picture"), tr("pictures"))), {});
    if (m_controller->isPaused())
        return m_job->setProgress(shareOf(p), tr("paused"), {});
    if (const QString wait = m_controller->waitText(); !wait.isEmpty())
        return m_job->setProgress(isTraining ? shareOf(p) : -1, wait, {});
    if (!isTraining || p.epochs == 0)
        return m_job->setProgress(-1, m_controller->phase() == TrainingController::Phase::Preparing ? tr("being prepared") : tr("starting"), {});
    const QString left = p.secondsLeft >= 0 ? tr("%1 left").arg(qs(base::describeDuration(p.secondsLeft))) : QString();
    m_job->setProgress(shareOf(p), tr("epoch %1 of %2").arg(p.epoch).arg(p.epochs), left);
}

// A run that another program trains; once more when it has ended, for what came last.
void TrainPage::followLiveRun()
{
    const auto* run = m_model.find(m_view->run());
    const bool live = run && isLive(*run) && !m_controller->isBusy();
    if (live || m_wasLive) {
        m_view->refreshMetrics();
        m_view->refreshSamples();
    }
    m_wasLive = live;
}

std::optional<LeaveQuestion> TrainPage::leaveQuestion() const
{
    if (!m_controller || !m_controller->isBusy() || m_controller->isByItself())
        return std::nullopt;
    const QString run = m_model.titleOf(m_controller->currentRun());
    const QString waits = m_controller->queuedRun().isEmpty() ? QString()
                                                              : QLatin1Char(' ') + tr("%1, which waits its turn, stays in the list and is not started.").arg(m_model.titleOf(m_controller->queuedRun()));
    switch (m_controller->phase()) {
    case TrainingController::Phase::Preparing:
        return LeaveQuestion { tr("Give up the new run?"), tr("It is still being prepared. Nothing of it is left when the project is closed."), tr("Give it up") };
    case TrainingController::Phase::Scoring:
        return LeaveQuestion { tr("Break off the scoring of %1?").arg(run),
            tr("%1 is trained and kept. It is not scored when the project is closed now; Validate can do it later.").arg(run) + waits, tr("Break off") };
    default:
        return LeaveQuestion { tr("%1 is training").arg(run),
            tr("Let it go on: it trains without this window, and is followed again when the project is opened. Pause it: a checkpoint is kept; open the project again and choose Resume.") + waits,
            tr("Pause it"), tr("Let it go on") };
    }
}

base::Result<void> TrainPage::letGoOn() { return m_controller ? m_controller->letGoOn() : base::Result<void>(); }

// A training that was let go on is followed again; one that ended meanwhile is scored now.
void TrainPage::takeUpWhatWasLeft()
{
    runInBackground(
        m_controller.get(), [project = context().session()->folder()] { return readLastRun(project); },
        [this](const LastRun& last) {
            if (last.state == LastRun::State::ByItself)
                m_controller->takeUp(last.run);
            else if (last.state == LastRun::State::Unscored)
                m_controller->finish(last.run);
        });
}

}
