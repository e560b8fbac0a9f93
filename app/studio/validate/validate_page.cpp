// ValidatePage: which run and set, scoring, and what can be done with the model.
#include "app/studio/validate/validate_page.h"

#include "app/studio/background.h"
#include "app/studio/frame/commands.h"
#include "app/studio/validate/mistakes_gallery.h"
#include "app/studio/validate/threshold_panel.h"
#include "app/studio/validate/try_view.h"
#include "core/runs/run_store.h"
#include "core/services/loop.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QDir>
#include <QPushButton>
#include <QStackedWidget>

namespace percept::studio {

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }

}

QString ValidatePage::whyNotTried() { return tr("A model can be tried once it was checked and scored"); }

QList<KeyHelp> ValidatePage::keys() const
{
    return { { QStringLiteral("Enter"), tr("open the mistake on the canvas") }, { QStringLiteral("arrows"), tr("walk mistakes, cells, the threshold") } };
}

QString ValidatePage::currentRun() const { return m_runBox->currentData().toString(); }

domain::SplitSet ValidatePage::currentSet() const { return m_setChoice->current() == 0 ? domain::SplitSet::Validation : domain::SplitSet::Test; }

namespace {

// What people call it: a version's name belongs to what that version ships.
QString modelTitle(const services::ModelInfo& model)
{
    const QString run = model.name.empty() ? ValidatePage::tr("run %1").arg(qs(model.run).mid(1).toInt()) : qs(model.name);
    if (model.version.empty())
        return ValidatePage::tr("Draft of %1").arg(run);
    return model.isAsPackaged ? ValidatePage::tr("Model %1, %2").arg(qs(model.version), run)
                              : ValidatePage::tr("Draft of %1, not as in %2").arg(run, qs(model.version));
}

}

// Records and packages are read in the background; until then the page says nothing.
void ValidatePage::refreshRuns()
{
    if (!context().session())
        return;
    using Models = base::Result<std::vector<services::ModelInfo>>;
    context().readInBackground<std::shared_ptr<Models>>(
        this, [](dataset::ProjectReader& reader) { return std::make_shared<Models>(services::listModels(reader)); },
        [this, number = ++m_listings](std::shared_ptr<Models> models) {
            if (number != m_listings || !context().session())
                return;
            if (models->hasError())
                return context().reportError(tr("The models could not be listed"), models->error());
            showModels(models->value());
        });
    refreshThresholds();
}

void ValidatePage::showModels(const std::vector<services::ModelInfo>& models)
{
    const QString before = currentRun(), wanted = m_wanted.isEmpty() ? before : m_wanted;
    {
        const QSignalBlocker blocker(m_runBox);
        m_runBox->clear();
        for (const auto& model : models)
            m_runBox->addItem(modelTitle(model), qs(model.run));
        const int at = m_runBox->findData(wanted);
        m_runBox->setCurrentIndex(at >= 0 ? at : (m_runBox->count() > 0 ? 0 : -1));
    }
    m_wanted.clear();
    m_isListed = true;
    if (currentRun() != before || !m_scored)
        load();
}

void ValidatePage::showRun(const QString& run)
{
    m_wanted = run;
    m_place.reset(); // somebody comes for this one
    refreshRuns();
}

void ValidatePage::activated()
{
    refreshRuns();
    m_gallery->setFocus();
}

void ValidatePage::load()
{
    if (!m_isListed)
        return;
    const int number = ++m_loads; // an answer that is still under way speaks of another choice
    m_isScored = false;
    const bool any = !currentRun().isEmpty();
    for (QWidget* widget : { static_cast<QWidget*>(m_runBox), static_cast<QWidget*>(m_setChoice), static_cast<QWidget*>(m_tryButton), static_cast<QWidget*>(m_packageButton) })
        widget->setVisible(any);
    m_setHint->setText(!any ? QString() : currentSet() == domain::SplitSet::Validation ? tr("Thresholds are chosen here, reported on test") : tr("Locked: no thresholds are chosen here"));
    updateActions();
    if (!any || !context().session()) {
        m_scored.reset();
        setStatus({});
        m_empty->setSentence(tr("No model yet. Train one, then see here how good it is and where it fails."));
        m_emptyAction->setText(tr("Train a model"));
        m_emptyAction->setEnabled(true);
        m_stack->setCurrentIndex(0);
        return updateActions();
    }
    m_try->setModel(runs::runFolder(context().session()->folder(), currentRun().toStdString()) / "model");
    runInBackground(
        this,
        [project = context().session()->folder(), run = currentRun().toStdString(), set = currentSet(), cost = m_thresholds->missCost()] {
            return readModelOnSet(project, run, set, cost);
        },
        [this, number](ModelOnSet model) {
            if (number == m_loads)
                take(std::move(model));
        });
}

