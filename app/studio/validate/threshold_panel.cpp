#include "app/studio/validate/threshold_panel.h"

#include "app/studio/background.h"
#include "widgets/plots/interval_tile.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QSlider>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace percept::studio {

using style::Ink;
using style::PlainLabel;
using style::TextRole;

namespace {

constexpr int kFirstPosition = 2; // so that a position is a hundredth, but for the finer steps near 1

QString text(double threshold) { return QString::fromStdString(evaluation::thresholdText(threshold)); }

QString percent(double share) { return std::isfinite(share) ? QString::number(100 * share, 'f', 1) : QStringLiteral("–"); }

}

double costTop(const std::vector<evaluation::CostPoint>& costs, std::optional<double> threshold)
{
    if (costs.empty())
        return 1;
    const auto least = std::min_element(costs.begin(), costs.end(), [](const auto& a, const auto& b) { return a.cost < b.cost; });
    double top = std::max(1.0, 3 * least->cost);
    if (threshold) {
        const auto now = std::min_element(costs.begin(), costs.end(),
            [&](const auto& a, const auto& b) { return std::abs(a.threshold - *threshold) < std::abs(b.threshold - *threshold); });
        constexpr double kRoomAbove = 1.1;
        top = std::max(top, kRoomAbove * std::max({ now->cost, now->missed, now->falseAlarms }));
    }
    return top;
}

ThresholdPanel::ThresholdPanel(QWidget* parent)
    : QWidget(parent)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 10, 16, 10);
    layout->setSpacing(6);
    m_plot = new plots::CurvePlot;
    m_plot->setTitle(tr("Threshold and what it costs"), tr("per 100 pictures"));
    m_plot->setXRange(0, 1);
    m_plot->setPickable(true);
    layout->addWidget(m_plot, 1);

    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    m_scope = new QComboBox;
    m_scope->setObjectName(QStringLiteral("thresholdScope"));
    m_scope->setAccessibleName(tr("Class that the slider moves"));
    m_slider = new QSlider(Qt::Horizontal);
    m_slider->setObjectName(QStringLiteral("thresholdSlider"));
    m_slider->setAccessibleName(tr("Threshold"));
    m_slider->setPageStep(5);
    m_value = new PlainLabel({}, TextRole::BodyStrong);
    m_value->setMinimumWidth(48); // 0.9995
    row->addWidget(m_scope);
    row->addWidget(m_slider, 1);
    row->addWidget(m_value);
    layout->addLayout(row);

    layout->addLayout(makePriceRow());

    m_mistakes = new PlainLabel({}, TextRole::Table, Ink::Text2);
    m_mistakes->setObjectName(QStringLiteral("mistakesPer100"));
    m_mistakes->setElideMode(Qt::ElideRight);
    layout->addWidget(m_mistakes);

    auto* tiles = new QHBoxLayout;
    tiles->setSpacing(8);
    m_found = new plots::IntervalTile(tr("Found"));
    m_right = new plots::IntervalTile(tr("Marks right"));
    m_cost = new plots::IntervalTile(tr("Cost"));
    for (auto* tile : { m_found, m_right, m_cost })
        tiles->addWidget(tile, 1);
    layout->addLayout(tiles);

    connect(m_slider, &QSlider::valueChanged, this, [this](int position) {
        if (const auto step = static_cast<std::size_t>(position - kFirstPosition); step < m_steps.size())
            setAt(m_steps[step]);
    });
    connect(m_plot, &plots::CurvePlot::xPicked, this, [this](double x) {
        if (m_slider->isEnabled())
            m_slider->setValue(positionOf(x));
    });
    connect(m_scope, &QComboBox::currentIndexChanged, this, [this] {
        showSlider();
        refreshCosts();
    });
}

QHBoxLayout* ThresholdPanel::makePriceRow()
{
    auto* price = new QHBoxLayout;
    price->setSpacing(6);
    price->addWidget(new PlainLabel(tr("1 miss ="), TextRole::Table, Ink::Text2));
    m_missCost = new QDoubleSpinBox;
    m_missCost->setRange(0.1, 100);
    m_missCost->setDecimals(1);
    m_missCost->setValue(kUsualMissCost);
    m_missCost->setFixedWidth(64);
    m_missCost->setAccessibleName(tr("What a miss costs, in false alarms"));
    price->addWidget(m_missCost);
    price->addWidget(new PlainLabel(tr("false alarms"), TextRole::Table, Ink::Text2));
    price->addStretch();
    m_cheapest = new style::LinkButton(tr("Cheapest"));
    price->addWidget(m_cheapest);
    m_locked = new PlainLabel(tr("chosen on validation"), TextRole::Table, Ink::Text3);
    m_locked->setElideMode(Qt::ElideRight);
    price->addWidget(m_locked);
    connect(m_missCost, &QDoubleSpinBox::valueChanged, this, &ThresholdPanel::missCostChanged);
    connect(m_cheapest, &QAbstractButton::clicked, this, [this] {
        if (!m_scored)
            return;
        m_thresholds = m_scored->cheapest;
        showSlider();
        refreshCosts();
        emit thresholdsChanged();
    });
    return price;
}

