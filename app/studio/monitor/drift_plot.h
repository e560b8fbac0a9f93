#pragma once

#include "app/studio/monitor/field_series.h"

#include <QWidget>

namespace percept::plots {
class CurvePlot;
}
namespace percept::style {
class PlainLabel;
}

namespace percept::studio {

// How far one measure of one device is from its reference, window by window, with the limits of alerts.
class DriftPlot : public QWidget {
    Q_OBJECT
public:
    explicit DriftPlot(QWidget* parent = nullptr);
    void draw(const monitoring::Overview& overview, const QString& device, monitoring::Measure measure);

private:
    plots::CurvePlot* m_plot;
    style::PlainLabel* m_note;
};

}
