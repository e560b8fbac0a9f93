#pragma once

#include "app/studio/validate/scored_run.h"
#include "widgets/plots/curve_plot.h"

#include <QVector>
#include <QWidget>
#include <optional>
#include <vector>

class QComboBox;
class QHBoxLayout;
class QSlider;
class QDoubleSpinBox;

namespace percept::plots {
class IntervalTile;
}
namespace percept::style {
class LinkButton;
class PlainLabel;
}

namespace percept::studio {

// Up to where the cost curve is drawn: three times the least cost, because the cheap part is what is chosen from, and more where the
// threshold of now costs more. The dear ends may leave the picture, the point that is looked at never does.
double costTop(const std::vector<evaluation::CostPoint>& costs, std::optional<double> threshold);

// "Threshold and what it costs": the cost curve, the slider that moves one class or all, the price of a miss, three tiles.
class ThresholdPanel : public QWidget {
    Q_OBJECT
public:
    explicit ThresholdPanel(QWidget* parent = nullptr);
    void setScored(const ScoredRun* scored, bool adjustable);
    void setPoint(const evaluation::OperatingPoint& point, std::size_t images, const PointIntervals* intervals);
    const std::vector<double>& thresholds() const { return m_thresholds; }
    void setThresholds(const std::vector<double>& thresholds); // one a class, as when the model was set
    static constexpr double kUsualMissCost = 2;
    double missCost() const;
    void setMissCost(double cost); // without saying so
    int scope() const;             // 0: all classes, then one after the other
    void setScope(int scope);
    void takeFocus(); // to the slider

signals:
    void thresholdsChanged();
    void missCostChanged(double cost);

private:
    QHBoxLayout* makePriceRow();
    void listClasses();
    void setAt(double threshold);
    void showSlider();
    bool isMixed() const; // all classes at once, and not at one threshold
    void refreshCosts();
    void setCosts(std::vector<evaluation::CostPoint> costs);
    void drawCosts();
    std::optional<double> shownThreshold() const; // on the curve; nothing where each class has its own
    int scopeLabel() const; // -1: all classes
    int positionOf(double threshold) const; // of the slider: the nearest step

    const ScoredRun* m_scored = nullptr;
    std::vector<double> m_thresholds;
    std::vector<double> m_steps; // what the slider's positions mean, from kFirstPosition on
    std::vector<evaluation::CostPoint> m_costs; // of what the slider moves
    int m_costNumber = 0; // of the curve that was asked for last
    plots::CurvePlot* m_plot;
    QComboBox* m_scope;
    QSlider* m_slider;
    style::PlainLabel* m_value;
    QDoubleSpinBox* m_missCost;
    style::LinkButton* m_cheapest;
    style::PlainLabel* m_locked;
    style::PlainLabel* m_mistakes; // in words, what the threshold costs
    plots::IntervalTile *m_found, *m_right, *m_cost;
};

}