void ThresholdPanel::takeFocus() { m_slider->setFocus(); }

void ThresholdPanel::setThresholds(const std::vector<double>& thresholds)
{
    m_thresholds = thresholds;
    showSlider();
    refreshCosts();
}

double ThresholdPanel::missCost() const { return m_missCost->value(); }

void ThresholdPanel::setMissCost(double cost)
{
    const QSignalBlocker blocker(m_missCost);
    m_missCost->setValue(cost);
}

int ThresholdPanel::scope() const { return std::max(m_scope->currentIndex(), 0); }

void ThresholdPanel::setScope(int scope)
{
    if (scope >= 0 && scope < m_scope->count())
        m_scope->setCurrentIndex(scope);
}

int ThresholdPanel::scopeLabel() const { return m_scope->currentIndex() - 1; }

void ThresholdPanel::setScored(const ScoredRun* scored, bool adjustable)
{
    m_scored = scored;
    if (scored) {
        listClasses();
        m_steps = evaluation::thresholdSteps(*scored->table);
        const QSignalBlocker blocker(m_slider); // a narrower range moves it
        m_slider->setRange(kFirstPosition, kFirstPosition + static_cast<int>(m_steps.size()) - 1);
        m_thresholds = scored->thresholds;
    }
    for (QWidget* widget : { static_cast<QWidget*>(m_slider), static_cast<QWidget*>(m_missCost), static_cast<QWidget*>(m_scope) })
        widget->setEnabled(adjustable && scored);
    m_cheapest->setVisible(adjustable);
    m_locked->setVisible(!adjustable);
    m_plot->setPickable(adjustable);
    showSlider();
    refreshCosts();
}

// The class that was chosen stays chosen while the classes are the same.
void ThresholdPanel::listClasses()
{
    QStringList names { tr("All classes") }, before;
    for (const auto& label : m_scored->labels)
        names << QString::fromStdString(label);
    for (int i = 0; i < m_scope->count(); ++i)
        before << m_scope->itemText(i);
    if (names == before)
        return;
    const QSignalBlocker blocker(m_scope);
    m_scope->clear();
    m_scope->addItems(names);
}

void ThresholdPanel::setAt(double threshold)
{
    if (scopeLabel() < 0)
        std::fill(m_thresholds.begin(), m_thresholds.end(), threshold);
    else
        m_thresholds[static_cast<std::size_t>(scopeLabel())] = threshold;
    showSlider();
    emit thresholdsChanged();
}

void ThresholdPanel::showSlider()
{
    if (m_thresholds.empty())
        return;
    const auto [low, high] = std::minmax_element(m_thresholds.begin(), m_thresholds.end());
    const bool mixed = isMixed();
    const double mean = std::accumulate(m_thresholds.begin(), m_thresholds.end(), 0.0) / static_cast<double>(m_thresholds.size());
    const double value = scopeLabel() < 0 ? mean : m_thresholds[static_cast<std::size_t>(scopeLabel())];
    const QSignalBlocker blocker(m_slider);
    m_slider->setValue(positionOf(value));
    m_value->setText(mixed ? QStringLiteral("%1–%2").arg(text(*low), text(*high)) : text(value));
    m_plot->setVerticalLine(shownThreshold());
    drawCosts();
    m_plot->setTitle(tr("Threshold and what it costs"), scopeLabel() >= 0 ? tr("per 100 pictures, as %1 moves").arg(m_scope->currentText())
            : mixed ? tr("per 100 pictures, if all had the same") : tr("per 100 pictures"));
}

// The curve is that of one threshold for all; where each class has its own the point lies on no curve.
std::optional<double> ThresholdPanel::shownThreshold() const
{
    if (m_thresholds.empty() || isMixed())
        return std::nullopt;
    return m_thresholds[static_cast<std::size_t>(std::max(scopeLabel(), 0))];
}

