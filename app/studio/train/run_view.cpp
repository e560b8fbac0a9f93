#include "app/studio/train/run_view.h"

#include "app/studio/train/learning_strip.h"
#include "core/base/time.h"
#include "widgets/style/widgets.h"

#include <QApplication>
#include <QDateTime>
#include <QKeyEvent>
#include <QLineEdit>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>

namespace percept::studio {

namespace {

constexpr int kMetricsMs = 200; // a trainer logs many steps a second

QString qs(const std::string& text) { return QString::fromStdString(text); }

}

RunView::RunView(RunListModel& model, TrainingController& controller, QWidget* parent)
    : QWidget(parent)
    , m_model(model)
    , m_controller(controller)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    setUpHeader(layout);
    setUpPlots(layout);
    setUpStrip(layout);
    m_metricsTimer = new QTimer(this);
    m_metricsTimer->setSingleShot(true);
    m_metricsTimer->setInterval(kMetricsMs);
    connect(m_metricsTimer, &QTimer::timeout, this, &RunView::readMetrics);
    connect(&m_model, &RunListModel::tickedChanged, this, [this] {
        if (isVisible())
            readMetrics();
    });
}

void RunView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    readMetrics();
    refreshSamples();
}

void RunView::showRun(const QString& id)
{
    if (id != m_run) {
        endEdit(true); // of the run that was shown
        m_run = id;
        m_model.setShown(id);
        if (m_noteRun != id)
            m_note->hide();
        m_strip->setTruths({}, {});
        m_strip->setSamples({}, false);
        m_truthsOf.clear();
    }
    refreshHeader();
    if (!isVisible())
        return; // showEvent reads the rest
    readMetrics();
    refreshSamples();
}

QString RunView::timeText() const
{
    const QString wait = m_controller.waitText();
    return wait.isEmpty() ? timeLeftText(m_controller.progress()) : wait;
}

QString RunView::timeLeftText(const protocol::ProgressMessage& p)
{
    if (p.secondsLeft < 0)
        return tr("time left is being measured");
    const QString left = tr("%1 left").arg(qs(base::describeDuration(p.secondsLeft)));
    if (p.secondsLeftLow < 0 || base::describeDuration(p.secondsLeftLow) == base::describeDuration(p.secondsLeftHigh))
        return left;
    return tr("%1 (%2 to %3)").arg(left, qs(base::describeDuration(p.secondsLeftLow)), qs(base::describeDuration(p.secondsLeftHigh)));
}

namespace {

// What a run that is over came to: "AP50 0.852 on validation · took 4 min · 24 Nov, 19:02"
QString overText(const runs::RunInfo& run)
{
    QStringList parts;
    if (const QString score = scoreText(run); !score.isEmpty())
        parts << score;
    if (run.startedMs > 0 && run.endedMs > run.startedMs)
        parts << RunView::tr("took %1").arg(qs(base::describeDuration(static_cast<double>(run.endedMs - run.startedMs) / 1000)));
    if (run.endedMs > 0)
        parts << QLocale(QLocale::English).toString(QDateTime::fromMSecsSinceEpoch(run.endedMs), QStringLiteral("d MMM, HH:mm"));
    return parts.join(QStringLiteral(" · "));
}

}

