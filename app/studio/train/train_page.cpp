#include "app/studio/train/train_page.h"

#include "app/studio/frame/page_column.h"
#include "app/studio/frame/retrain_card.h"
#include "app/studio/train/compare_panel.h"
#include "app/studio/train/run_view.h"
#include "app/studio/train/train_wizard.h"
#include "app/studio/train/training_controller.h"
#include "widgets/style/widgets.h"

#include <QHBoxLayout>
#include <QListView>
#include <QPushButton>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace percept::studio {

namespace {

constexpr int kPollMs = 1000; // runs of the command line show as well

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
