#pragma once

#include "app/studio/frame/page.h"
#include "app/studio/validate/class_table_model.h"
#include "app/studio/validate/mistakes_model.h"
#include "app/studio/validate/scored_run.h"
#include "core/services/run_commands.h"

#include <array>
#include <optional>

class QVBoxLayout;
class QComboBox;
class QPushButton;
class QStackedWidget;
class QTableView;
class QTimer;

namespace percept::plots {
class ConfusionView;
class CurvePlot;
}
namespace percept::style {
class Chip;
class EmptyState;
class PlainLabel;
class SegmentedControl;
}

namespace percept::studio {

class MistakesGallery;
class ThresholdPanel;
class TryView;

// Validate: how good a run is, with intervals; what a threshold costs; the mistakes, one key from the canvas; 'try it'.
class ValidatePage : public Page {
    Q_OBJECT
public:
    explicit ValidatePage(StudioContext& context, QWidget* parent = nullptr);

    QString title() const override { return tr("Validate"); }
    void activated() override;
    QList<KeyHelp> keys() const override;
    void showRun(const QString& run) override;
    DropWords dropWords(const FilesInHand& files) const override;
    bool acceptDrop(const std::vector<std::filesystem::path>& files) override;
    QString menuTitle() const override { return tr("Model"); }
    QList<QAction*> commands() const override { return m_commands; }
    QJsonObject viewState() const override; // validate_state.cpp
    void restoreViewState(const QJsonObject& state) override;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void setUpStack();
    void connectContext();
    void setUpBar();
    void setUpScores(QVBoxLayout* layout);
    QWidget* setUpCurves();
    QWidget* setUpMatrix();
    QWidget* setUpMistakes();
    void setUpCommands();
    void refreshRuns();
    void showModels(const std::vector<services::ModelInfo>& models);
    QString currentRun() const;
    domain::SplitSet currentSet() const;
    QString nameOfSet() const; // in a sentence
    void load();
    void closeProject();
    void take(ModelOnSet model);
    void takePlace();
    void showWhyNotScored(const base::Error& error);
    bool isAdjustable() const; // what is seen is the validation set of the model that is chosen
    void updateActions();
    void enableCommands(bool thresholdsChanged);
    void scoreNow();
    void showScored();
    void drawCurves();
    void showFigures();
    void applyThresholds();
    void refreshIntervals();
    void saveThresholds();
    void refreshThresholds();
    void showGalleryState();
    QString emptyGalleryText() const;
    void clearGalleryFilters();
    void chooseCell(int row, int column);
    void packageModel();
    void openMistake(const QModelIndex& index);
    AnnotationId annotationOf(const evaluation::EvaluationImage& image, std::size_t truth) const;
    void chooseFiles();
    static QString whyNotTried();
    QVector<QColor> colorsOf(const std::vector<LabelId>& labels) const;
    QVector<QColor> brightColors() const;

    std::shared_ptr<ScoredRun> m_scored;
    evaluation::OperatingPoint m_point;
    ClassTableModel m_classTable;
    MistakesModel m_mistakes;
    int m_loads = 0, m_listings = 0;
    bool m_isListed = false; // it is known which models there are
    bool m_isChecked = false, m_isScored = false; // of the model and set that are chosen
    QString m_wanted; // the run that another page asked to see, until it is listed
    std::optional<QJsonObject> m_place; // where somebody was, until the scores are there
    QTimer* m_intervalTimer;

    QComboBox* m_runBox;
    style::SegmentedControl *m_setChoice, *m_viewChoice, *m_matrixChoice, *m_kindChoice;
    style::PlainLabel* m_setHint;
    QPushButton *m_tryButton, *m_packageButton, *m_saveButton;
    static constexpr int kResults = 1;
    QStackedWidget* m_stack; // empty, results, try
    style::EmptyState* m_empty;
    QPushButton* m_emptyAction;
    struct Figure { const char *metric, *name; };
    static constexpr std::array<Figure, 3> kFigures { { { "map", "AP" }, { "map50", "AP50" }, { "map75", "AP75" } } };
    struct FigureLabels {
        style::PlainLabel *value, *interval;
    };
    std::array<FigureLabels, 3> m_figures {};
    QStackedWidget* m_curvesOrTable;
    plots::CurvePlot* m_curvePlot;
    QTableView* m_table;
    ThresholdPanel* m_thresholds;
    plots::ConfusionView* m_matrix;
    style::Chip* m_cellChip;
    MistakesGallery* m_gallery;
    style::PlainLabel* m_galleryHint;
    TryView* m_try;
    QAction *m_packageCommand, *m_saveCommand, *m_scoreCommand, *m_tryCommand;
    QList<QAction*> m_commands;
};

}