void ValidatePage::take(ModelOnSet model)
{
    m_isChecked = model.isChecked;
    m_try->setColors(colorsOf(model.labelIds));
    m_tryButton->setEnabled(m_isChecked);
    style::setTip(m_tryButton, m_isChecked ? tr("Drop pictures and see what the model answers") : whyNotTried());
    if (!m_isChecked)
        m_tryButton->setChecked(false);
    m_isScored = model.scored.hasValue();
    if (m_isScored) {
        m_scored = std::make_shared<ScoredRun>(std::move(model.scored).value());
        showScored();
        takePlace();
    } else {
        m_scored.reset();
        m_place.reset();
        showWhyNotScored(model.scored.error());
    }
    updateActions();
    if (!m_tryButton->isChecked())
        m_stack->setCurrentIndex(m_scored ? 1 : 0);
}

QString ValidatePage::nameOfSet() const { return currentSet() == domain::SplitSet::Test ? tr("test") : tr("validation"); }

// Nothing of what was seen before counts here.
void ValidatePage::showWhyNotScored(const base::Error& error)
{
    setStatus({ tr("Not scored on the %1 set").arg(nameOfSet()) });
    m_emptyAction->setText(m_isChecked ? tr("Score it now") : tr("Check and score it"));
    if (context().scoringRuns().contains(currentRun()))
        m_empty->setSentence(tr("Being scored: the model answers every picture of the set. The result appears here."));
    else if (error.code == base::ErrorCode::NotFound)
        m_empty->setSentence(tr("This model was not scored on the %1 set yet: there is nothing to count. Score it, and it answers every picture of the set once.").arg(nameOfSet()));
    else if (error.code == base::ErrorCode::Failed && !m_isChecked)
        m_empty->setSentence(tr("This model was trained, but not checked and scored yet."));
    else
        m_empty->setSentence(qs(error.message));
}

bool ValidatePage::isAdjustable() const { return m_isScored && currentSet() == domain::SplitSet::Validation; }

// What can be done with the model that is chosen. What is greyed says why.
void ValidatePage::updateActions()
{
    const bool any = !currentRun().isEmpty(), isScoring = !context().scoringRuns().isEmpty();
    const bool changed = isAdjustable() && m_thresholds->thresholds() != m_scored->thresholds;
    if (!changed && m_saveButton->hasFocus())
        m_thresholds->takeFocus(); // or the focus would go to whatever comes next
    if (context().isPackaging() && m_packageButton->hasFocus())
        m_gallery->setFocus();
    m_packageButton->setEnabled(any && !context().isPackaging());
    style::setTip(m_packageButton, context().isPackaging() ? tr("A model is being packaged; one at a time") : QString());
    m_saveButton->setVisible(any && m_scored && currentSet() == domain::SplitSet::Validation);
    m_saveButton->setEnabled(changed);
    style::setTip(m_saveButton, changed ? tr("The model will answer at these thresholds") : tr("These are the model's thresholds already"));
    enableCommands(changed);
    m_emptyAction->setEnabled(!any || !isScoring);
    style::setTip(m_emptyAction, any && isScoring ? tr("A model is being scored; one at a time") : QString());
}

// While it is not known what there is, none says why.
void ValidatePage::enableCommands(bool thresholdsChanged)
{
    const bool any = !currentRun().isEmpty(), isScoring = !context().scoringRuns().isEmpty();
    const auto why = [this, any](const QString& otherwise) { return !m_isListed ? QString() : any ? otherwise : tr("there is no model yet"); };
    const QString notHere = currentSet() == domain::SplitSet::Test ? tr("thresholds are chosen on the validation set") : tr("these are the model's thresholds already");
    setCommandEnabled(*m_saveCommand, thresholdsChanged, why(m_isScored ? notHere : QString()));
    setCommandEnabled(*m_packageCommand, any && !context().isPackaging(), why(tr("a model is being packaged; one at a time")));
    setCommandEnabled(*m_tryCommand, any && m_isChecked, why({}));
    setCommandEnabled(*m_scoreCommand, any && !isScoring, why(tr("a model is being scored; one at a time")));
}

namespace {

// A training that ended without us, or whose check was broken off, is checked first.
base::Result<void> checkAndScore(const std::filesystem::path& project, const std::string& run, domain::SplitSet set, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    if (services::readThresholds(project, run).hasError()) {
        PERCEPT_TRY(services::finishRun(project, run, progress, cancel));
        if (set == domain::SplitSet::Validation) // scored by the check
            return {};
    }
    PERCEPT_TRY(services::evaluateRun(project, run, set, progress, cancel));
    return {};
}

}

void ValidatePage::scoreNow()
{
    const QString run = currentRun();
    if (run.isEmpty() || !context().session() || !context().scoringRuns().isEmpty())
        return;
    context().setScoring(run, true);
    context().jobs().start<void>(
        { tr("Scoring"), QStringLiteral("validate"), {} }, this,
        [project = context().session()->folder(), run = run.toStdString(), set = currentSet()](const base::ProgressFn& progress, const base::CancelToken& cancel) {
            return checkAndScore(project, run, set, progress, cancel);
        },
        [this, run](base::Result<void> done) {
            if (done.hasError() && done.error().code != base::ErrorCode::Cancelled)
                context().reportError(tr("The model could not be scored"), done.error());
            context().setScoring(run, false);
        });
}

}
