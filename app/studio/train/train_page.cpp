#include "app/studio/train/train_page.h"

#include "app/studio/background.h"
#include "app/studio/frame/last_run.h"
#include "app/studio/frame/page_column.h"
#include "app/studio/frame/retrain_card.h"
#include "app/studio/train/compare_panel.h"
#include "app/studio/train/run_view.h"
#include "app/studio/train/train_wizard.h"
#include "app/studio/train/training_controller.h"
#include "core/base/time.h"
#include "widgets/style/widgets.h"

#include <QAction>
#include <QHBoxLayout>
#include <QListView>
#include <QPushButton>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <cmath>
#include <algorithm>

namespace percept::studio {

namespace {

constexpr int kRunsWidth = 248;
constexpr int kPollMs = 1000; // runs of the command line show as well

QString qs(const std::string& text) { return QString::fromStdString(text); }

QString stopText() { return TrainPage::tr("Stop and keep"); }

double shareOf(const protocol::ProgressMessage& p) { return p.steps > 0 ? static_cast<double>(p.step) / static_cast<double>(p.steps) : -1; }

}

TrainPage::TrainPage(StudioContext& context, QWidget* parent)
    : Page(context, parent)
{
    auto* layout = setUpPageColumn(*this, QStringLiteral("trainPage"));
    setUpBar();
    layout->addWidget(m_bar);
    m_retrain = new RetrainCard(context, RetrainCard::Place::BesideComparison);
    layout->addWidget(m_retrain);
    m_stack = new QStackedWidget;
    layout->addWidget(m_stack, 1);
    setUpBody();
    setUpCommands();
    m_poll = new QTimer(this);
    m_poll->setInterval(kPollMs);
    connect(m_poll, &QTimer::timeout, this, &TrainPage::pollRuns);
    connect(&context, &StudioContext::projectOpened, this, &TrainPage::openProject);
    connect(&context, &StudioContext::projectAboutToClose, this, &TrainPage::closeProject);
    connect(&context, &StudioContext::runsChanged, this, [this] {
        refreshRuns();
        if (m_compare)
            m_compare->showRun(m_view->run()); // it may have a model now, or a version
    });
    if (context.session())
        openProject();
}

TrainPage::~TrainPage() = default;

void TrainPage::setUpBar()
{
    m_bar = new PageBar(title());
    m_closeWizard = style::makeButton(tr("Close"), style::ButtonKind::Quiet, "x");
    m_newRun = style::makeButton(tr("New run…"), style::ButtonKind::Primary, "plus");
    m_newRun->setObjectName(QStringLiteral("newRun"));
    m_bar->addRight(m_closeWizard);
    m_bar->addRight(m_newRun);
    m_closeWizard->hide();
    connect(m_newRun, &QPushButton::clicked, this, &TrainPage::openWizard);
    connect(m_closeWizard, &QPushButton::clicked, this, &TrainPage::closeWizard);
}

void TrainPage::setUpBody()
{
    m_empty = new style::EmptyState("train", {});
    m_emptyAction = m_empty->addPrimary({});
    connect(m_emptyAction, &QPushButton::clicked, this, [this] {
        if (m_job && m_job->isRunning())
            m_job->cancel();
        else
            openWizard();
    });
    m_stack->addWidget(m_empty);

    m_dashboard = new QWidget;
    m_dashboardLayout = new QHBoxLayout(m_dashboard);
    m_dashboardLayout->setContentsMargins(0, 0, 0, 0);
    m_dashboardLayout->setSpacing(0);
    auto* left = new QWidget;
    left->setFixedWidth(kRunsWidth);
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 8, 12, 8);
    head->setSpacing(6);
    head->addWidget(new style::PlainLabel(tr("Runs"), style::TextRole::Section));
    m_runCount = new style::PlainLabel({}, style::TextRole::Table, style::Ink::Text3);
    head->addWidget(m_runCount);
    head->addStretch();
    head->addWidget(new style::PlainLabel(tr("AP50, validation"), style::TextRole::Caption, style::Ink::Text3));
    column->addLayout(head);
    column->addWidget(style::makeLine(Qt::Horizontal));
    m_list = new QListView;
    m_list->setObjectName(QStringLiteral("runList"));
    m_list->setAccessibleName(tr("Runs"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setModel(&m_model);
    m_list->setItemDelegate(&m_delegate);
    m_list->setUniformItemSizes(true);
    m_list->setMouseTracking(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& current) {
        if (current.isValid() && m_view)
            m_view->showRun(current.data(RunListModel::IdRole).toString());
        if (current.isValid() && m_compare)
            m_compare->showRun(current.data(RunListModel::IdRole).toString());
        updateRunCommands();
    });
    column->addWidget(m_list, 1);
    auto* hint = new style::PlainLabel(tr("Ticked runs are drawn in the plots."), style::TextRole::Caption, style::Ink::Text3);
    hint->setContentsMargins(12, 6, 12, 8);
    column->addWidget(hint);
    m_dashboardLayout->addWidget(left);
    m_dashboardLayout->addWidget(style::makeLine(Qt::Vertical));
    m_stack->addWidget(m_dashboard);
}

QList<KeyHelp> TrainPage::keys() const
{
    return { { QStringLiteral("Ctrl+Return"), tr("start the run of the wizard") }, { QStringLiteral("Alt+Left, Alt+Right"), tr("step of the wizard") },
        { QStringLiteral("Space"), tr("draw the run in the plots or not") },
        { QStringLiteral("Esc"), tr("close the wizard") } };
}

void TrainPage::openProject()
{
    m_controller = std::make_unique<TrainingController>(*context().session());
    m_view = new RunView(m_model, *m_controller);
    m_compare = new ComparePanel(context());
    m_view->addBelowHeader(m_compare);
    m_dashboardLayout->addWidget(m_view, 1);
    m_wizard = new TrainWizard(*context().session());
    m_stack->addWidget(m_wizard);
    connectController();
    connect(m_view, &RunView::validateRequested, &context(), &StudioContext::openValidate);
    connect(m_view, &RunView::edited, this, &TrainPage::keepWords);
    connect(m_view, &RunView::editEnded, m_list, qOverload<>(&QWidget::setFocus));
    connect(m_wizard, &TrainWizard::startRequested, this, &TrainPage::startTraining);
    connect(m_wizard, &TrainWizard::closeRequested, this, &TrainPage::closeWizard);
    connect(m_wizard, &TrainWizard::linkRequested, &context(), &StudioContext::followLink);
    refreshRuns();
    takeUpWhatWasLeft();
}

void TrainPage::closeProject()
{
    m_poll->stop();
    ++m_reads;
    if (m_job)
        m_job->finish(Job::State::Cancelled);
    m_controller.reset();
    m_scoring.clear();
    delete m_view;
    delete m_wizard;
    m_view = nullptr;
    m_compare = nullptr;
    m_wizard = nullptr;
    m_model.setRuns({});
    m_model.setWaiting({});
    closeWizard();
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

void TrainPage::refreshRuns()
{
    ++m_reads; // newer than what a poll may still be reading
    if (context().session())
        showRuns(services::listRuns(context().session()->reader()).valueOr({}));
}

// Long records take a while to read: not on the interface thread, once a second.
void TrainPage::pollRuns()
{
    context().readInBackground<std::vector<runs::RunInfo>>(
        this, [](dataset::ProjectReader& reader) { return services::listRuns(reader).valueOr({}); },
        [this, number = ++m_reads](std::vector<runs::RunInfo> runs) {
            if (number == m_reads)
                showRuns(std::move(runs));
        });
}

void TrainPage::showRuns(std::vector<runs::RunInfo> runs)
{
    m_model.setRuns(std::move(runs));
    m_runCount->setText(QString::number(m_model.rowCount()));
    if (m_stack->currentWidget() != m_wizard)
        showStack();
    if (m_view && m_model.rowCount() > 0) {
        if (!m_list->currentIndex().isValid())
            m_list->setCurrentIndex(m_model.index(std::max(0, m_model.rowOf(m_view->run()))));
        m_view->refreshHeader();
        followLiveRun();
    }
    updateRunCommands();
    updateStatus();
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

// The runs, or what to do while there are none.
void TrainPage::showStack()
{
    const bool any = m_model.rowCount() > 0, isPreparing = m_controller && m_controller->phase() == TrainingController::Phase::Preparing;
    m_empty->setSentence(isPreparing ? tr("Preparing the first run: the pictures are read and the labels are frozen as a version.")
                                     : tr("No runs yet. A run learns from the items that are done and is scored on the validation set."));
    m_emptyAction->setText(isPreparing ? tr("Cancel") : tr("New run…"));
    m_stack->setCurrentIndex(any ? 1 : 0);
    m_newRun->setVisible(any);
}

void TrainPage::chooseRun(const QString& run)
{
    if (m_model.rowOf(run) < 0)
        return;
    m_model.setTicked(run, true);
    showOnly(run);
}

void TrainPage::showOnly(const QString& run)
{
    m_list->setCurrentIndex(m_model.index(m_model.rowOf(run)));
    m_view->showRun(run);
    m_compare->showRun(run);
}

void TrainPage::showRun(const QString& run)
{
    closeWizard();
    refreshRuns();
    chooseRun(run);
}

void TrainPage::compareRun(const QString& run)
{
    showRun(run);
    if (m_compare && m_view->run() == run)
        m_compare->compare();
}

void TrainPage::trainAgain(const QString& run)
{
    openWizard();
    if (m_wizard)
        m_wizard->beginWith(run.toStdString());
}

void TrainPage::resume(const QString& run)
{
    showRun(run);
    if (m_controller && m_model.find(run))
        m_controller->resume(run);
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

void TrainPage::deactivated() { m_poll->stop(); }

void TrainPage::activated()
{
    m_poll->start();
    refreshRuns();
    if (m_stack->currentWidget() == m_wizard)
        openWizard();
    else
        m_list->setFocus();
}

std::optional<double> TrainPage::measuredRate() const
{
    for (const auto& run : m_model.runs())
        if (run.progress && run.progress->imagesPerSecond > 0)
            return run.progress->imagesPerSecond * std::pow(run.config.longSide / static_cast<double>(services::PictureSize().longSide), 2);
    return std::nullopt;
}

void TrainPage::openWizard()
{
    if (!m_wizard)
        return;
    prepareWizard();
    m_stack->setCurrentWidget(m_wizard);
    m_retrain->setHeldBack(true);
    m_bar->setTitle(tr("New run"));
    m_newRun->hide();
    m_closeWizard->show();
    m_wizard->setFocus();
}

void TrainPage::closeWizard()
{
    m_bar->setTitle(title());
    m_closeWizard->hide();
    m_retrain->setHeldBack(false);
    showStack();
}

void TrainPage::startTraining()
{
    if (!m_wizard->canStart())
        return;
    const services::TrainRequest request = m_wizard->request();
    closeWizard();
    m_controller->enqueue(request); // at once when nothing runs
}

void TrainPage::updateStatus()
{
    QStringList left { style::counted(m_model.rowCount(), tr("run"), tr("runs")) };
    if (m_controller && m_controller->isBusy() && m_controller->progress().imagesPerSecond > 0)
        left << tr("%1 pictures a second").arg(m_controller->progress().imagesPerSecond, 0, 'f', 1);
    setStatus(left);
}

}
