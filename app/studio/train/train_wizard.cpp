#include "app/studio/train/train_wizard.h"

#include "app/studio/background.h"
#include "app/studio/train/wizard_parts.h"
#include "core/base/time.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLocale>
#include <QPushButton>
#include <QShortcut>
#include <QSpinBox>
#include <QStackedWidget>
#include <QThread>
#include <QTimer>
#include <QVBoxLayout>
#include <cmath>
#include <algorithm>

namespace percept::studio {

using style::Ink;
using style::PlainLabel;
using style::TextRole;

namespace {

constexpr int kStepsWidth = 200, kConsequencesWidth = 280;
constexpr int kDefaultMinutes = 15, kDefaultEpochs = 24;
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

void TrainWizard::setUpSteps(QHBoxLayout* layout)
{
    m_steps = new WizardSteps({ tr("Data"), tr("Recipe"), tr("Check and start") });
    m_steps->setObjectName(QStringLiteral("wizardSteps"));
    m_steps->setFixedWidth(kStepsWidth);
    m_steps->setAccessibleName(tr("Steps"));
    connect(m_steps, &QListWidget::currentRowChanged, this, &TrainWizard::goTo);
    layout->addWidget(m_steps);
    layout->addWidget(style::makeLine(Qt::Vertical));
}

QVBoxLayout* TrainWizard::addStepPage(const QString& title)
{
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(24, 20, 24, 16);
    layout->setSpacing(12);
    layout->addWidget(new PlainLabel(title, TextRole::PageTitle));
    m_pages->addWidget(scrolled(page));
    return layout;
}

namespace {

PlainLabel* addHint(QVBoxLayout* layout, const QString& text)
{
    auto* hint = new PlainLabel(text, TextRole::Table, Ink::Text3);
    hint->setWordWrap(true);
    layout->addWidget(hint);
    return hint;
}

void addSection(QVBoxLayout* layout, const QString& title)
{
    layout->addSpacing(8);
    layout->addWidget(new PlainLabel(title, TextRole::Section));
}

}

void TrainWizard::setUpData()
{
    QVBoxLayout* layout = addStepPage(tr("What it learns from"));
    m_split = new SplitBar;
    layout->addWidget(m_split);
    addHint(layout, tr("The split is given once and stays: numbers of different runs can be compared. Training never reads the test set."));
    addSection(layout, tr("What is right and what is wrong with it"));
    m_findings = new QVBoxLayout;
    m_findings->setSpacing(2);
    layout->addLayout(m_findings);
    layout->addStretch();
}

void TrainWizard::setUpRecipe()
{
    QVBoxLayout* layout = addStepPage(tr("How it learns"));
    m_recipe = new RecipeCard(tr("Full"), tr("Everything but the first layers learns, with augmentation: flips, size, place, light and colour. The averaged "
                                             "weights at the end are kept, or earlier ones that did clearly better on validation."));
    layout->addWidget(m_recipe);
    auto* facts = new QVBoxLayout;
    facts->setSpacing(6);
    addFact(facts, tr("Network"), tr("EfficientNet-Lite0, feature pyramid, 3.2 M weights"));
    layout->addLayout(facts);
    layout->addLayout(makeSizeRow());
    m_sizeHint = addHint(layout, {});
    m_sizeHint->setObjectName(QStringLiteral("trainSizeHint"));
    m_startRow = makeStartRow();
    layout->addWidget(m_startRow);
    addSection(layout, tr("How long"));
    layout->addLayout(makeLengthRow());
    addSection(layout, tr("Seed"));
    m_seed = new QSpinBox;
    m_seed->setObjectName(QStringLiteral("trainSeed"));
    m_seed->setAccessibleName(tr("Seed"));
    m_seed->setRange(0, 1'000'000);
    m_seed->setFixedWidth(120);
    layout->addWidget(m_seed);
    m_seedHint = addHint(layout, {});
    layout->addStretch();
    connect(m_seed, &QSpinBox::valueChanged, this, [this] { updateConsequences(); });
}

// How large the network sees the pictures: by how small the objects are, or as somebody says.
QHBoxLayout* TrainWizard::makeSizeRow()
{
    auto* row = new QHBoxLayout;
    row->addWidget(new PlainLabel(tr("Picture size"), TextRole::Table, Ink::Text2));
    row->addStretch();
    m_size = new QComboBox;
    m_size->setObjectName(QStringLiteral("trainSize"));
    m_size->setAccessibleName(tr("Picture size"));
    m_size->addItem(tr("By the objects"), 0);
    for (const int side : { 320, 416, 512, 640, 832, 1024 })
        m_size->addItem(tr("%1 pixels, long side").arg(side), side);
    row->addWidget(m_size);
    connect(m_size, &QComboBox::currentIndexChanged, this, [this] { updateConsequences(); });
    return row;
}

int TrainWizard::longSide() const
{
    const int chosen = m_size->currentData().toInt();
    return chosen > 0 ? chosen : m_check ? m_check->size.longSide : services::PictureSize().longSide;
}

// What the network knows when it begins.
QWidget* TrainWizard::makeStartRow()
{
    auto* row = new QWidget;
    auto* column = new QVBoxLayout(row);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    addSection(column, tr("Begins with"));
    m_startFrom = new style::SegmentedControl({ tr("Everyday pictures"), tr("Version") });
    m_startFrom->setObjectName(QStringLiteral("trainStart"));
    m_startFrom->setAccessibleName(tr("Begins with"));
    auto* choices = new QHBoxLayout;
    choices->addWidget(m_startFrom);
    choices->addStretch();
    column->addLayout(choices);
    addHint(column, tr("From a version it goes on with what that has learned: right for new pictures of the same things. From everyday pictures it begins anew."));
    row->hide();
    connect(m_startFrom, &style::SegmentedControl::currentChanged, this, [this] { updateConsequences(); });
    return row;
}

void TrainWizard::offerStart(const std::string& run, const std::string& version, int longSide)
{
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

QHBoxLayout* TrainWizard::makeLengthRow()
{
    m_lengthKind = new style::SegmentedControl({ tr("By time"), tr("By epochs") });
    m_lengthKind->setObjectName(QStringLiteral("trainLengthKind"));
    m_minutes = new QSpinBox;
    m_minutes->setRange(1, 24 * 60);
    m_minutes->setValue(kDefaultMinutes);
    m_minutes->setSuffix(tr(" min"));
    m_minutes->setObjectName(QStringLiteral("trainMinutes"));
    m_epochs = new QSpinBox;
    m_epochs->setRange(1, 10'000);
    m_epochs->setValue(kDefaultEpochs);
    m_epochs->setSuffix(tr(" epochs"));
    m_epochs->setObjectName(QStringLiteral("trainEpochs"));
    m_epochs->hide();
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    for (QWidget* widget : { static_cast<QWidget*>(m_lengthKind), static_cast<QWidget*>(m_minutes), static_cast<QWidget*>(m_epochs) })
        row->addWidget(widget);
    row->addStretch();
    const auto changed = [this] {
        m_minutes->setVisible(m_lengthKind->current() == 0);
        m_epochs->setVisible(m_lengthKind->current() == 1);
        updateConsequences();
    };
    connect(m_lengthKind, &style::SegmentedControl::currentChanged, this, changed);
    connect(m_minutes, &QSpinBox::valueChanged, this, changed);
    connect(m_epochs, &QSpinBox::valueChanged, this, changed);
    return row;
}

void TrainWizard::setUpCheck()
{
    QVBoxLayout* layout = addStepPage(tr("Before you start"));
    m_summary = new QVBoxLayout;
    m_summary->setSpacing(6);
    layout->addLayout(m_summary);
    layout->addWidget(style::makeLine(Qt::Horizontal));
    addHint(layout, tr("The data is frozen as a version first, so you can go on labeling while it trains. \"Stop and keep\" ends it early without loss; "
                       "a crash or a power cut costs a minute or two, then Resume goes on."));
    layout->addStretch();
}

void TrainWizard::setUpConsequences(QHBoxLayout* layout)
{
    layout->addWidget(style::makeLine(Qt::Vertical));
    auto* panel = new QWidget;
    panel->setFixedWidth(kConsequencesWidth);
    auto* column = new QVBoxLayout(panel);
    column->setContentsMargins(16, 20, 16, 16);
    column->setSpacing(4);
    column->addWidget(new PlainLabel(tr("What will happen"), TextRole::Section));
    m_figure = new PlainLabel({}, TextRole::Figure);
    column->addWidget(m_figure);
    m_figureSource = new PlainLabel({}, TextRole::Table, Ink::Text2);
    m_figureSource->setWordWrap(true);
    column->addWidget(m_figureSource);
    column->addSpacing(8);
    m_estimate = new EstimateBar;
    column->addWidget(m_estimate);
    column->addSpacing(8);
    column->addWidget(style::makeLine(Qt::Horizontal));
    column->addSpacing(8);
    m_facts = new QVBoxLayout;
    m_facts->setSpacing(6);
    column->addLayout(m_facts);
    column->addSpacing(12);
    column->addWidget(style::makeLine(Qt::Horizontal));
    column->addSpacing(8);
    column->addWidget(new PlainLabel(tr("Before you start"), TextRole::Section));
    m_warnings = new QVBoxLayout;
    m_warnings->setSpacing(2);
    column->addLayout(m_warnings);
    column->addStretch();
    layout->addWidget(panel);
}

void TrainWizard::setUpFooter(QVBoxLayout* layout)
{
    layout->addWidget(style::makeLine(Qt::Horizontal));
    auto* footer = new QHBoxLayout;
    footer->setContentsMargins(24, 12, 16, 12);
    footer->setSpacing(8);
    m_back = style::makeButton(tr("Back"), style::ButtonKind::Quiet, nullptr, style::ControlSize::Large);
    m_next = style::makeButton(tr("Next"), style::ButtonKind::Default, nullptr, style::ControlSize::Large);
    m_start = style::makeButton(tr("Start training"), style::ButtonKind::Primary, nullptr, style::ControlSize::Large);
    m_start->setObjectName(QStringLiteral("startTraining"));
    style::setTip(m_start, tr("Start training"), QStringLiteral("Ctrl+Return"));
    footer->addWidget(m_back);
    footer->addStretch();
    m_defaults = new PlainLabel(tr("Defaults are good"), TextRole::Table, Ink::Text3);
    footer->addWidget(m_defaults);
    footer->addWidget(m_next);
    footer->addWidget(m_start);
    layout->addLayout(footer);
    connect(m_back, &QPushButton::clicked, this, [this] { goTo(m_step - 1); });
    connect(m_next, &QPushButton::clicked, this, [this] { goTo(m_step + 1); });
    connect(m_start, &QPushButton::clicked, this, &TrainWizard::startRequested);
}

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
