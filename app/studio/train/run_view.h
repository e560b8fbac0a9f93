#pragma once

#include "app/studio/train/run_list_model.h"
#include "app/studio/train/run_series.h"
#include "app/studio/train/training_controller.h"
#include "core/protocol/trainer_messages.h"
#include "widgets/plots/curve_plot.h"

#include <QHash>
#include <QWidget>

class QHBoxLayout;
class QLineEdit;
class QToolButton;
class QVBoxLayout;
class QProgressBar;
class QPushButton;
class QTimer;

namespace percept::style {
class Chip;
class Note;
class PlainLabel;
}

namespace percept::studio {

class LearningStrip;

// The dashboard of one run: where it is, how long it takes, whether it is good; curves of the ticked runs; pictures that
// get better. Reads and draws only while it is seen.
class RunView : public QWidget {
    Q_OBJECT
public:
    RunView(RunListModel& model, TrainingController& controller, QWidget* parent = nullptr);
    void showRun(const QString& id);
    QString run() const { return m_run; }
    void addBelowHeader(QWidget* widget);
    void edit(bool note); // its name or its note, in fields on the page

public slots:
    void refreshHeader();
    void refreshMetrics();
    void refreshSamples();
    void showWarning(const QString& run, const QString& message);
    void showFailure(const QString& run, const QString& message);

signals:
    void validateRequested(const QString& run);
    void edited(const QString& run, const QString& name, const QString& note);
    void editEnded(); // kept or not: the focus is free

protected:
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override; // Esc in the fields

private:
    void setUpHeader(QVBoxLayout* layout);
    QVBoxLayout* setUpNames();
    void setUpButtons(QHBoxLayout* layout);
    void setUpFields(QVBoxLayout* layout);
    void endEdit(bool keep);
    void keepWords(); // where they are others than before
    void showButtons(const runs::RunInfo& run);
    void setUpPlots(QVBoxLayout* layout);
    void setUpStrip(QVBoxLayout* layout);
    void readMetrics();
    double lastEpoch() const;
    void redrawScores();
    void redraw();
    void loadTruths();
    void pageStrip(int by);
    QString timeText() const;
    static QString timeLeftText(const protocol::ProgressMessage& progress);

    RunListModel& m_model;
    TrainingController& m_controller;
    QString m_run, m_truthsOf, m_noteRun, m_nameBefore, m_noteBefore;
    QHash<QString, RunSeries> m_series;
    QTimer* m_metricsTimer;

    style::PlainLabel* m_title;
    style::Chip* m_chip;
    style::PlainLabel* m_facts;
    style::PlainLabel* m_said; // the note of the run
    QWidget* m_fields;
    QLineEdit *m_nameField, *m_noteField;
    style::PlainLabel* m_epoch;
    style::PlainLabel* m_time;
    QProgressBar* m_bar;
    QPushButton* m_pause;
    QPushButton* m_stop;
    QPushButton* m_resume;
    QPushButton* m_unqueue;
    QPushButton* m_validate;
    style::Note* m_note;
    QVBoxLayout* m_below;
    plots::CurvePlot* m_lossPlot;
    plots::CurvePlot* m_scorePlot;
    LearningStrip* m_strip;
    style::PlainLabel* m_stripPage;
    QToolButton* m_stripBack;
    QToolButton* m_stripNext;
};

}
