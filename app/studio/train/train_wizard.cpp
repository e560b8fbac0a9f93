#include "app/studio/train/train_wizard.h"

#include "app/studio/background.h"
#include "app/studio/train/wizard_parts.h"
#include "core/base/time.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPushButton>
#include <QShortcut>
#include <QSpinBox>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

namespace percept::studio {

namespace {

constexpr int kClockMs = 20'000;

QString qs(const std::string& text) { return QString::fromStdString(text); }

}

TrainWizard::TrainWizard(services::ProjectSession& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* columns = new QHBoxLayout;
    columns->setSpacing(0);
    setUpSteps(columns);
    m_pages = new QStackedWidget;
    auto* middle = new QVBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(m_pages, 1);
    columns->addLayout(middle, 1);
    setUpData();
    setUpRecipe();
    setUpCheck();
    setUpConsequences(columns);
    setUpFooter(middle);
    layout->addLayout(columns, 1);
    // Shortcuts, since fields and lists keep these keys to themselves.
    for (const auto& [key, by] : { std::pair(Qt::Key_Left, -1), std::pair(Qt::Key_Right, 1) }) {
        auto* shortcut = new QShortcut(QKeySequence(Qt::ALT | key), this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, [this, by = by] { goTo(m_step + by); });
    }
    m_clock = new QTimer(this);
    m_clock->setInterval(kClockMs);
    connect(m_clock, &QTimer::timeout, this, &TrainWizard::updateConsequences);
    goTo(0);
}

void TrainWizard::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    m_clock->start();
    updateConsequences();
}

void TrainWizard::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    m_clock->stop();
}

int TrainWizard::longSide() const
{
    const int chosen = m_size->currentData().toInt();
    return chosen > 0 ? chosen : m_check ? m_check->size.longSide : services::PictureSize().longSide;
}

void TrainWizard::offerStart(const std::string& run, const std::string& version, int longSide)
{
    m_startSide = longSide;
    m_startSide = longSide;
    m_startRun = run;
    m_startVersion = qs(version);
    m_startFrom->setTexts({ tr("Everyday pictures"), tr("Version %1").arg(m_startVersion) });
    m_startRow->setVisible(!run.empty());
    updateConsequences();
}

void TrainWizard::beginWith(const std::string& run)
{
    m_startFrom->setCurrent(!run.empty() && run == m_startRun ? 1 : 0);
    updateConsequences();
}

bool TrainWizard::beginsWithVersion() const { return !m_startRun.empty() && m_startFrom->current() == 1; }
QString TrainWizard::startText() const { return beginsWithVersion() ? tr("version %1").arg(m_startVersion) : tr("everyday pictures"); }

void TrainWizard::goTo(int step)
{
    m_step = std::clamp(step, 0, m_pages->count() - 1);
    m_pages->setCurrentIndex(m_step);
    const QSignalBlocker blocker(m_steps);
    m_steps->setCurrentRow(m_step);
    m_back->setEnabled(m_step > 0);
    m_next->setVisible(m_step + 1 < m_pages->count());
    updateConsequences();
}

void TrainWizard::prepare(std::optional<double> rate, const QString& whyBusy, const QString& waitsFor)
{
    m_rate = rate;
    m_whyBusy = whyBusy;
    m_waitsFor = waitsFor;
    auto reader = m_session.openReader();
    if (reader.hasError()) {
        m_problem = qs(reader.error().message);
        return showFindings();
    }
    std::shared_ptr<dataset::ProjectReader> shared = std::move(reader).value();
    runInBackground(
        this, [shared] { return services::checkTrainingData(*shared); },
        [this](base::Result<services::DataCheck> check) {
            m_problem = check.hasError() ? qs(check.error().message) : QString();
            m_check.reset();
            if (check.hasValue())
                m_check = std::move(check).value();
            showFindings();
        });
}

std::vector<services::DataFinding> TrainWizard::allFindings() const
{
    using services::DataFinding;
    std::vector<DataFinding> findings;
    if (!m_problem.isEmpty())
        findings.push_back({ DataFinding::Level::Blocker, m_problem.toStdString(), {} });
    if (!m_whyBusy.isEmpty())
        findings.push_back({ DataFinding::Level::Blocker, m_whyBusy.toStdString(), {} });
    if (!m_waitsFor.isEmpty())
        findings.push_back({ DataFinding::Level::Note, m_waitsFor.toStdString(), {} });
    if (m_check)
        findings.insert(findings.end(), m_check->findings.begin(), m_check->findings.end());
    return findings;
}

void TrainWizard::showFindings()
{
    using services::DataFinding;
    const auto open = [this](const QString& link) { emit linkRequested(link); };
    clearLayout(m_findings);
    clearLayout(m_warnings);
    int toLookAt = 0;
    for (const DataFinding& finding : allFindings()) {
        m_findings->addWidget(new FindingRow(finding, open));
        if (finding.level != DataFinding::Level::Warning && finding.level != DataFinding::Level::Blocker)
            continue;
        ++toLookAt;
        m_warnings->addWidget(new FindingRow(finding, open));
    }
    if (toLookAt == 0)
        m_warnings->addWidget(new FindingRow({ DataFinding::Level::Good, tr("Nothing stands in the way.").toStdString(), {} }, open));
    if (m_check)
        m_split->setCounts(m_check->train, m_check->validation, m_check->test);
    updateConsequences();
}

void TrainWizard::showSteps()
{
    using State = WizardSteps::State;
    const auto state = [this](int step, bool good) { return !good ? State::Problem : step < m_step ? State::Done : State::Ahead; };
    const bool dataIsGood = !m_check || m_check->canTrain;
    m_steps->setStep(0, m_check ? style::counted(m_check->train + m_check->validation, tr("picture"), tr("pictures")) : QString(), state(0, dataIsGood));
    m_steps->setStep(1, tr("Full, Lite0, %1").arg(lengthText()), state(1, true));
    m_steps->setStep(2, canStart() ? tr("ready") : tr("not ready yet"), state(2, dataIsGood));
}

QString TrainWizard::lengthText() const
{
    return m_lengthKind->current() == 0 ? qs(base::describeDuration(m_minutes->value() * 60.0))
                                        : style::counted(m_epochs->value(), tr("epoch"), tr("epochs"));
}

QString TrainWizard::epochsText(int epochs) const
{
    const QString text = style::counted(epochs, tr("epoch"), tr("epochs"));
    return m_lengthKind->current() == 0 ? tr("about %1").arg(text) : text;
}

bool TrainWizard::isDefault() const { return m_lengthKind->current() == 0 && m_minutes->value() == kDefaultMinutes && m_seed->value() == 0 && m_size->currentIndex() == 0 && !beginsWithVersion(); }

bool TrainWizard::canStart() const { return m_check && m_check->canTrain && m_whyBusy.isEmpty() && m_problem.isEmpty(); }

void TrainWizard::keyPressEvent(QKeyEvent* event)
{
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && event->modifiers() == Qt::ControlModifier && canStart())
        emit startRequested();
    else if (event->key() == Qt::Key_Escape)
        emit closeRequested();
    else
        QWidget::keyPressEvent(event);
}

}
