// ValidatePage: which run and set, scoring, and what can be done with the model.
#include "app/studio/validate/validate_page.h"

#include "app/studio/background.h"
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

QString whyNotTried() { return ValidatePage::tr("A model can be tried once it was checked and scored"); }

}

QList<KeyHelp> ValidatePage::keys() const
{
    return { { QStringLiteral("Enter"), tr("open the mistake on the canvas") }, { QStringLiteral("arrows"), tr("walk mistakes, cells, the threshold") } };
}

QString ValidatePage::currentRun() const { return m_runBox->currentData().toString(); }

domain::SplitSet ValidatePage::currentSet() const { return m_setChoice->current() == 0 ? domain::SplitSet::Validation : domain::SplitSet::Test; }

void ValidatePage::refreshRuns()
{
    if (!context().session())
        return;
    const QString before = currentRun();
    QHash<QString, QString> versionOf;
    if (const auto versions = context().session()->reader().readModelVersions(); versions.hasValue())
        for (const auto& version : versions.value())
            versionOf[qs(version.run)] = qs(version.version);
    {
        const QSignalBlocker blocker(m_runBox);
        m_runBox->clear();
        for (const auto& run : runs::readAllRuns(context().session()->folder())) {
            if (!run.hasModel)
                continue;
            const QString id = qs(run.id);
            const QString number = tr("run %1").arg(id.mid(1).toInt());
            m_runBox->addItem(versionOf.contains(id) ? tr("Model %1, %2").arg(versionOf[id], number) : tr("Draft of %1").arg(number), id);
        }
        const int at = m_runBox->findData(before);
        m_runBox->setCurrentIndex(at >= 0 ? at : (m_runBox->count() > 0 ? 0 : -1));
    }
    if (currentRun() != before || !m_scored)
        load();
}

void ValidatePage::showRun(const QString& run)
{
    refreshRuns();
    if (const int at = m_runBox->findData(run); at >= 0)
        m_runBox->setCurrentIndex(at);
}

void ValidatePage::activated()
{
    refreshRuns();
    m_gallery->setFocus();
}

