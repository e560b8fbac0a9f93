// ValidatePage: the scored run on screen, at the thresholds of the slider.
#include "app/studio/background.h"
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
    m_saveButton->setVisible(adjustable);
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