void RunView::refreshHeader()
{
    const runs::RunInfo* run = m_model.find(m_run);
    if (!run)
        return;
    const bool mine = m_controller.isBusy() && m_controller.currentRun() == m_run;
    m_title->setText(runTitle(*run));
    m_facts->setText(runFacts(*run));
    m_said->setText(qs(run->note));
    m_said->setVisible(!run->note.empty());
    const bool bad = !mine && (run->status == "failed" || run->status == "crashed");
    const bool empty = !mine && run->status == "stopped" && !run->hasModel;
    m_chip->setText(m_model.statusText(*run));
    m_chip->setTone(mine || isLive(*run) ? style::Tone::Accent : run->status == "prepared" ? style::Tone::Neutral : (bad ? style::Tone::Error : empty ? style::Tone::Warning : style::Tone::Good));
    const auto& p = mine ? m_controller.progress() : run->progress.value_or(protocol::ProgressMessage {});
    const bool over = !mine && !isLive(*run);
    m_epoch->setText(p.epochs > 0 ? tr("Epoch %1 of %2").arg(p.epoch).arg(p.epochs) : (mine ? tr("Starting") : QString()));
    m_time->setText(mine ? timeText() : over ? overText(*run) : timeLeftText(p)); // the last is followed by another program
    m_time->setToolTip(over ? style::plainTip(scoreWords(*run)) : QString());
    m_bar->setVisible(mine || isLive(*run));
    m_bar->setValue(p.steps > 0 ? static_cast<int>(1000 * p.step / p.steps) : 0);
    showButtons(*run);
    if (run->status == "prepared" && !mine && m_controller.queuedRun() != m_run && !m_note->isVisible())
        showWarning(m_run, tr("This run is prepared and has not started: its data is kept as version %1. A queue ends with the project; start the run here when you like.").arg(run->config.datasetVersion));
    if ((bad || empty) && !run->message.empty() && !m_note->isVisible())
        bad ? showFailure(m_run, qs(run->message)) : showWarning(m_run, qs(run->message));
}

void RunView::showButtons(const runs::RunInfo& run)
{
    const bool mine = m_controller.isBusy() && m_controller.currentRun() == m_run;
    const bool training = mine && m_controller.phase() == TrainingController::Phase::Training;
    const bool waits = m_controller.queuedRun() == m_run;
    m_pause->setVisible(training);
    m_pause->setEnabled(!m_controller.isStopping());
    m_pause->setText(m_controller.isPaused() ? tr("Continue") : tr("Pause"));
    m_pause->setIcon(style::icon(m_controller.isPaused() ? "play" : "pause"));
    m_stop->setVisible(training);
    m_stop->setEnabled(!m_controller.isStopping());
    m_resume->setVisible(isUnfinished(run) && !mine && !waits && (!m_controller.isBusy() || m_controller.canEnqueue()));
    m_resume->setText(m_controller.isBusy() ? tr("Train next") : run.status == "prepared" ? tr("Start") : tr("Resume"));
    m_unqueue->setVisible(waits);
    m_validate->setVisible(!mine && run.hasModel);
}

void RunView::edit(bool note)
{
    const runs::RunInfo* run = m_model.find(m_run);
    if (!run)
        return;
    m_nameField->setPlaceholderText(runTitle(run->id));
    m_nameField->setText(qs(run->name));
    m_noteField->setText(qs(run->note));
    m_nameBefore = m_nameField->text().simplified();
    m_noteBefore = m_noteField->text().trimmed();
    m_fields->show();
    QLineEdit* field = note ? m_noteField : m_nameField;
    field->setFocus();
    field->selectAll();
}

void RunView::endEdit(bool keep)
{
    if (m_fields->isHidden())
        return;
    if (keep)
        keepWords();
    m_fields->hide();
    emit editEnded();
}

void RunView::keepWords()
{
    const QString name = m_nameField->text().simplified(), note = m_noteField->text().trimmed();
    if (name == m_nameBefore && note == m_noteBefore)
        return;
    m_nameBefore = name;
    m_noteBefore = note;
    emit edited(m_run, name, note);
}

bool RunView::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        endEdit(false);
        return true;
    }
    // Whoever goes on elsewhere keeps what was typed; another window or a menu is not elsewhere.
    if (event->type() == QEvent::FocusOut && !m_fields->isHidden()) {
        const auto reason = static_cast<QFocusEvent*>(event)->reason();
        const QWidget* now = QApplication::focusWidget();
        if (reason != Qt::ActiveWindowFocusReason && reason != Qt::PopupFocusReason && now && !m_fields->isAncestorOf(now))
            keepWords();
    }
    return QWidget::eventFilter(watched, event);
}

void RunView::showWarning(const QString& run, const QString& message)
{
    if (run != m_run)
        return;
    m_noteRun = run;
    m_note->setTone(style::Tone::Warning);
    m_note->setText(message);
    m_note->show();
}

void RunView::showFailure(const QString& run, const QString& message)
{
    if (run != m_run)
        return;
    m_noteRun = run;
    m_note->setTone(style::Tone::Error);
    m_note->setText(message);
    m_note->show();
}

}
