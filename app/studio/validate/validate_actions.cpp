// ValidatePage: what can be done with the model that is looked at.
#include "app/studio/background.h"
#include "app/studio/validate/threshold_panel.h"
#include "app/studio/validate/try_view.h"
#include "app/studio/validate/validate_page.h"
#include "core/services/loop.h"

#include <QComboBox>
#include <QDir>
#include <QPushButton>

namespace percept::studio {

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }

}

// A step of the history, so that undo takes it back; the model's folder follows it.
void ValidatePage::saveThresholds()
{
    if (!isAdjustable() || m_thresholds->thresholds() == m_scored->thresholds)
        return;
    runInBackground(
        this, [project = context().session()->folder(), run = m_scored->run, thresholds = m_thresholds->thresholds()] { return services::chooseThresholds(project, run, thresholds); },
        [this, title = tr("Changed the thresholds of run %1").arg(currentRun().mid(1).toInt())](const base::Result<dataset::Edit>& edit) {
            const auto fail = [this](const base::Error& error) { context().reportError(tr("The thresholds could not be stored"), error); };
            if (edit.hasError())
                return fail(edit.error());
            context().apply({ edit.value() }, title, [this, fail, title](const base::Result<dataset::Committed>& done) {
                if (done.hasError())
                    fail(done.error());
                else
                    context().showUndoToast(title);
            });
        });
}

// They change when they are stored, undone or redone, here or elsewhere.
void ValidatePage::refreshThresholds()
{
    if (!m_scored || !context().session())
        return;
    runInBackground(
        this, [project = context().session()->folder(), run = m_scored->run] { return services::readThresholds(project, run); },
        [this, number = m_loads](const base::Result<std::vector<double>>& stored) {
            if (number != m_loads || !m_scored || stored.hasError() || stored.value() == m_scored->thresholds)
                return;
            m_scored->thresholds = stored.value();
            m_thresholds->setThresholds(stored.value());
            applyThresholds();
        });
}

void ValidatePage::packageModel()
{
    if (currentRun().isEmpty() || !context().session() || context().isPackaging())
        return;
    const std::string run = currentRun().toStdString();
    auto* session = context().session();
    context().setPackaging(context().jobs().start<services::PackageReport>(
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
        }));
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

// Pictures dropped here are tried; a folder or an annotated set is data and goes to Gather.
DropWords ValidatePage::dropWords(const FilesInHand& files) const
{
    if (currentRun().isEmpty() || !files.isPicturesOnly())
        return {};
    if (!m_isChecked)
        return { tr("This model cannot be tried yet"), whyNotTried() + QLatin1Char('.'), false };
    return { tr("Try the model on %1").arg(wordsFor(files)), tr("What it answers is shown here. Nothing is added to the project.") };
}

bool ValidatePage::acceptDrop(const std::vector<std::filesystem::path>& files)
{
    if (currentRun().isEmpty() || !filesIn(files).isPicturesOnly())
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
