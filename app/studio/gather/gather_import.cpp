#include "app/studio/frame/choosers.h"
#include "app/studio/frame/files_in_hand.h"
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

// Loose pictures are one step of the history, each folder and annotation file is one of its own; the report at the end is about all.
void GatherPage::importFiles(std::vector<std::filesystem::path> files)
{
    services::ImportRequest loose;
    for (std::filesystem::path& file : files) {
        if (looksLikePicture(file) && std::filesystem::is_regular_file(file))
            loose.files.push_back(std::move(file));
        else
            m_waiting.emplace_back().path = std::move(file);
    }
    if (!loose.files.empty()) {
        loose.path = loose.files.front().parent_path();
        m_waiting.push_back(std::move(loose));
    }
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
    services::ImportRequest request = std::move(m_waiting.front());
    m_waiting.erase(m_waiting.begin());
    const std::filesystem::path& named = request.files.size() == 1 ? request.files.front() : request.path;
    const QString what = toQString((named.has_filename() ? named : named.parent_path()).filename());
    context().jobs().start<services::ImportReport>(
        { tr("Import"), QStringLiteral("gather"), QString() }, this,
        [session, request = std::move(request)](const base::ProgressFn& progress, const base::CancelToken& cancel) {
            return services::importData(*session, request, progress, cancel);
        },
        [this, what, number = m_projects](base::Result<services::ImportReport> result) {
            if (number == m_projects)
                importEnded(what, std::move(result));
        });
}

// What waits for this project must not come into the next one.
void GatherPage::closeProject()
{
    ++m_projects;
    m_importing = false;
    m_waiting.clear();
    m_sum = {};
    m_tornGroups.clear();
    m_torn->hide();
}

void GatherPage::importEnded(const QString& what, base::Result<services::ImportReport> result)
{
    m_importing = false;
    if (result.hasError())
        return importFailed(what, result.error());
    auto& sum = m_sum.totals;
    const auto& one = result->totals;
    sum.items += one.items, sum.newItems += one.newItems, sum.annotations += one.annotations;
    sum.duplicateBoxes += one.duplicateBoxes, sum.repeatedBoxes += one.repeatedBoxes, sum.emptyAreaBoxes += one.emptyAreaBoxes;
    for (const std::string& note : result->notes)
        if (std::find(m_sum.notes.begin(), m_sum.notes.end(), note) == m_sum.notes.end())
            m_sum.notes.push_back(note);
    m_sum.problems.insert(m_sum.problems.end(), result->problems.begin(), result->problems.end());
    m_sum.numProblems += result->numProblems;
    m_waiting.empty() ? showImportReport() : importNext();
}

// One that cannot be read does not keep the others out.
void GatherPage::importFailed(const QString& what, const base::Error& error)
{
    const bool cameIn = m_sum.totals.items > 0; // before this one
    if (error.code == base::ErrorCode::Cancelled) {
        m_waiting.clear();
        if (cameIn)
            showImportReport();
        return context().showToast(cameIn ? tr("Import cancelled; what had come in before stays") : tr("Import cancelled, nothing came in"));
    }
    m_sum.problems.push_back({ what.toStdString(), error.message });
    ++m_sum.numProblems;
    m_waiting.empty() ? showImportReport() : importNext();
}

void GatherPage::showImportReport()
{
    if (m_sum.totals.items == 0 && m_sum.problems.size() == 1)
        return m_report->showFailure(QString::fromStdString(m_sum.problems.front().file), QString::fromStdString(m_sum.problems.front().what));
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
