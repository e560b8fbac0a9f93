// ValidatePage: the scored run on screen, at the thresholds of the slider.
#include "app/studio/background.h"
#include "app/studio/validate/mistakes_gallery.h"
#include "app/studio/validate/threshold_panel.h"
#include "app/studio/validate/try_view.h"
#include "app/studio/validate/validate_page.h"
#include "core/runs/run_store.h"
#include "widgets/plots/confusion_view.h"
#include "widgets/plots/curve_plot.h"
#include "widgets/style/widgets.h"

#include <QPushButton>
#include <QTimer>

namespace percept::studio {

namespace {

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

QVector<QColor> ValidatePage::colorsOf(const std::vector<LabelId>& labels) const
{
    QVector<QColor> colors;
    for (const LabelId label : labels)
        colors.append(context().label(label) ? context().labelColor(label) : style::classBright(static_cast<int>(colors.size())));
    return colors;
}

QVector<QColor> ValidatePage::brightColors() const { return m_scored ? colorsOf(m_scored->labelIds) : QVector<QColor>(); }

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
        { tr("Intervals: 95 %, bootstrap over groups, %1 draws").arg(style::count(drawsOf(m_scored->document))) });
}

void ValidatePage::drawCurves()
{
    const QVector<QColor> bright = brightColors();
    QVector<plots::Curve> curves;
    for (std::size_t i = 0; i < m_scored->labels.size(); ++i) {
        plots::Curve curve;
        curve.name = qs(m_scored->labels[i]);
        curve.color = [bright = bright.value(static_cast<int>(i)), i] { return style::tokens().dark ? bright : style::classInk(static_cast<int>(i)); };
        const double threshold = m_thresholds->thresholds()[i];
        for (const auto& point : m_scored->curves[i]) {
            curve.points.append({ point.recall, point.precision });
            if (point.score >= threshold)
                curve.marker = curve.points.last();
        }
        for (const auto& point : m_scored->bands[i]) {
            curve.low.append({ point.recall, point.low });
            curve.high.append({ point.recall, point.high });
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
    updateActions();
    m_intervalTimer->start();
}

// The counter, the counts of the kinds, and why there is nothing to see.
void ValidatePage::showGalleryState()
{
    using Kind = MistakesModel::Kind;
    const auto withCount = [this](const QString& name, Kind kind) { return QStringLiteral("%1 %2").arg(name, style::count(m_mistakes.countOf(kind))); };
    m_kindChoice->setTexts({ withCount(tr("All"), Kind::All), withCount(tr("Missed"), Kind::Missed), withCount(tr("False alarms"), Kind::FalseAlarm),
        withCount(tr("Wrong class"), Kind::WrongClass), withCount(tr("Badly placed"), Kind::BadlyPlaced) });
    const int all = m_mistakes.countOf(Kind::All), shown = m_mistakes.rowCount();
    const QString mistakes = style::counted(all, tr("mistake"), tr("mistakes"));
    const QString count = shown == all ? mistakes : tr("%1 of %2").arg(style::count(shown), mistakes);
    m_galleryHint->setText(shown > 0 ? tr("%1 · solid: label, dashed: prediction · Enter opens").arg(count) : count);
    m_gallery->setEmptyText(shown > 0 ? QString() : emptyGalleryText(), shown < all);
}

QString ValidatePage::emptyGalleryText() const
{
    using Kind = MistakesModel::Kind;
    if (m_mistakes.countOf(Kind::All) == 0)
        return tr("No mistakes at these thresholds: every object is found, and every mark is right.");
    if (m_mistakes.isInCell() && m_mistakes.kind() == Kind::All)
        return tr("No mistakes in this cell of the matrix at these thresholds.");
    if (m_mistakes.isInCell())
        return tr("No mistakes of this kind in this cell of the matrix.");
    switch (m_mistakes.kind()) {
    case Kind::Missed: return tr("Nothing is missed at these thresholds.");
    case Kind::FalseAlarm: return tr("No false alarms at these thresholds.");
    case Kind::WrongClass: return tr("No object is given a wrong class at these thresholds.");
    default: return tr("No mark is badly placed at these thresholds.");
    }
}

void ValidatePage::clearGalleryFilters()
{
    m_kindChoice->setCurrent(0);
    m_matrix->setChosen(-1, -1);
    chooseCell(-1, -1);
    m_gallery->setFocus();
}

void ValidatePage::chooseCell(int row, int column)
{
    m_cellChip->setVisible(row >= 0);
    if (row >= 0 && m_scored) {
        const int background = static_cast<int>(m_scored->labels.size());
        const auto name = [&](int label) { return label < background ? qs(m_scored->labels[static_cast<std::size_t>(label)]) : tr("background"); };
        m_cellChip->setText(tr("%1 → %2").arg(name(row), column == background ? tr("missed") : name(column)));
    }
    m_mistakes.setCell(row, column);
}

void ValidatePage::refreshIntervals()
{
    if (!m_scored)
        return;
    const auto thresholds = m_thresholds->thresholds();
    const double cost = m_thresholds->missCost();
    runInBackground(
        this, [table = m_scored->table, thresholds, cost, draws = drawsOf(m_scored->document)] { return pointIntervals(*table, thresholds, cost, draws); },
        [this, number = m_loads, thresholds, cost](const PointIntervals& intervals) {
            // Late answers speak of another model, another place of the slider or another price.
            if (m_scored && number == m_loads && thresholds == m_thresholds->thresholds() && cost == m_thresholds->missCost())
                m_thresholds->setPoint(m_point, m_scored->table->images().size(), &intervals);
        });
}

}
