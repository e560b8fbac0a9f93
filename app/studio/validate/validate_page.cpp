#include "app/studio/validate/validate_page.h"

#include "app/studio/background.h"
#include "app/studio/validate/threshold_panel.h"
#include "app/studio/validate/try_view.h"
#include "core/runs/run_store.h"
#include "core/services/loop.h"
#include "widgets/plots/confusion_view.h"
#include "widgets/plots/curve_plot.h"
#include "widgets/style/widgets.h"

#include <QAction>
#include <QComboBox>
#include <QElapsedTimer>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QListView>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>
#include <cmath>

namespace percept::studio {

using style::Ink;
using style::PlainLabel;
using style::TextRole;

namespace {

constexpr int kIntervalDelayMs = 250, kIntervalDraws = 400;

struct Figure {
    const char *metric, *name;
};
constexpr std::array<Figure, 3> kFigures { { { "map", "AP" }, { "map50", "AP50" }, { "map75", "AP75" } } };

QString qs(const std::string& text) { return QString::fromStdString(text); }

// Value and interval of a metric of the evaluation's document; empty where it has none.
std::pair<QString, QString> figureOf(const nlohmann::json& document, const char* metric)
{
    if (!document.contains("metrics") || !document["metrics"].contains(metric))
        return {};
    const auto& m = document["metrics"][metric];
    return { scoreText(numberOr(m, "value", -1)), QStringLiteral("%1–%2").arg(scoreText(numberOr(m, "low", -1)), scoreText(numberOr(m, "high", -1))) };
}

}

ValidatePage::ValidatePage(StudioContext& context, QWidget* parent)
    : Page(context, parent)
{
    setObjectName(QStringLiteral("validatePage"));
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base); // the panel colour
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    setUpBar();
    m_stack = new QStackedWidget;
    m_empty = new style::EmptyState("validate", {});
    m_emptyAction = m_empty->addPrimary(tr("Train a model"));
    connect(m_emptyAction, &QPushButton::clicked, this, [this] {
        if (currentRun().isEmpty())
            this->context().showPage(QStringLiteral("train"));
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
    layout->addWidget(m_stack, 1);
    setUpCommands();
    m_intervalTimer = new QTimer(this);
    m_intervalTimer->setSingleShot(true);
    m_intervalTimer->setInterval(kIntervalDelayMs);
    connect(m_intervalTimer, &QTimer::timeout, this, &ValidatePage::refreshIntervals);
    connect(&context, &StudioContext::runsChanged, this, &ValidatePage::refreshRuns);
    connect(&context, &StudioContext::projectOpened, this, &ValidatePage::refreshRuns);
    connect(&context, &StudioContext::projectAboutToClose, this, [this] {
        m_scored.reset();
        m_mistakes.setScored(nullptr, {});
        m_classTable.setScored(nullptr, {});
        m_thresholds->setScored(nullptr, false);
    });
    if (context.session())
        refreshRuns();
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
    m_curvePlot->setTitle(tr("Precision over recall, IoU 0.5"), tr("dot: at the threshold"));
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
    connect(m_matrix, &plots::ConfusionView::cellChosen, this, [this](int r, int c) {
        m_mistakes.setCell(r, c);
        m_cellChip->setVisible(r >= 0);
        if (r >= 0 && m_scored) {
            const auto name = [&](int label) { return label < static_cast<int>(m_scored->labels.size()) ? qs(m_scored->labels[static_cast<std::size_t>(label)]) : tr("background"); };
            m_cellChip->setText(tr("%1 → %2").arg(name(r), c == static_cast<int>(m_scored->labels.size()) ? tr("missed") : name(c)));
        }
    });
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
    row->addWidget(m_galleryHint);
    layout->addLayout(row);
    m_gallery = new QListView;
    m_gallery->setObjectName(QStringLiteral("mistakes"));
    m_gallery->setAccessibleName(tr("Mistakes"));
    m_gallery->setViewMode(QListView::IconMode);
    m_gallery->setResizeMode(QListView::Adjust);
    m_gallery->setMovement(QListView::Static);
    m_gallery->setUniformItemSizes(true);
    m_gallery->setLayoutMode(QListView::Batched);
    m_gallery->setFrameShape(QFrame::NoFrame);
    m_gallery->setModel(&m_mistakes);
    m_gallery->setItemDelegate(&m_mistakeDelegate);
    m_gallery->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    layout->addWidget(m_gallery, 1);
    connect(m_gallery, &QListView::activated, this, &ValidatePage::openMistake);
    connect(m_kindChoice, &style::SegmentedControl::currentChanged, this, [this](int index) { m_mistakes.setKind(static_cast<MistakesModel::Kind>(index)); });
    connect(m_cellChip, &style::Chip::removed, this, [this] {
        m_matrix->setChosen(-1, -1);
        m_mistakes.setCell(-1, -1);
        m_cellChip->hide();
    });
    return panel;
}

void ValidatePage::setUpCommands()
{
    const auto add = [this](const QString& text, auto slot) {
        auto* action = new QAction(text, this);
        connect(action, &QAction::triggered, this, slot);
        m_commands.append(action);
    };
    add(tr("Package this model…"), &ValidatePage::packageModel);
    add(tr("Use these thresholds"), &ValidatePage::saveThresholds);
    add(tr("Score this set again"), &ValidatePage::scoreNow);
    add(tr("Try the model on pictures…"), &ValidatePage::chooseFiles);
}

QList<KeyHelp> ValidatePage::keys() const
{
    return { { QStringLiteral("Enter"), tr("open the mistake on the canvas") }, { QStringLiteral("arrows"), tr("walk mistakes, cells, the threshold") } };
}

QVector<QColor> ValidatePage::brightColors() const
{
    QVector<QColor> colors;
    for (std::size_t i = 0; m_scored && i < m_scored->labelIds.size(); ++i)
        colors.append(context().label(m_scored->labelIds[i]) ? context().labelColor(m_scored->labelIds[i]) : style::classBright(static_cast<int>(i)));
    return colors;
}

QVector<QColor> ValidatePage::chartColors() const
{
    if (style::tokens().dark)
        return brightColors();
    QVector<QColor> colors;
    for (std::size_t i = 0; m_scored && i < m_scored->labels.size(); ++i)
        colors.append(style::classInk(static_cast<int>(i)));
    return colors;
}

QString ValidatePage::currentRun() const { return m_runBox->currentData().toString(); }

domain::SplitSet ValidatePage::currentSet() const { return m_setChoice->current() == 0 ? domain::SplitSet::Validation : domain::SplitSet::Test; }

void ValidatePage::refreshRuns()
{
    if (!context().session())
        return;
    const QString before = currentRun();
    QHash<QString, QString> versionOf;
    if (const auto versions = context().session()->reader().readModelVersions(); versions.hasValue())
        for (const auto& version : versions.value())
            versionOf[qs(version.run)] = qs(version.version);
    {
        const QSignalBlocker blocker(m_runBox);
        m_runBox->clear();
        for (const auto& run : runs::readAllRuns(context().session()->folder())) {
            if (!run.hasModel)
                continue;
            const QString id = qs(run.id);
            const QString number = tr("run %1").arg(id.mid(1).toInt());
            m_runBox->addItem(versionOf.contains(id) ? tr("Model %1, %2").arg(versionOf[id], number) : tr("Draft of %1").arg(number), id);
        }
        const int at = m_runBox->findData(before);
        m_runBox->setCurrentIndex(at >= 0 ? at : (m_runBox->count() > 0 ? 0 : -1));
    }
    if (currentRun() != before || !m_scored)
        load();
}

void ValidatePage::showRun(const QString& run)
{
    refreshRuns();
    if (const int at = m_runBox->findData(run); at >= 0)
        m_runBox->setCurrentIndex(at);
}

void ValidatePage::activated()
{
    refreshRuns();
    m_gallery->setFocus();
}

void ValidatePage::load()
{
    const bool any = !currentRun().isEmpty();
    for (QWidget* widget : { static_cast<QWidget*>(m_runBox), static_cast<QWidget*>(m_setChoice), static_cast<QWidget*>(m_tryButton), static_cast<QWidget*>(m_packageButton), static_cast<QWidget*>(m_saveButton) })
        widget->setVisible(any);
    m_setHint->setText(!any ? QString() : currentSet() == domain::SplitSet::Validation ? tr("Thresholds are chosen here, reported on test") : tr("Locked: no thresholds are chosen here"));
    if (!any || !context().session()) {
        m_scored.reset();
        m_empty->setSentence(tr("No model yet. Train one, then see here how good it is and where it fails."));
        m_emptyAction->setText(tr("Train a model"));
        m_stack->setCurrentIndex(0);
        return;
    }
    const int number = ++m_loads;
    runInBackground(
        this,
        [project = context().session()->folder(), run = currentRun().toStdString(), set = currentSet(), cost = m_thresholds->missCost()] {
            return readScoredRun(project, run, set, cost);
        },
        [this, number](base::Result<ScoredRun> scored) {
            if (number == m_loads) // a newer choice has been made meanwhile
                take(std::move(scored));
        });
}

void ValidatePage::take(base::Result<ScoredRun> scored)
{
    if (scored.hasError()) {
        m_scored.reset();
        const bool missing = scored.error().code == base::ErrorCode::NotFound;
        m_empty->setSentence(missing ? tr("This model was not scored on the %1 set yet.").arg(currentSet() == domain::SplitSet::Test ? tr("test") : tr("validation")) : qs(scored.error().message));
        m_emptyAction->setText(tr("Score it now"));
        if (!m_tryButton->isChecked())
            m_stack->setCurrentIndex(0);
        return;
    }
    m_scored = std::make_shared<ScoredRun>(std::move(scored).value());
    showScored();
    if (!m_tryButton->isChecked())
        m_stack->setCurrentIndex(1);
}

void ValidatePage::scoreNow()
{
    if (currentRun().isEmpty() || !context().session())
        return;
    using Document = nlohmann::json;
    context().jobs().start<Document>(
        { tr("Scoring"), QStringLiteral("validate"), {} }, this,
        [project = context().session()->folder(), run = currentRun().toStdString(), set = currentSet()](const base::ProgressFn& progress, const base::CancelToken& cancel) {
            return services::evaluateRun(project, run, set, progress, cancel);
        },
        [this](base::Result<Document> done) {
            if (done.hasError() && done.error().code != base::ErrorCode::Cancelled)
                context().reportError(tr("The model could not be scored"), done.error());
            load();
        });
    m_empty->setSentence(tr("Scoring: the model answers every picture of the set."));
}

void ValidatePage::showScored()
{
    const bool adjustable = currentSet() == domain::SplitSet::Validation;
    m_classTable.setScored(m_scored.get(), brightColors());
    m_mistakes.setScored(m_scored, brightColors());
    auto* session = context().session();
    m_mistakes.setPathOf([session](std::int64_t item) {
        const auto found = session->reader().readItem({ item });
        return found.hasValue() && found.value() ? session->reader().mediaPath(*found.value()) : std::filesystem::path();
    });
    m_thresholds->setScored(m_scored.get(), adjustable);
    m_saveButton->setVisible(adjustable);
    QStringList labels;
    for (const auto& label : m_scored->labels)
        labels << qs(label);
    m_try->setModel(runs::runFolder(session->folder(), m_scored->run) / "model", labels, brightColors());
    showFigures();
    applyThresholds();
}

void ValidatePage::showFigures()
{
    for (std::size_t i = 0; i < kFigures.size(); ++i) {
        const auto [value, interval] = figureOf(m_scored->document, kFigures[i].metric);
        m_figures[i].value->setText(value);
        m_figures[i].interval->setText(interval);
    }
    const auto& images = m_scored->table->images();
    std::int64_t objects = 0;
    for (const auto& image : images)
        objects += static_cast<std::int64_t>(image.truths.size());
    setStatus({ style::counted(static_cast<qint64>(images.size()), tr("picture"), tr("pictures")), style::counted(objects, tr("object"), tr("objects")), tr("IoU ≥ 0.50") },
        { tr("Intervals: 95 %, bootstrap over groups, %1 draws").arg(style::count(static_cast<qint64>(numberOr(m_scored->document, "draws", 0)))) });
}

void ValidatePage::drawCurves()
{
    const QVector<QColor> colors = chartColors();
    QVector<plots::Curve> curves;
    for (std::size_t i = 0; i < m_scored->labels.size(); ++i) {
        plots::Curve curve;
        curve.name = qs(m_scored->labels[i]);
        curve.color = [color = colors.value(static_cast<int>(i))] { return color; };
        const double threshold = m_thresholds->thresholds()[i];
        for (const auto& point : m_scored->curves[i]) {
            curve.points.append({ point.recall, point.precision });
            if (point.score >= threshold)
                curve.marker = curve.points.last();
        }
        curves.append(std::move(curve));
    }
    m_curvePlot->setCurves(curves);
}

void ValidatePage::applyThresholds()
{
    if (!m_scored)
        return;
    m_point = m_scored->table->at(m_thresholds->thresholds());
    m_thresholds->setPoint(m_point, m_scored->table->images().size(), nullptr);
    m_classTable.setPoint(m_point, m_thresholds->thresholds());
    m_mistakes.setPoint(m_point);
    QVector<QVector<qint64>> counts;
    for (const auto& row : m_point.confusion)
        counts.append(QVector<qint64>(row.begin(), row.end()));
    QStringList labels;
    for (const auto& label : m_scored->labels)
        labels << qs(label);
    m_matrix->setMatrix(counts, labels, brightColors());
    drawCurves();
    m_galleryHint->setText(tr("%1 mistakes · solid: label, dashed: prediction · Enter opens").arg(style::count(m_mistakes.countOf(MistakesModel::Kind::All))));
    const bool changed = m_thresholds->thresholds() != m_scored->thresholds;
    m_saveButton->setEnabled(changed);
    style::setTip(m_saveButton, changed ? tr("The model will answer at these thresholds") : tr("These are the model's thresholds already"));
    m_intervalTimer->start();
}

void ValidatePage::refreshIntervals()
{
    if (!m_scored)
        return;
    runInBackground(
        this, [table = m_scored->table, thresholds = m_thresholds->thresholds()] { return std::pair(thresholds, evaluation::shareIntervals(*table, thresholds, kIntervalDraws, 0)); },
        [this](const std::pair<std::vector<double>, evaluation::ShareIntervals>& result) {
            if (m_scored && result.first == m_thresholds->thresholds())
                m_thresholds->setPoint(m_point, m_scored->table->images().size(), &result.second);
        });
}

void ValidatePage::saveThresholds()
{
    if (!m_scored || currentSet() != domain::SplitSet::Validation)
        return;
    const std::vector<double> thresholds = m_thresholds->thresholds(), before = m_scored->thresholds;
    const auto project = context().session()->folder();
    runInBackground(
        this, [project, run = m_scored->run, thresholds] { return services::writeThresholds(project, run, thresholds); },
        [this, thresholds, before, project, run = m_scored->run](const base::Result<void>& done) {
            if (done.hasError())
                return context().reportError(tr("The thresholds could not be stored"), done.error());
            load();
            context().showToast(tr("Thresholds stored with the model"), tr("Undo"), [this, before, project, run] {
                if (const auto undone = services::writeThresholds(project, run, before); undone.hasError())
                    context().reportError(tr("The thresholds could not be stored"), undone.error());
                load();
            });
        });
}

void ValidatePage::packageModel()
{
    if (currentRun().isEmpty() || !context().session())
        return;
    const std::string run = currentRun().toStdString();
    auto* session = context().session();
    const std::filesystem::path out = session->folder() / "packages" / (session->folder().stem().string() + "-" + run + ".ppkg");
    context().jobs().start<services::PackageReport>(
        { tr("Packaging"), QStringLiteral("validate"), {} }, this,
        [session, run, out](const base::ProgressFn& progress, const base::CancelToken& cancel) { return services::packageRun(*session, run, out, progress, cancel); },
        [this](base::Result<services::PackageReport> done) {
            if (done.hasError()) {
                if (done.error().code != base::ErrorCode::Cancelled)
                    context().reportError(tr("The model was not packaged"), done.error());
                return;
            }
            Q_EMIT context().runsChanged();
            context().showToast(tr("Model %1 is packaged: %2").arg(qs(done->version), toQString(done->file)), tr("Report"), [this] { context().showPage(QStringLiteral("report")); });
            refreshRuns();
        });
}

void ValidatePage::openMistake(const QModelIndex& index)
{
    if (index.isValid())
        context().openItem({ m_mistakes.imageOf(index.row()).item });
}

void ValidatePage::chooseFiles()
{
    const QStringList names = QFileDialog::getOpenFileNames(this, tr("Try the model on pictures"), {}, tr("Pictures (*.jpg *.jpeg *.png *.webp *.tif *.tiff *.bmp)"));
    std::vector<std::filesystem::path> files;
    for (const QString& name : names)
        files.push_back(toPath(name));
    if (!files.empty())
        acceptDrop(files);
}

bool ValidatePage::acceptDrop(const std::vector<std::filesystem::path>& files)
{
    // Pictures dropped here are tried; a folder or an annotated set is data and goes to Gather.
    if (!m_scored || std::any_of(files.begin(), files.end(), [](const auto& file) { return !std::filesystem::is_regular_file(file); }))
        return false;
    m_tryButton->setChecked(true);
    m_try->tryFiles(files);
    return true;
}

PageEntry validatePageEntry()
{
    return { QStringLiteral("validate"), ValidatePage::tr("Validate"), "validate", 4,
        [](StudioContext& context, QWidget* parent) -> Page* { return new ValidatePage(context, parent); }, nullptr };
}

}
