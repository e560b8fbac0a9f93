#pragma once

#include "app/studio/deploy/deploy_controller.h"
#include "app/studio/deploy/device_model.h"
#include "app/studio/deploy/shipment.h"
#include "app/studio/frame/page.h"

#include <array>

class QComboBox;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTableView;
class QVBoxLayout;

namespace percept::style {
class Chip;
class EmptyState;
class LinkButton;
class Note;
class PlainLabel;
class SegmentedControl;
}

namespace percept::studio {

class FactCard;
class JoinPanel;
class LivePanel;
class PackageView;
class SidePanel;
class StepStrip;

// Deploy: the roll-out ring by ring, the package, and the devices of the fleet.
class DeployPage : public Page {
    Q_OBJECT
public:
    explicit DeployPage(StudioContext& context, QWidget* parent = nullptr);
    ~DeployPage() override;

    QString title() const override { return tr("Deploy"); }
    void activated() override;
    void deactivated() override;
    QList<KeyHelp> keys() const override;
    QString menuTitle() const override { return tr("Fleet"); }
    QList<QAction*> commands() const override { return m_commands; }
    QList<QWidget*> panels() override;
    void showRun(const QString& run) override; // to be packaged and rolled out

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void setUpBar();
    QWidget* makeFleetView();
    QWidget* makeCards();
    QWidget* makeDeviceHead();
    void setUpTable();
    void setUpEmpty();
    void setUpCommands();
    void connectAll();

    // What is shown
    void showFleet();
    void showBar();
    QString backReason() const;
    void showCards();
    void showSteps();
    void showDevices();
    void showHere();
    void showNote();
    void readPackage();
    void readPictures();
    void updateSelection();
    void keepSelection();

    // What is done
    void openPackage();
    void closePackage();
    void readModels();
    void deploy();
    void promote();
    void promoteByHand();
    void rollBack();
    void stopRollout();
    void startOrStopHere();
    void openJoin();
    void makeLine(const QString& device, const QString& ring);
    void letOthersIn(const QString& address);
    void moveSelected(const QString& ring);
    void removeSelected();
    void deviceMenu(const QPoint& at);
    void act(const QString& title, DeployController::Work work, const QString& doing = {});
    QStringList selectedDevices() const;

    DeployController* m_fleet;
    Shipment* m_shipment;
    DeviceModel m_devices;
    QStringList m_kept; // selected before the list was made anew
    std::string m_cardOf; // sha256 of the package that the card speaks of, and the project's version that it is
    QString m_wantedRun;  // to be chosen when the models are read
    QString m_failure;    // of the last thing that was done
    QString m_doing;      // what takes a while now
    bool m_noteIsPlan = false; // the note says that the roll-out goes on by itself

    QPushButton *m_stop, *m_back, *m_new;
    style::Chip* m_chip;
    PageBar* m_bar;
    style::Note* m_note;
    StepStrip* m_steps;
    QStackedWidget* m_stack; // fleet, new package, empty
    PackageView* m_package;
    std::array<FactCard*, 3> m_rings;
    FactCard* m_packageCard;
    style::SegmentedControl* m_ringFilter;
    QWidget *m_filters, *m_selected; // one of them stands in the head
    QComboBox* m_stateFilter;
    QLineEdit* m_search;
    style::PlainLabel* m_count;
    QPushButton *m_move, *m_remove, *m_add, *m_here;
    LivePanel* m_live;
    SidePanel* m_liveSide;
    JoinPanel* m_join;
    QTableView* m_table;
    style::EmptyState *m_empty, *m_noRows;
    QPushButton* m_emptyAction;
    style::LinkButton *m_emptyJoin, *m_emptyLink;
    QStackedWidget* m_rows; // table, why it is empty
    QList<QAction*> m_commands;
    QAction *m_promoteAction, *m_byHandAction, *m_stopAction, *m_backAction, *m_hereAction;
};

}
