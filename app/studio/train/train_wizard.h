#pragma once

#include "core/services/loop.h"
#include "core/services/project_session.h"

#include <QWidget>
#include <optional>

class QComboBox;
class QHBoxLayout;
class QPushButton;
class QSpinBox;
class QStackedWidget;
class QTimer;
class QVBoxLayout;

namespace percept::style {
class PlainLabel;
class SegmentedControl;
}

namespace percept::studio {

class EstimateBar;
class RecipeCard;
class SplitBar;
class WizardSteps;

// New run, as a page of its own: steps left, choices in the middle, what will happen right. Starts with good defaults from
// the first step on; closing keeps what was chosen.
class TrainWizard : public QWidget {
    Q_OBJECT
public:
    explicit TrainWizard(services::ProjectSession& session, QWidget* parent = nullptr);

    // Reads the data anew; call when the wizard is shown. rate: pictures a second of earlier runs on this computer, if known.
    // whyBusy: the sentence of what else must end first; waitsFor: of what this run would wait for. Empty: nothing.
    void prepare(std::optional<double> rate, const QString& whyBusy, const QString& waitsFor = {});
    // A run whose weights this one may begin with, its version, and the long side of the pictures that it looks at in pixels. Empty: there is none.
    void offerStart(const std::string& run, const std::string& version, int longSide);
    void beginWith(const std::string& run); // chooses that; it was offered
    services::TrainRequest request() const;
    bool canStart() const;

signals:
    void startRequested();
    void closeRequested();
    void linkRequested(const QString& link); // "gather?set=none", ...

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    static constexpr int kDefaultMinutes = 15, kDefaultEpochs = 24;
    // train_wizard_build.cpp
    void setUpSteps(QHBoxLayout* layout);
    QVBoxLayout* addStepPage(const QString& title);
    QHBoxLayout* makeLengthRow();
    QWidget* makeStartRow();
    bool beginsWithVersion() const;
    QString startText() const;
    void setUpData();
    void setUpRecipe();
    void setUpCheck();
    void setUpConsequences(QHBoxLayout* layout);
    void setUpFooter(QVBoxLayout* layout);
    void goTo(int step);
    std::vector<services::DataFinding> allFindings() const;
    void showFindings();
    void showSteps();
    QString lengthText() const;
    QString epochsText(int epochs) const;
    bool isDefault() const;
    void updateConsequences();
    struct Estimate {
        double low = 0, middle = 0, high = 0; // minutes
        int epochs = 0;
        bool measured = false;
    };
    Estimate estimate() const;
    QHBoxLayout* makeSizeRow();
    int longSide() const; // of the network's picture, pixels: what was chosen, else what fits the objects

    services::ProjectSession& m_session;
    std::optional<services::DataCheck> m_check;
    std::optional<double> m_rate; // pictures of the usual size per second
    QString m_problem, m_whyBusy, m_waitsFor;
    int m_step = 0;
    std::string m_startRun; // offered; empty: none
    QString m_startVersion;
    int m_startSide = 0;

    WizardSteps* m_steps;
    QStackedWidget* m_pages;
    QVBoxLayout* m_findings;
    QVBoxLayout* m_warnings; // those findings that need a look
    QVBoxLayout* m_summary;
    RecipeCard* m_recipe;
    EstimateBar* m_estimate;
    SplitBar* m_split;
    QWidget* m_startRow;
    style::SegmentedControl* m_startFrom;
    style::SegmentedControl* m_lengthKind;
    QSpinBox* m_minutes;
    QSpinBox* m_epochs;
    QComboBox* m_size;
    style::PlainLabel* m_sizeHint;
    QSpinBox* m_seed;
    style::PlainLabel* m_seedHint;
    style::PlainLabel* m_defaults;
    QTimer* m_clock; // for when it will be ready
    style::PlainLabel* m_figure;
    style::PlainLabel* m_figureSource;
    QVBoxLayout* m_facts;
    QPushButton* m_back;
    QPushButton* m_next;
    QPushButton* m_start;
};

}
