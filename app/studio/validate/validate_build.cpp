// ValidatePage: what stands on the page and what is connected to what.
#include "app/studio/frame/page_column.h"
#include "app/studio/validate/mistakes_gallery.h"
#include "app/studio/validate/threshold_panel.h"
#include "app/studio/validate/try_view.h"
#include "app/studio/validate/validate_page.h"
#include "widgets/plots/confusion_view.h"
#include "widgets/plots/curve_plot.h"
#include "widgets/style/widgets.h"

#include <QAction>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>

namespace percept::studio {

using style::Ink;
using style::PlainLabel;
using style::TextRole;

namespace {

constexpr int kIntervalDelayMs = 250;
constexpr int kBlank = 3; // of the stack: while it is not known what there is

}

ValidatePage::ValidatePage(StudioContext& context, QWidget* parent)
    : Page(context, parent)
{
    auto* layout = setUpPageColumn(*this, QStringLiteral("validatePage"));
    setUpBar();
    setUpStack();
    layout->addWidget(m_stack, 1);
    setUpCommands();
    m_intervalTimer = new QTimer(this);
    m_intervalTimer->setSingleShot(true);
    m_intervalTimer->setInterval(kIntervalDelayMs);
    connect(m_intervalTimer, &QTimer::timeout, this, &ValidatePage::refreshIntervals);
    connectContext();
    updateActions();
    refreshRuns();
}

void ValidatePage::setUpStack()
{
    m_stack = new QStackedWidget;
    m_empty = new style::EmptyState("validate", {});
    m_emptyAction = m_empty->addPrimary(tr("Train a model"));
    connect(m_emptyAction, &QPushButton::clicked, this, [this] {
        if (currentRun().isEmpty())
            context().showPage(QStringLiteral("train"));
        else
            scoreNow();
    });
    m_stack->addWidget(m_empty);
    auto* results = new QWidget;
    auto* column = new QVBoxLayout(results);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    setUpScores(column);
    column->addWidget(style::makeLine(Qt::Horizontal));
    column->addWidget(setUpMistakes(), 4);
    m_stack->addWidget(results);
    m_try = new TryView;
    connect(m_try, &TryView::chooseRequested, this, &ValidatePage::chooseFiles);
    m_stack->addWidget(m_try);
    m_stack->addWidget(new QWidget);
    m_stack->setCurrentIndex(kBlank);
}

void ValidatePage::connectContext()
{
    connect(&context(), &StudioContext::runsChanged, this, &ValidatePage::refreshRuns);
    connect(&context(), &StudioContext::scoringChanged, this, [this] {
        if (!context().session())
            return;
        if (!m_isScored || context().scoringRuns().isEmpty())
            load();
        else
            updateActions();
    });
    connect(&context(), &StudioContext::packagingChanged, this, &ValidatePage::updateActions);
    connect(&context(), &StudioContext::projectOpened, this, &ValidatePage::refreshRuns);
    connect(&context(), &StudioContext::projectAboutToClose, this, &ValidatePage::closeProject);
}

// Where there is no room for all, AP stands in the tooltip.
bool ValidatePage::eventFilter(QObject* watched, QEvent* event)
{
    constexpr int kRoomForAp = 470;
    if (watched == m_table && event->type() == QEvent::Resize)
        m_table->setColumnHidden(ClassTableModel::Ap, m_table->width() < kRoomForAp);
    return Page::eventFilter(watched, event);
}

void ValidatePage::closeProject()
{
    ++m_loads; // what is still being read belongs to this project
    ++m_listings;
    m_isListed = m_isScored = false;
    const QSignalBlocker blocker(m_runBox);
    m_runBox->clear(); // the next project has runs of the same names
    m_stack->setCurrentIndex(kBlank);
    m_scored.reset();
    m_isChecked = false;
    m_mistakes.setScored(nullptr, {});
    m_classTable.setScored(nullptr, {});
    m_thresholds->setScored(nullptr, false);
    m_try->setModel({});
    m_tryButton->setChecked(false);
}

void ValidatePage::setUpBar()
{
    auto* bar = new PageBar(title());
    m_runBox = new QComboBox;
    m_runBox->setObjectName(QStringLiteral("validateRunBox"));
    m_runBox->setAccessibleName(tr("Model"));
    m_runBox->setMinimumWidth(190);
    bar->addLeft(m_runBox);
    m_setChoice = new style::SegmentedControl({ tr("Validation"), tr("Test") });
    bar->addLeft(m_setChoice);
    m_setHint = new PlainLabel({}, TextRole::Table, Ink::Text3);
    m_setHint->setElideMode(Qt::ElideRight);
    bar->addLeft(m_setHint);
    m_tryButton = style::makeButton(tr("Try it"), style::ButtonKind::Quiet, "camera");
    m_tryButton->setCheckable(true);
    m_packageButton = style::makeButton(tr("Package…"), style::ButtonKind::Default, "pack");
    m_packageButton->setObjectName(QStringLiteral("packageModel"));
    m_saveButton = style::makeButton(tr("Use these thresholds"), style::ButtonKind::Primary);
    m_saveButton->setObjectName(QStringLiteral("useThresholds"));
    for (QWidget* widget : { static_cast<QWidget*>(m_tryButton), static_cast<QWidget*>(m_packageButton), static_cast<QWidget*>(m_saveButton) })
        bar->addRight(widget);
    layout()->addWidget(bar);
    connect(m_runBox, &QComboBox::currentIndexChanged, this, &ValidatePage::load);
    connect(m_setChoice, &style::SegmentedControl::currentChanged, this, &ValidatePage::load);
    connect(m_tryButton, &QPushButton::toggled, this, [this](bool on) { m_stack->setCurrentIndex(on ? 2 : (m_scored ? 1 : 0)); });
    connect(m_packageButton, &QPushButton::clicked, this, &ValidatePage::packageModel);
    connect(m_saveButton, &QPushButton::clicked, this, &ValidatePage::saveThresholds);
}

void ValidatePage::setUpScores(QVBoxLayout* layout)
{
    auto* row = new QHBoxLayout;
    row->setSpacing(0);
    row->addWidget(setUpCurves(), 10);
    row->addWidget(style::makeLine(Qt::Vertical));
    m_thresholds = new ThresholdPanel;
    row->addWidget(m_thresholds, 10);
    row->addWidget(style::makeLine(Qt::Vertical));
    row->addWidget(setUpMatrix(), 9);
    layout->addLayout(row, 5);
    connect(m_thresholds, &ThresholdPanel::thresholdsChanged, this, &ValidatePage::applyThresholds);
    connect(m_thresholds, &ThresholdPanel::missCostChanged, this, [this](double cost) {
        if (!m_scored)
            return;
        priceMistakes(*m_scored, cost);
        const std::vector<double> kept = m_thresholds->thresholds();
        const std::vector<double> stored = m_scored->thresholds;
        m_scored->thresholds = kept;
        m_thresholds->setScored(m_scored.get(), currentSet() == domain::SplitSet::Validation);
        m_scored->thresholds = stored;
        applyThresholds();
    });
}

QWidget* ValidatePage::setUpCurves()
{
    auto* panel = new QWidget;
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(16, 10, 8, 10);
    layout->setSpacing(6);
    auto* figures = new QHBoxLayout;
    figures->setSpacing(8);
    for (std::size_t i = 0; i < kFigures.size(); ++i) {
        auto* column = new QVBoxLayout;
        column->setSpacing(0);
        column->addWidget(new PlainLabel(tr(kFigures[i].name), TextRole::Caption, Ink::Text2));
        m_figures[i] = { new PlainLabel({}, TextRole::Tile), new PlainLabel({}, TextRole::Caption, Ink::Text2) };
        m_figures[i].value->setObjectName(QString::fromLatin1(kFigures[i].metric));
        column->addWidget(m_figures[i].value);
        column->addWidget(m_figures[i].interval);
        figures->addLayout(column, 1);
    }
    layout->addLayout(figures);
    auto* row = new QHBoxLayout;
    m_viewChoice = new style::SegmentedControl({ tr("Curves"), tr("Per class") });
    row->addWidget(m_viewChoice);
    row->addStretch();
    layout->addLayout(row);
    m_curvesOrTable = new QStackedWidget;
    m_curvePlot = new plots::CurvePlot;
    m_curvePlot->setTitle(tr("Precision over recall, IoU 0.5"), tr("dot: at the threshold · band: 95 %"));
    m_curvePlot->setXLabel(tr("recall"));
    m_curvePlot->setXRange(0, 1);
    m_curvePlot->setYRange(0, 1.02);
    m_curvesOrTable->addWidget(m_curvePlot);
    m_table = new QTableView;
    m_table->setModel(&m_classTable);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(style::height::kTableRow);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setSectionResizeMode(ClassTableModel::Name, QHeaderView::Stretch);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setTextElideMode(Qt::ElideRight);
    m_table->setObjectName(QStringLiteral("classTable"));
    m_table->installEventFilter(this);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setAccessibleName(tr("Scores per class"));
    m_curvesOrTable->addWidget(m_table);
    layout->addWidget(m_curvesOrTable, 1);
    connect(m_viewChoice, &style::SegmentedControl::currentChanged, m_curvesOrTable, &QStackedWidget::setCurrentIndex);
    return panel;
}

QWidget* ValidatePage::setUpMatrix()
{
    auto* panel = new QWidget;
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(16, 10, 16, 10);
    layout->setSpacing(6);
    auto* row = new QHBoxLayout;
    row->setSpacing(6);
    row->addWidget(new PlainLabel(tr("Confusion"), TextRole::Section));
    auto* help = new PlainLabel(tr("rows true, columns predicted"), TextRole::Table, Ink::Text3);
    help->setElideMode(Qt::ElideRight);
    row->addWidget(help, 1);
    m_matrixChoice = new style::SegmentedControl({ tr("Count"), QStringLiteral("%") });
    row->addWidget(m_matrixChoice);
    layout->addLayout(row);
    m_matrix = new plots::ConfusionView;
    m_matrix->setObjectName(QStringLiteral("confusion"));
    layout->addWidget(m_matrix, 1);
    connect(m_matrixChoice, &style::SegmentedControl::currentChanged, this, [this](int index) { m_matrix->setShares(index == 1); });
    connect(m_matrix, &plots::ConfusionView::cellChosen, this, &ValidatePage::chooseCell);
    return panel;
}

QWidget* ValidatePage::setUpMistakes()
{
    auto* panel = new QWidget;
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(16, 8, 16, 8);
    layout->setSpacing(6);
    auto* row = new QHBoxLayout;
    row->setSpacing(12);
    row->addWidget(new PlainLabel(tr("Mistakes"), TextRole::Section));
    m_kindChoice = new style::SegmentedControl({ tr("All"), tr("Missed"), tr("False alarms"), tr("Wrong class"), tr("Badly placed") });
    row->addWidget(m_kindChoice);
    m_cellChip = new style::Chip({}, style::Tone::Accent);
    m_cellChip->setRemovable(true);
    m_cellChip->hide();
    row->addWidget(m_cellChip);
    row->addStretch();
    m_galleryHint = new PlainLabel({}, TextRole::Table, Ink::Text2);
    m_galleryHint->setObjectName(QStringLiteral("galleryHint"));
    m_galleryHint->setElideMode(Qt::ElideRight);
    row->addWidget(m_galleryHint);
    layout->addLayout(row);
    m_gallery = new MistakesGallery(m_mistakes);
    m_gallery->setObjectName(QStringLiteral("mistakes"));
    m_gallery->setAccessibleName(tr("Mistakes"));
    layout->addWidget(m_gallery, 1);
    connect(m_gallery, &QListView::activated, this, &ValidatePage::openMistake);
    connect(m_gallery, &MistakesGallery::allRequested, this, &ValidatePage::clearGalleryFilters);
    connect(&m_mistakes, &MistakesModel::shownChanged, this, &ValidatePage::showGalleryState);
    connect(m_kindChoice, &style::SegmentedControl::currentChanged, this, [this](int index) { m_mistakes.setKind(static_cast<MistakesModel::Kind>(index)); });
    connect(m_cellChip, &style::Chip::removed, this, [this] {
        m_matrix->setChosen(-1, -1);
        chooseCell(-1, -1);
    });
    return panel;
}

void ValidatePage::setUpCommands()
{
    const auto add = [this](const QString& text, auto slot) {
        auto* action = new QAction(text, this);
        connect(action, &QAction::triggered, this, slot);
        m_commands.append(action);
        return action;
    };
    m_packageCommand = add(tr("Package this model…"), &ValidatePage::packageModel);
    m_saveCommand = add(tr("Use these thresholds"), &ValidatePage::saveThresholds);
    m_scoreCommand = add(tr("Score this set again"), &ValidatePage::scoreNow);
    m_tryCommand = add(tr("Try the model on pictures…"), &ValidatePage::chooseFiles);
}

}
