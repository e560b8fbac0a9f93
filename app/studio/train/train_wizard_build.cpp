// TrainWizard: what stands on its steps and beside them.
#include "app/studio/train/train_wizard.h"
#include "app/studio/train/wizard_parts.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QPushButton>
#include <QSpinBox>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace percept::studio {

using style::Ink;
using style::PlainLabel;
using style::TextRole;

namespace {

constexpr int kStepsWidth = 200, kConsequencesWidth = 280; // px

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

}
