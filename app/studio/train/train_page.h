#pragma once

#include "app/studio/frame/page.h"
#include "app/studio/train/run_list_model.h"

#include <memory>
#include <optional>

namespace percept::services {
struct TrashedRuns;
}

class QHBoxLayout;
class QListView;
class QPushButton;
class QStackedWidget;
class QTimer;

namespace percept::style {
class EmptyState;
class PlainLabel;
}

namespace percept::studio {

class ComparePanel;
class RetrainCard;
class RunView;
class TrainingController;
class TrainWizard;

// What whoever closes the project is asked first. goOn: the other way to leave, where there is one.
struct LeaveQuestion { QString title, text, verb, goOn = {}; };

// Train: the list of runs, the dashboard of the chosen one, and the wizard that starts a new one.
class TrainPage : public Page {
    Q_OBJECT
public:
    explicit TrainPage(StudioContext& context, QWidget* parent = nullptr);
    ~TrainPage() override;

    QString title() const override { return tr("Train"); }
    void activated() override;
    void deactivated() override;
    QList<KeyHelp> keys() const override;
    void showRun(const QString& run) override;
    void compareRun(const QString& run); // with the newest version
    void trainAgain(const QString& run); // the wizard, for a run that begins with this one's weights
    void resume(const QString& run); // one that was interrupted
    // While something is trained, prepared or scored: it ends with the project.
    std::optional<LeaveQuestion> leaveQuestion() const;
    base::Result<void> letGoOn(); // the training goes on by itself
    QString menuTitle() const override { return tr("Model"); }
    QJsonObject viewState() const override; // train_state.cpp
    void restoreViewState(const QJsonObject& state) override;
    QList<QAction*> commands() const override { return m_commands; }

private:
    // train_build.cpp
    void setUpBar();
    void setUpBody();

    // train_follow.cpp
    void connectController();
    void connectRefresh();
    void takeUpWhatWasLeft();
    void showFailure(const QString& run, const QString& message);
    void followLiveRun();
    void followJob();
    void tellScoring();

    // train_runs.cpp
    void setUpCommands();
    void updateRunCommands();
    void keepWords(const QString& run, const QString& name, const QString& note);
    void deleteRun();
    void emptyTrash();
    void removeTrashed(const services::TrashedRuns& trashed);
    void followQueue();
    void prepareWizard();

    void openProject();
    void closeProject();
    void refreshRuns();
    void pollRuns();
    void showRuns(std::vector<runs::RunInfo> runs);
    void showStack();
    void chooseRun(const QString& run);
    void showOnly(const QString& run); // without drawing it from now on
    void openWizard();
    void closeWizard();
    void startTraining();
    void updateStatus();
    std::optional<double> measuredRate() const;

    RunListModel m_model;
    RunDelegate m_delegate;
    std::unique_ptr<TrainingController> m_controller;
    QPointer<Job> m_job;
    QString m_scoring; // run that is being scored after its training
    int m_reads = 0;
    bool m_wasLive = false;
    QPushButton *m_newRun, *m_closeWizard;
    PageBar* m_bar;
    QStackedWidget* m_stack;   // empty, dashboard, wizard
    style::EmptyState* m_empty;
    QPushButton* m_emptyAction;
    QWidget* m_dashboard;
    QHBoxLayout* m_dashboardLayout;
    QListView* m_list;
    style::PlainLabel* m_runCount;
    RetrainCard* m_retrain;
    RunView* m_view = nullptr;
    ComparePanel* m_compare = nullptr; // in the view
    TrainWizard* m_wizard = nullptr;
    QTimer* m_poll;
    QAction *m_rename = nullptr, *m_writeNote = nullptr, *m_delete = nullptr;
    QList<QAction*> m_commands;
};

}
