#include "app/studio/frame/choosers.h"
#include "app/studio/gather/export_dialog.h"
#include "app/studio/gather/gather_page.h"
#include "app/studio/gather/import_report.h"
#include "widgets/style/widgets.h"

#include <QDesktopServices>
#include <QDir>
#include <QUrl>

namespace percept::studio {

bool GatherPage::acceptDrop(const std::vector<std::filesystem::path>& files)
{
    if (!files.empty())
        importFiles(files);
    return !files.empty();
}

// One after another, each a step of the history; the report at the end is about all of them.
void GatherPage::importFiles(std::vector<std::filesystem::path> files)
{
    m_waiting.insert(m_waiting.end(), std::make_move_iterator(files.begin()), std::make_move_iterator(files.end()));
    if (!m_importing) {
        m_sum = {};
        m_report->hide();
        importNext();
    }
}

void GatherPage::importNext()
{
    services::ProjectSession* session = context().session();
    if (!session || m_waiting.empty())
        return;
    m_importing = true;
    services::ImportRequest request;
    request.path = m_waiting.front();
    m_waiting.erase(m_waiting.begin());
    const QString what = toQString(request.path.filename());
    context().jobs().start<services::ImportReport>(
        { tr("Import"), QStringLiteral("gather"), QString() }, this,
        [session, request](const base::ProgressFn& progress, const base::CancelToken& cancel) {
            return services::importData(*session, request, progress, cancel);
        },
        [this, what](base::Result<services::ImportReport> result) { importEnded(what, std::move(result)); });
}

void GatherPage::importEnded(const QString& what, base::Result<services::ImportReport> result)
{
    m_importing = false;
    if (result.hasError()) {
        m_waiting.clear();
        const bool cameIn = m_sum.totals.items > 0; // before this one
        if (result.error().code == base::ErrorCode::Cancelled && cameIn)
            m_report->showReport(m_sum);
        if (result.error().code == base::ErrorCode::Cancelled)
            context().showToast(cameIn ? tr("Import cancelled; what had come in before stays") : tr("Import cancelled, nothing came in"));
        else
            m_report->showFailure(what, QString::fromStdString(result.error().message));
        return;
    }
    auto& sum = m_sum.totals;
    const auto& one = result->totals;
    sum.items += one.items, sum.newItems += one.newItems, sum.annotations += one.annotations;
    sum.duplicateBoxes += one.duplicateBoxes, sum.emptyAreaBoxes += one.emptyAreaBoxes;
    for (const std::string& note : result->notes)
        if (std::find(m_sum.notes.begin(), m_sum.notes.end(), note) == m_sum.notes.end())
            m_sum.notes.push_back(note);
    m_sum.problems.insert(m_sum.problems.end(), result->problems.begin(), result->problems.end());
    if (!m_waiting.empty())
        return importNext();
    m_report->showReport(m_sum);
}

void GatherPage::addFolder()
{
    const QString chosen = context().chooseFolder(this, QStringLiteral("import"), tr("Folder of pictures or an annotated set"), QDir::homePath());
    if (!chosen.isEmpty())
        importFiles({ toPath(chosen) });
}

void GatherPage::addFiles()
{
    std::vector<std::filesystem::path> files;
    for (const QString& file : context().chooseFiles(this, QStringLiteral("import"), tr("Pictures or label files"), QDir::homePath(), importFileFilter()))
        files.push_back(toPath(file));
    if (!files.empty())
        importFiles(std::move(files));
}

void GatherPage::openExport()
{
    services::ProjectSession* session = context().session();
    if (!session)
        return;
    ExportDialog dialog(context(), selected(), filter(), this);
    if (dialog.exec() != QDialog::Accepted)
        return;
    const QString target = dialog.target();
    context().jobs().start<services::ExportReport>(
        { tr("Export"), QStringLiteral("gather"), QString() }, this,
        [session, out = toPath(target), format = dialog.format().toStdString(), scope = dialog.scope()](const base::ProgressFn& progress, const base::CancelToken& cancel) -> base::Result<services::ExportReport> {
            PERCEPT_ASSIGN(reader, session->openReader());
            return services::exportData(*reader, out, format, progress, cancel, scope);
        },
        [this, target](base::Result<services::ExportReport> result) {
            if (result.hasError()) {
                if (result.error().code != base::ErrorCode::Cancelled)
                    context().reportError(tr("The export failed"), result.error());
                return;
            }
            const QString what = tr("%1 with %2").arg(style::counted(result->items, tr("picture"), tr("pictures")), style::counted(result->annotations, tr("box"), tr("boxes")));
            std::erase_if(result->problems, [](const services::Problem& problem) { return problem.file.empty(); }); // said before: not done
            if (result->problems.empty())
                context().showToast(tr("Exported %1, read back and equal").arg(what), tr("Show"), [target] { QDesktopServices::openUrl(QUrl::fromLocalFile(target)); });
            else
                context().reportError(tr("Exported %1, but %2 not").arg(what, style::counted(static_cast<qint64>(result->problems.size()), tr("file"), tr("files"))),
                    base::failed(result->problems.front().file + ": " + result->problems.front().what));
        });
}

}
