#pragma once

#include "app/studio/monitor/field_series.h"

#include <QWidget>
#include <functional>

class QGridLayout;

namespace percept::plots {
class CurvePlot;
}

namespace percept::studio {

// What devices told over time: objects, scores, throughput, latency, light and sharpness; a curve a device, class or version.
class FieldPlots : public QWidget {
    Q_OBJECT
public:
    // `classColor`: of a class by its name; invalid for one that the project has not.
    explicit FieldPlots(std::function<QColor(const QString&)> classColor, QWidget* parent = nullptr);
    void draw(const monitoring::Overview& overview, const FieldScope& scope, FieldGrouping grouping);

private:
    std::function<QColor(const QString&)> m_classColor;
    struct Entry {
        FieldFigure figure;
        plots::CurvePlot* plot;
    };
    QVector<Entry> m_plots;
};

}
