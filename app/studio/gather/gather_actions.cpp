#include "app/studio/frame/commands.h"
#include "app/studio/gather/filter_words.h"
#include "app/studio/gather/gallery_model.h"
#include "app/studio/gather/gallery_view.h"
#include "app/studio/gather/gather_page.h"
#include "widgets/style/widgets.h"

#include <QAction>
#include <QApplication>
#include <QLineEdit>

namespace percept::studio {

void GatherPage::makeActions()
{
    const auto add = [this](const QString& text, const QKeySequence& key, std::function<void()> run) {
        auto* action = new QAction(text, this);
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
        addAction(action);
        m_commands << action;
        return action;
    };
    const auto separator = [this] {
        auto* line = new QAction(this);
        line->setSeparator(true);
        m_commands << line;
    };
    const auto needs = [this](Needs what, QAction* action) { m_needing.emplace_back(what, action); };
    QAction* open = add(tr("Open in Label"), QKeySequence(), [this] { openSelected(); });
    setCommandKeys(*open, QStringLiteral("Enter")); // of the gallery
    needs(Needs::Selection, open);
    add(tr("Find by name"), QKeySequence::Find, [this] { m_search->setFocus(); m_search->selectAll(); });
    needs(Needs::Pictures, add(tr("Select all"), QKeySequence::SelectAll, [this] { m_view->selectAll(); }));
    separator();
    for (const auto set : { domain::SplitSet::Train, domain::SplitSet::Validation, domain::SplitSet::Test, domain::SplitSet::Reserve, domain::SplitSet::None })
        needs(Needs::Selection, add(tr("Move to set: %1").arg(setName(set)), QKeySequence(), [this, set] { moveToSet(set); }));
    for (const auto state : { domain::ItemState::Done, domain::ItemState::ToReview, domain::ItemState::ToDo })
        needs(Needs::Selection, add(tr("Mark: %1").arg(stateName(state)), QKeySequence(), [this, state] { mark(state); }));
    separator();
    needs(Needs::Selection, add(tr("Move to the trash"), QKeySequence(Qt::Key_Delete), [this] { setTrashed(true); }));
    needs(Needs::SelectionInTrash, add(tr("Restore from the trash"), QKeySequence(), [this] { setTrashed(false); }));
    add(tr("Show the trash"), QKeySequence(), [this] {
        dataset::ItemFilter trash;
        trash.inTrash = true;
        applyFilter(trash);
    });
    separator();
    add(tr("Add a folder or annotated set…"), QKeySequence(Qt::CTRL | Qt::Key_I), [this] { addFolder(); });
    add(tr("Add pictures or label files…"), QKeySequence(), [this] { addFiles(); });
    needs(Needs::Data, add(tr("Export…"), QKeySequence(Qt::CTRL | Qt::Key_E), [this] { openExport(); }));
}

// The same in the menu, the palette and the bars; what is not to be had says what is missing.
void GatherPage::enableCommands()
{
    const bool chosen = m_view->selectionModel()->hasSelection(), inTrash = filter().inTrash;
    for (const auto& [what, action] : m_needing) {
        switch (what) {
        case Needs::Selection:
            setCommandEnabled(*action, chosen && !inTrash, inTrash ? tr("not in the trash") : tr("select pictures first"));
            break;
        case Needs::SelectionInTrash:
            setCommandEnabled(*action, chosen && inTrash, inTrash ? tr("select pictures first") : tr("select pictures in the trash first"));
            break;
        case Needs::Pictures:
            setCommandEnabled(*action, m_model->rowCount() > 0, tr("there are no pictures here"));
            break;
        case Needs::Data:
            setCommandEnabled(*action, context().counts().items > 0, tr("there are no pictures yet"));
            break;
        }
    }
    m_export->setEnabled(context().counts().items > 0);
}

// Keys that are no commands.
QList<KeyHelp> GatherPage::keys() const
{
    return { { QStringLiteral("Space"), tr("Tick the picture") }, { QStringLiteral("← ↑ ↓ →"), tr("Walk") },
        { QStringLiteral("Shift ↓"), tr("Extend the selection") }, { QStringLiteral("Esc"), tr("Selection, then filters away") } };
}

void GatherPage::openSelected()
{
    const std::vector<ItemId> items = selected();
    if (items.size() > 1)
        openInLabel(items.front(), style::counted(qint64(items.size()), tr("selected picture"), tr("selected pictures")), items);
    else if (!items.empty())
        openInLabel(items.front());
    else if (m_view->currentIndex().isValid())
        openRow(m_view->currentIndex());
}

void GatherPage::openRow(const QModelIndex& index)
{
    if (!filter().inTrash)
        openInLabel(m_model->itemAt(index.row()));
}

// Whoever filtered for something goes on through that: next on Label is the next one here.
void GatherPage::openInLabel(ItemId item)
{
    if (filter() == dataset::ItemFilter())
        return context().openItem({ item });
    QStringList words;
    for (const FilterPart& part : filterParts(filter(), context()))
        words << part.text;
    openInLabel(item, words.join(QStringLiteral(" · ")), m_model->ids());
}

void GatherPage::openInLabel(ItemId item, const QString& name, const std::vector<ItemId>& items)
{
    ItemTarget target { item };
    target.within = std::make_shared<ItemTarget::Group>(ItemTarget::Group { name, items });
    m_opened = target.within;
    context().openItem(target);
}

void GatherPage::moveToSet(domain::SplitSet set)
{
    const std::vector<ItemId> items = selected();
    if (items.empty() || filter().inTrash)
        return;
    std::vector<dataset::Edit> edits;
    for (const ItemId item : items)
        edits.push_back(dataset::SetItemSet { item, set });
    const QString pictures = style::counted(static_cast<qint64>(items.size()), tr("picture"), tr("pictures"));
    const QString title = set == domain::SplitSet::None ? (items.size() == 1 ? tr("Took %1 out of its set") : tr("Took %1 out of their sets")).arg(pictures) : tr("Moved %1 to %2").arg(pictures, setName(set));
    context().apply(std::move(edits), title, [this, title](const auto& done) {
        if (done.hasValue())
            context().showUndoToast(title);
    });
}

void GatherPage::mark(domain::ItemState state)
{
    const std::vector<ItemId> items = selected();
    if (items.empty() || filter().inTrash)
        return;
    std::vector<dataset::Edit> edits;
    for (const ItemId item : items)
        edits.push_back(dataset::SetItemState { item, state });
    const QString title = tr("Marked %1: %2").arg(style::counted(static_cast<qint64>(items.size()), tr("picture"), tr("pictures")), stateName(state));
    context().apply(std::move(edits), title, [this, title](const auto& done) {
        if (done.hasValue())
            context().showUndoToast(title);
    });
}

void GatherPage::setTrashed(bool trashed)
{
    const std::vector<ItemId> items = selected();
    if (items.empty() || trashed == filter().inTrash)
        return;
    std::vector<dataset::Edit> edits;
    for (const ItemId item : items)
        edits.push_back(dataset::SetItemTrashed { item, trashed });
    const QString pictures = style::counted(static_cast<qint64>(items.size()), tr("picture"), tr("pictures"));
    const QString title = trashed ? tr("Moved %1 to the trash").arg(pictures) : tr("Restored %1").arg(pictures);
    m_view->clearSelection();
    context().apply(std::move(edits), title, [this, title](const auto& done) {
        if (done.hasValue())
            context().showUndoToast(title);
    });
}

// The one thing here that undo cannot bring back: asked first.
void GatherPage::emptyTrash()
{
    const QString pictures = style::counted(context().counts().trashed, tr("picture"), tr("pictures"));
    if (!context().choosers().confirm(this, tr("Empty the trash?"),
            (context().counts().trashed == 1 ? tr("%1 and its labels leave the project for good; undo cannot bring them back. The picture's file stays where it is.")
                                             : tr("%1 and their labels leave the project for good; undo cannot bring them back. The picture files stay where they are."))
                .arg(pictures),
            tr("Empty the trash")))
        return;
    services::ProjectSession* session = context().session();
    const QPointer<GatherPage> self(this);
    session->post([self](dataset::ProjectStore& store) {
        auto result = std::make_shared<base::Result<void>>(store.emptyTrash());
        QMetaObject::invokeMethod(qApp, [self, result] {
            if (self && result->hasError())
                self->context().reportError(tr("The trash was not emptied"), result->error());
            else if (self)
                self->applyFilter({});
        }, Qt::QueuedConnection);
    });
}

// Groups that lie in several sets flatter every score: said here, mended by one step that undo brings back.
void GatherPage::showTornGroups()
{
    using Torn = std::vector<std::pair<GroupId, std::vector<ItemId>>>;
    context().readInBackground<Torn>(
        this,
        [](dataset::ProjectReader& reader) { return reader.readTornGroups().valueOr({}); },
        [this](Torn torn) {
            m_tornGroups = std::move(torn);
            const auto groups = static_cast<qint64>(m_tornGroups.size());
            m_torn->setVisible(groups > 0);
            m_torn->setText((groups == 1 ? tr("%1 of equal or linked pictures lies in more than one set: scores would read too good.")
                                         : tr("%1 of equal or linked pictures lie in more than one set: scores would read too good."))
                                .arg(style::counted(groups, tr("group"), tr("groups"))));
            m_torn->setAction(tr("Move them to Train"));
        });
}

void GatherPage::mendTornGroups()
{
    std::vector<dataset::Edit> edits;
    for (const auto& [group, items] : m_tornGroups)
        for (const ItemId id : items)
            if (const auto item = context().session()->reader().readItem(id).valueOr({}); item && item->set != domain::SplitSet::Train)
                edits.push_back(dataset::SetItemSet { id, domain::SplitSet::Train });
    const QString title = tr("Moved %1 to Train").arg(style::counted(static_cast<qint64>(edits.size()), tr("picture"), tr("pictures")));
    context().apply(std::move(edits), title, [this, title](const auto& done) {
        if (done.hasValue())
            context().showUndoToast(title);
    });
}

}
