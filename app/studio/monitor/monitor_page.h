#pragma once

#include "app/studio/frame/page.h"
#include "core/fleet/hub_client.h"
#include "core/monitoring/overview.h"
#include "core/report/field.h"

#include <memory>
#include <optional>

class QComboBox;
class QHBoxLayout;
class QLineEdit;
class QStackedWidget;
class QTimer;
class QVBoxLayout;

namespace percept::style {
class Note;
class PlainLabel;
class SegmentedControl;
}

namespace percept::studio {

class AlertList;
class DriftMatrix;
class DriftPlot;
class FieldPlots;
class FieldStart;
class FieldTiles;
class FieldView;
class RetrainCard;

// Monitor: what devices tell of the project's models, who is silent, and what has changed since; and the pictures that they sent,
// for people to say what is on them. Reads the fleet's memory on another thread, whether a hub runs or not, and again every few
// seconds while somebody looks.
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
    QWidget* home() override;
    void showDevice(const QString& device) override; // its pictures
    QJsonObject viewState() const override;
    void restoreViewState(const QJsonObject& state) override;

private:
    // What is read at one time.
    struct Look {
        base::Result<monitoring::Overview> overview;
        report::FieldAccuracy accuracy;
        std::vector<ItemId> unfinished; // chosen by chance, in the project, not labeled yet
    };
    // Of a change; nothing: the alert is of another kind.
    static std::optional<monitoring::Measure> measureOf(const monitoring::Alert& alert);
    static void readAccuracy(const dataset::ProjectReader& reader, Look& look);
    void setUpBar();
    void setUpBody();
    QWidget* makeCenter();
    void addMatrix(QVBoxLayout* column);
    void openProject();
    void closeProject();
    void read();
    base::ProgressFn progress();
    void take(Look look);
    void showAccuracy(const Look& look);
    void openUnfinished();
    void showView();
    void showFieldCount();
    bool isOnPictures() const;
    void draw();
    void showDevices();
    void showEmpty();
    void showNothingTold();
    void testHere();
    void startHub();
    void askHub(std::function<base::Result<QString>(fleet::HubClient&)> work);
    void showDrift(const QString& device, monitoring::Measure measure);
    void chooseAlert(const monitoring::Alert& alert);
    int days() const;
    QString device() const;

    std::shared_ptr<monitoring::FleetMonitor> m_monitor; // used by one background read at a time
    std::optional<monitoring::Overview> m_overview;
    int m_project = 0; // counts openings: what was read for another project is dropped
    base::CancelToken m_cancel; // of the reading for this project
    bool m_reading = false;
    bool m_isAsking = false; // the hub for something
    QString m_driftDevice;
    monitoring::Measure m_driftMeasure = monitoring::Measure::Confidence;
    bool m_driftChosen = false; // by a person

    PageBar* m_bar;
    QComboBox* m_device;
    style::PlainLabel *m_online, *m_openHelp;
    style::SegmentedControl *m_view, *m_span, *m_grouping, *m_matrixFilter;
    QLineEdit* m_matrixSearch;
    QStackedWidget *m_views, *m_stack; // overview or pictures; of the overview: why it is empty, or what devices tell
    FieldView* m_field;
    RetrainCard* m_retrain;
    style::Note *m_unfinishedNote, *m_hubNote;
    std::vector<ItemId> m_unfinished;
    QString m_wantedDevice; // before the devices are read
    FieldStart* m_empty;
    AlertList* m_alerts;
    FieldTiles* m_tiles;
    DriftPlot* m_drift;
    DriftMatrix* m_matrix;
    FieldPlots* m_plots;
    QWidget* m_center;
    QTimer* m_poll;
};

}