bool ThresholdPanel::isMixed() const
{
    const auto [low, high] = std::minmax_element(m_thresholds.begin(), m_thresholds.end());
    return scopeLabel() < 0 && text(*high) != text(*low);
}

int ThresholdPanel::positionOf(double threshold) const
{
    const auto above = std::lower_bound(m_steps.begin(), m_steps.end(), threshold);
    auto step = static_cast<int>(above - m_steps.begin());
    if (above == m_steps.end() || (step > 0 && threshold - *(above - 1) < *above - threshold))
        step = std::max(step - 1, 0);
    return kFirstPosition + step;
}

// The curve of what the slider moves: made at once for all classes together, in the background for one among the others.
void ThresholdPanel::refreshCosts()
{
    ++m_costNumber;
    if (!m_scored || scopeLabel() < 0)
        return setCosts(m_scored ? m_scored->costs : std::vector<evaluation::CostPoint>());
    runInBackground(
        this,
        [table = m_scored->table, cost = m_scored->missCost, thresholds = m_thresholds, label = static_cast<std::size_t>(scopeLabel())] {
            return evaluation::costCurve(*table, cost, thresholds, label);
        },
        [this, number = m_costNumber](std::vector<evaluation::CostPoint> costs) {
            if (number == m_costNumber)
                setCosts(std::move(costs));
        });
}

void ThresholdPanel::setCosts(std::vector<evaluation::CostPoint> costs)
{
    m_costs = std::move(costs);
    drawCosts();
}

void ThresholdPanel::drawCosts()
{
    QVector<plots::Curve> curves;
    if (m_scored) {
        plots::Points cost, missed, alarms;
        for (const auto& p : m_costs) {
            cost.append({ p.threshold, p.cost });
            missed.append({ p.threshold, p.missed });
            alarms.append({ p.threshold, p.falseAlarms });
        }
        m_plot->setYRange(0, costTop(m_costs, shownThreshold()));
        curves = { { tr("false alarms"), [] { return style::tokens().warning; }, alarms, {}, {}, {}, {}, false, false },
            { tr("missed"), [] { return style::tokens().error; }, missed, {}, {}, {}, {}, false, false },
            { tr("cost"), [] { return style::tokens().text; }, cost, {}, {}, {}, {}, false, true } };
        const auto [low, high] = std::minmax_element(m_scored->cheapest.begin(), m_scored->cheapest.end());
        if (low != m_scored->cheapest.end())
            m_cheapest->setToolTip(tr("Every class at the threshold where it costs least, %1 to %2").arg(text(*low), text(*high)));
    }
    m_plot->setCurves(curves);
}

void ThresholdPanel::setPoint(const evaluation::OperatingPoint& point, std::size_t images, const PointIntervals* intervals)
{
    const auto share = [](std::int64_t k, std::int64_t n) { return n > 0 ? static_cast<double>(k) / static_cast<double>(n) : NAN; };
    const auto interval = [&](const evaluation::Interval& i) { return QStringLiteral("%1–%2").arg(percent(i.low), percent(i.high)); };
    const evaluation::Interval found = intervals ? intervals->shares.found : evaluation::wilson(point.found, point.truths);
    const evaluation::Interval right = intervals ? intervals->shares.marksRight : evaluation::wilson(point.right, point.marks);
    const auto counts = [](std::int64_t k, std::int64_t n) { return tr("%1 of %2").arg(style::count(k), style::count(n)); };
    m_found->setFigure(percent(share(point.found, point.truths)) + QStringLiteral(" %"), interval(found), counts(point.found, point.truths));
    m_right->setFigure(percent(share(point.right, point.marks)) + QStringLiteral(" %"), interval(right), counts(point.right, point.marks));

    const auto whole = [](double value) { return std::isfinite(value) ? style::count(std::llround(value)) : QStringLiteral("–"); };
    const double per100 = images > 0 ? 100.0 / static_cast<double>(images) : 0;
    const QString costs = intervals ? QStringLiteral("%1–%2").arg(whole(intervals->cost.low), whole(intervals->cost.high)) : QStringLiteral("–");
    m_cost->setFigure(whole(evaluation::costPer100(point, images, missCost())), costs, tr("per 100"));
    // A wrong class is a miss of one class and a false alarm of another, as in the curves.
    m_mistakes->setText(tr("In 100 pictures: %1 missed, %2 false alarms")
                            .arg(whole(static_cast<double>(point.missed + point.wrongClass) * per100),
                                whole(static_cast<double>(point.falseAlarms + point.wrongClass) * per100)));
}

}
