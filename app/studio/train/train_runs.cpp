// TrainPage: what is done with runs beside training them, and the run that waits its turn.
#include "app/studio/background.h"
#include "app/studio/frame/commands.h"
#include "app/studio/train/run_view.h"
#include "app/studio/train/train_page.h"
#include "app/studio/train/train_wizard.h"
#include "app/studio/train/training_controller.h"
#include "core/services/run_commands.h"
#include "widgets/style/widgets.h"

#include <QAction>
#include <QListView>
#include <QLocale>
#include <QStackedWidget>
#include <algorithm>

namespace percept::studio {

void TrainPage::setUpCommands()
{
    const auto add = [this](const QString& text, const QKeySequence& key, auto slot) {
        auto* action = new QAction(text, this);
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetShortcut); // of the list
        connect(action, &QAction::triggered, this, slot);
        m_commands << action;
        return action;
    };
    add(tr("New training run"), {}, &TrainPage::openWizard);
    m_rename = add(tr("Name this run…"), QKeySequence(Qt::Key_F2), [this] { m_view->edit(/*note=*/false); });
    m_writeNote = add(tr("Write a note on this run…"), {}, [this] { m_view->edit(/*note=*/true); });
    m_delete = add(tr("Delete this run"), QKeySequence(Qt::Key_Delete), &TrainPage::deleteRun);
    add(tr("Empty the trash of runs…"), {}, &TrainPage::emptyTrash);
    m_list->addActions({ m_rename, m_writeNote, m_delete });
    m_list->setContextMenuPolicy(Qt::ActionsContextMenu);
    updateRunCommands();
}

void TrainPage::updateRunCommands()
{
    if (!m_delete)
        return; // still being set up
    const bool any = m_view && m_list->currentIndex().isValid();
    for (QAction* action : { m_rename, m_writeNote, m_delete })
        setCommandEnabled(*action, any, m_model.rowCount() > 0 ? tr("choose a run first") : tr("there are no runs yet"));
}

void TrainPage::keepWords(const QString& run, const QString& name, const QString& note)
{
    const runs::RunInfo* before = m_model.find(run);
    if (!before)
        return;
    const int number = run.mid(1).toInt();
    const QString title = name.toStdString() == before->name ? tr("Wrote a note on run %1").arg(number) : tr("Named run %1").arg(number);
    context().apply({ dataset::EditRun { .run = run.toStdString(), .name = name.toStdString(), .note = note.toStdString() } }, title,
        [this](const base::Result<dataset::Committed>& done) {
            if (done.hasError())
                context().reportError(tr("The run's name and note were not kept"), done.error());
        });
}

// Into the trash, from where undo brings it back.
void TrainPage::deleteRun()
{
    const QString run = m_list->currentIndex().data(RunListModel::IdRole).toString();
    if (run.isEmpty())
        return;
    const auto fail = [this, run](const base::Error& error) { context().reportError(tr("%1 was not deleted").arg(m_model.titleOf(run)), error); };
    if (m_controller->isBusy() && m_controller->currentRun() == run)
        return fail(base::refused(tr("It is being trained or scored. Wait for its end, or stop it first.").toStdString()));
    if (m_controller->queuedRun() == run)
        m_controller->dequeue();
    using Edit = base::Result<dataset::Edit>;
    context().readInBackground<std::shared_ptr<Edit>>(
        this, [id = run.toStdString()](dataset::ProjectReader& reader) { return std::make_shared<Edit>(services::trashRun(reader, id)); },
        [this, fail, title = tr("Deleted run %1").arg(run.mid(1).toInt())](const std::shared_ptr<Edit>& edit) {
            if (edit->hasError())
                return fail(edit->error());
            context().apply({ edit->value() }, title, [this, fail, title](const base::Result<dataset::Committed>& done) {
                if (done.hasError())
                    fail(done.error());
                else
                    context().showUndoToast(title);
            });
        });
}

void TrainPage::emptyTrash()
{
    if (!context().session())
        return;
    using Trashed = base::Result<services::TrashedRuns>;
    context().readInBackground<std::shared_ptr<Trashed>>(
        this, [](dataset::ProjectReader& reader) { return std::make_shared<Trashed>(services::readTrashedRuns(reader)); },
        [this](const std::shared_ptr<Trashed>& trashed) {
            if (trashed->hasError())
                context().reportError(tr("The trash could not be read"), trashed->error());
            else if ((*trashed)->runs == 0)
                context().showToast(tr("No run is in the trash"));
            else
                removeTrashed(trashed->value());
        });
}

void TrainPage::removeTrashed(const services::TrashedRuns& trashed)
{
    const QString runs = style::counted(trashed.runs, tr("run"), tr("runs"));
    const QString size = QLocale(QLocale::English).formattedDataSize(static_cast<qint64>(trashed.bytes), 0, QLocale::DataSizeSIFormat);
    if (!context().choosers().confirm(this, tr("Delete %1 for good?").arg(runs),
            tr("Weights, curves and scores of %1 that you deleted go, %2 on disk. Nothing brings them back. Packaged models and their runs stay.").arg(runs, size),
            tr("Delete for good")))
        return;
    auto* session = context().session();
    context().jobs().start<services::TrashedRuns>(
        { tr("Emptying the trash"), QStringLiteral("train"), {} }, this,
        [session](const base::ProgressFn&, const base::CancelToken&) { return services::removeTrashedRuns(*session); },
        [this, runs, size](const base::Result<services::TrashedRuns>& done) {
            if (done.hasError())
                context().reportError(tr("The trash was not emptied"), done.error());
            else
                context().showToast(tr("%1 deleted for good, %2 freed").arg(runs, size));
        });
}

// One run may wait; the list, the wizard and the dashboard say so.
void TrainPage::followQueue()
{
    m_model.setWaiting(m_controller->queuedRun());
    refreshRuns();
    if (m_stack->currentWidget() == m_wizard)
        prepareWizard();
}

// The data or what else is busy may have changed.
void TrainPage::prepareWizard()
{
    const QString run = m_controller->currentRun();
    QString busy, waits;
    if (m_controller->isBusy() && run.isEmpty())
        busy = tr("Another run is being prepared; cancel it or wait for it first.");
    else if (m_controller->canEnqueue())
        waits = tr("%1 is still training: this one is prepared now, from the data as it is, and starts when that is through.").arg(m_model.titleOf(run));
    else if (m_controller->isBusy())
        busy = m_controller->isQueueing() ? tr("A run that waits its turn is being prepared.")
                                          : tr("%1 is still training and %2 waits its turn; one can wait at a time.").arg(m_model.titleOf(run), m_model.titleOf(m_controller->queuedRun()));
    const auto newest = std::find_if(m_model.runs().begin(), m_model.runs().end(), [](const runs::RunInfo& r) { return !r.modelVersion.empty() && r.hasModel; });
    newest != m_model.runs().end() ? m_wizard->offerStart(newest->id, newest->modelVersion, newest->config.longSide) : m_wizard->offerStart({}, {}, 0);
    m_wizard->prepare(measuredRate(), busy, waits);
}

}