void ValidatePage::load()
{
    const int number = ++m_loads; // an answer that is still under way speaks of another choice
    const bool any = !currentRun().isEmpty();
    for (QWidget* widget : { static_cast<QWidget*>(m_runBox), static_cast<QWidget*>(m_setChoice), static_cast<QWidget*>(m_tryButton), static_cast<QWidget*>(m_packageButton), static_cast<QWidget*>(m_saveButton) })
        widget->setVisible(any);
    for (QAction* command : m_commands)
        command->setEnabled(any);
    m_setHint->setText(!any ? QString() : currentSet() == domain::SplitSet::Validation ? tr("Thresholds are chosen here, reported on test") : tr("Locked: no thresholds are chosen here"));
    if (!any || !context().session()) {
        m_scored.reset();
        m_empty->setSentence(tr("No model yet. Train one, then see here how good it is and where it fails."));
        m_emptyAction->setText(tr("Train a model"));
        m_emptyAction->setEnabled(true);
        m_stack->setCurrentIndex(0);
        return;
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
    if (model.scored.hasValue()) {
        m_scored = std::make_shared<ScoredRun>(std::move(model.scored).value());
        showScored();
    } else {
        m_scored.reset();
        showWhyNotScored(model.scored.error());
    }
    if (!m_tryButton->isChecked())
        m_stack->setCurrentIndex(m_scored ? 1 : 0);
}

void ValidatePage::showWhyNotScored(const base::Error& error)
{
    const bool isScoring = m_scoring && m_scoring->isRunning();
    m_emptyAction->setEnabled(!isScoring);
    m_emptyAction->setText(m_isChecked ? tr("Score it now") : tr("Check and score it"));
    if (isScoring)
        m_empty->setSentence(tr("Scoring: the model answers every picture of the set."));
    else if (error.code == base::ErrorCode::NotFound)
        m_empty->setSentence(tr("This model was not scored on the %1 set yet.").arg(currentSet() == domain::SplitSet::Test ? tr("test") : tr("validation")));
    else if (error.code == base::ErrorCode::Failed && !m_isChecked)
        m_empty->setSentence(tr("This model was trained, but not checked and scored yet."));
    else
        m_empty->setSentence(qs(error.message));
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
    if (currentRun().isEmpty() || !context().session() || (m_scoring && m_scoring->isRunning()))
        return;
    m_scoring = context().jobs().start<void>(
        { tr("Scoring"), QStringLiteral("validate"), {} }, this,
        [project = context().session()->folder(), run = currentRun().toStdString(), set = currentSet()](const base::ProgressFn& progress, const base::CancelToken& cancel) {
            return checkAndScore(project, run, set, progress, cancel);
        },
        [this](base::Result<void> done) {
            if (done.hasError() && done.error().code != base::ErrorCode::Cancelled)
                context().reportError(tr("The model could not be scored"), done.error());
            load();
        });
    if (!m_scored)
        load();
}

void ValidatePage::saveThresholds()
{
    if (!m_scored || currentSet() != domain::SplitSet::Validation)
        return;
    const std::vector<double> thresholds = m_thresholds->thresholds(), before = m_scored->thresholds;
    const auto project = context().session()->folder();
    runInBackground(
        this, [project, run = m_scored->run, thresholds] { return services::writeThresholds(project, run, thresholds); },
        [this, thresholds, before, project, run = m_scored->run](const base::Result<void>& done) {
            if (done.hasError())
                return context().reportError(tr("The thresholds could not be stored"), done.error());
            load();
            context().showToast(tr("Thresholds stored with the model"), tr("Undo"), [this, before, project, run] {
                if (const auto undone = services::writeThresholds(project, run, before); undone.hasError())
                    context().reportError(tr("The thresholds could not be stored"), undone.error());
                load();
            });
        });
}

void ValidatePage::packageModel()
{
    if (currentRun().isEmpty() || !context().session())
        return;
    const std::string run = currentRun().toStdString();
    auto* session = context().session();
    context().jobs().start<services::PackageReport>(
        { tr("Packaging"), QStringLiteral("validate"), {} }, this,
        [session, run](const base::ProgressFn& progress, const base::CancelToken& cancel) { return services::packageRun(*session, run, {}, progress, cancel); },
        [this](base::Result<services::PackageReport> done) {
            if (done.hasError()) {
                if (done.error().code != base::ErrorCode::Cancelled)
                    context().reportError(tr("The model was not packaged"), done.error());
                return;
            }
            Q_EMIT context().runsChanged();
            context().showToast(tr("Model %1 is packaged: %2").arg(qs(done->version), toQString(done->file)), tr("Report"), [this] { context().showPage(QStringLiteral("report")); });
            refreshRuns();
        });
}

void ValidatePage::openMistake(const QModelIndex& index)
{
    if (!index.isValid() || !context().session())
        return;
    const auto& image = m_mistakes.imageOf(index.row());
    const auto& mistake = m_mistakes.at(index.row());
    ItemTarget target { { image.item } };
    if (mistake.truth >= 0)
        target.annotation = annotationOf(image, static_cast<std::size_t>(mistake.truth));
    if (mistake.detection >= 0) {
        const domain::Detection& said = image.detections[static_cast<std::size_t>(mistake.detection)];
        target.answer = ItemTarget::Answer { m_scored->labelIds[static_cast<std::size_t>(said.label)], said.box, said.score };
    }
    context().openItem(target);
}

// The object that the mistake is about, unless it was changed since the model was scored.
AnnotationId ValidatePage::annotationOf(const evaluation::EvaluationImage& image, std::size_t truth) const
{
    const auto& wanted = image.truths[truth];
    const LabelId label = m_scored->labelIds[static_cast<std::size_t>(wanted.label)];
    for (const auto& annotation : context().session()->reader().readAnnotations({ image.item }).valueOr({}))
        if (annotation.label == label && annotation.box == wanted.box)
            return annotation.id;
    return {};
}

void ValidatePage::chooseFiles()
{
    const QStringList names = context().chooseFiles(this, QStringLiteral("try"), tr("Try the model on pictures"), QDir::homePath(), tr("Pictures (*.jpg *.jpeg *.png *.webp *.tif *.tiff *.bmp)"));
    std::vector<std::filesystem::path> files;
    for (const QString& name : names)
        files.push_back(toPath(name));
    if (!files.empty())
        acceptDrop(files);
}

bool ValidatePage::acceptDrop(const std::vector<std::filesystem::path>& files)
{
    // Pictures dropped here are tried; a folder or an annotated set is data and goes to Gather.
    if (currentRun().isEmpty() || std::any_of(files.begin(), files.end(), [](const auto& file) { return !std::filesystem::is_regular_file(file); }))
        return false;
    if (!m_isChecked) {
        context().showToast(whyNotTried());
        return true;
    }
    m_tryButton->setChecked(true);
    m_try->tryFiles(files);
    return true;
}

}
