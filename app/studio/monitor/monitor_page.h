#pragma once

#include "app/studio/frame/page.h"
#include "core/monitoring/overview.h"

#include <memory>

class QComboBox;
class QHBoxLayout;
class QStackedWidget;
class QTimer;
class QVBoxLayout;

namespace percept::style {
class EmptyState;
class PlainLabel;
class SegmentedControl;
}

namespace percept::studio {

class AlertList;
class DriftMatrix;
class DriftPlot;
class FieldPlots;
class FieldTiles;

// Monitor: what devices tell of the project's models, who is silent, and what has changed since. Reads the fleet's memory on
// another thread, whether a hub runs or not, and again every few seconds while somebody looks.
class MonitorPage : public Page {
    Q_OBJECT
public:
    explicit MonitorPage(StudioContext& context, QWidget* parent = nullptr);
    ~MonitorPage() override { m_cancel.cancel(); }

    QString title() const override { return tr("Monitor"); }
    void activated() override;
    void deactivated() override;
    QList<KeyHelp> keys() const override;
    QList<QWidget*> panels() override;

private:
    void setUpBar();
    void setUpBody();
    QWidget* makeCenter();
    void openProject();
    void closeProject();
    void read();
    base::ProgressFn progress();
    void take(base::Result<monitoring::Overview> overview);
    void draw();
    void showDevices();
    void showEmpty(const QString& sentence);
    void showDrift(const QString& device, monitoring::Measure measure);
    void chooseAlert(const monitoring::Alert& alert);
    int days() const;
    QString device() const;

    std::shared_ptr<monitoring::FleetMonitor> m_monitor; // used by one background read at a time
    std::optional<monitoring::Overview> m_overview;
    int m_project = 0; // counts openings: what was read for another project is dropped
    base::CancelToken m_cancel; // of the reading for this project
    bool m_reading = false;
    QString m_driftDevice;
    monitoring::Measure m_driftMeasure = monitoring::Measure::Confidence;
    bool m_driftChosen = false; // by a person

    PageBar* m_bar;
    QComboBox* m_device;
    style::PlainLabel* m_online;
    style::SegmentedControl *m_span, *m_grouping;
    QStackedWidget* m_stack;
    style::EmptyState* m_empty;
    AlertList* m_alerts;
    FieldTiles* m_tiles;
    DriftPlot* m_drift;
    DriftMatrix* m_matrix;
    FieldPlots* m_plots;
    QWidget* m_center;
    QTimer* m_poll;
};

}
