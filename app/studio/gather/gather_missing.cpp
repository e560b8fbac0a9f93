// Pictures that are not where they were, and how they are found again.
#include "app/studio/background.h"
#include "app/studio/frame/thumbnails.h"
#include "app/studio/gather/gather_page.h"
#include "widgets/style/widgets.h"

#include <QFileInfo>

namespace percept::studio {
namespace {

QString pictures(qint64 n) { return style::counted(n, GatherPage::tr("picture"), GatherPage::tr("pictures")); }

}

// Each file is asked for once, beside everything else: on a reader of its own.
void GatherPage::lookForMissing()
{
    using Missing = base::Result<services::MissingMedia>;
    const std::filesystem::path project = context().session()->folder();
    runInBackground(
        this,
        [project]() -> Missing {
            PERCEPT_ASSIGN(reader, dataset::ProjectReader::open(project));
            return services::findMissingMedia(*reader);
        },
        [this, project](const Missing& missing) {
            if (missing.hasValue() && context().session() && context().session()->folder() == project)
                showMissing(*missing);
        });
}

void GatherPage::showMissing(const services::MissingMedia& missing)
{
    m_missingFolder = toQString(missing.folder);
    m_missing->setVisible(!missing.items.empty());
    if (!missing.items.empty())
        m_missing->setText(tr("%1 not where they were: %2. The labels are kept.")
                               .arg(style::counted(static_cast<qint64>(missing.items.size()), tr("picture is"), tr("pictures are")), m_missingFolder));
}

void GatherPage::findFolder()
{
    services::ProjectSession* session = context().session();
    const QString chosen = session ? context().chooseFolder(this, QStringLiteral("missing"), tr("Where do the pictures of %1 lie now?").arg(QFileInfo(m_missingFolder).fileName()),
                                         QFileInfo(m_missingFolder).absolutePath())
                                   : QString();
    if (chosen.isEmpty())
        return;
    context().jobs().start<services::RelinkReport>(
        { tr("Finding pictures"), QStringLiteral("gather"), QString() }, this,
        [session, folder = toPath(chosen)](const base::ProgressFn& progress, const base::CancelToken& cancel) {
            return services::relinkMedia(*session, folder, progress, cancel);
        },
        [this, chosen](base::Result<services::RelinkReport> report) { foundAgain(chosen, std::move(report)); });
}

void GatherPage::foundAgain(const QString& folder, base::Result<services::RelinkReport> report)
{
    if (report.hasError()) {
        if (report.error().code != base::ErrorCode::Cancelled)
            context().reportError(tr("The pictures were not found"), report.error());
        return;
    }
    if (report->found > 0) {
        context().showToast(tr("Found %1 again").arg(pictures(report->found)), tr("Undo"), [this, before = report->before] { moveFiles(before); });
        filesMoved();
    }
    const qint64 left = report->missing - report->found;
    m_missing->setVisible(left > 0);
    if (left == 0)
        return;
    QString text = tr("%1 not found in %2.").arg(style::counted(left, tr("picture was"), tr("pictures were")), folder);
    if (report->changed > 0)
        text += QLatin1Char(' ') + tr("%1 of that name there, but with other content.").arg(style::counted(report->changed, tr("file is"), tr("files are")));
    m_missing->setText(text);
}

void GatherPage::moveFiles(const std::vector<dataset::ItemFile>& files)
{
    services::ProjectSession* session = context().session();
    if (!session)
        return;
    using Moved = base::Result<std::vector<dataset::ItemFile>>;
    context().jobs().start<std::vector<dataset::ItemFile>>(
        { tr("Taking it back"), QStringLiteral("gather"), QString() }, this,
        [session, files](const base::ProgressFn&, const base::CancelToken&) -> Moved { return services::moveMedia(*session, files); },
        [this](const Moved& moved) {
            if (moved.hasError())
                return context().reportError(tr("The pictures stay where they were found"), moved.error());
            filesMoved();
            lookForMissing();
        });
}

// It is no step of the history, so nobody else says that it happened.
void GatherPage::filesMoved()
{
    context().thumbnails().forgetProblems();
    services::ProjectSession::Notice notice;
    notice.everything = true;
    Q_EMIT context().committed(notice);
}

}
