// ClassList: what can be done with a class. What it would change is said before it is chosen.
#include "app/studio/label/class_list.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QContextMenuEvent>
#include <QMenu>
#include <algorithm>

namespace percept::studio {
namespace {

constexpr int kSwatch = 14;

// Names may hold what a menu takes for a mnemonic.
QString plain(const std::string& name) { return QString::fromStdString(name).replace(QLatin1Char('&'), QStringLiteral("&&")); }

QIcon swatchOf(const QColor& color)
{
    QPixmap swatch(kSwatch, kSwatch);
    swatch.fill(color);
    return QIcon(swatch);
}

}

QString ClassList::usesOf(LabelId id) const
{
    const auto& byLabel = m_context.counts().byLabel;
    const auto found = byLabel.find(id);
    if (found == byLabel.end() || found->second.boxes == 0)
        return {};
    return tr("%1 on %2").arg(style::counted(found->second.boxes, tr("object"), tr("objects")), style::counted(found->second.items, tr("picture"), tr("pictures")));
}

void ClassList::contextMenuEvent(QContextMenuEvent* event)
{
    const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
    const QModelIndex index = byKey ? currentIndex() : indexAt(event->pos());
    if (index.isValid())
        openMenu(labelAt(index), byKey ? viewport()->mapToGlobal(visualRect(index).bottomLeft()) : event->globalPos());
}

void ClassList::openMenu(LabelId id, QPoint globalAt)
{
    if (!m_context.label(id))
        return;
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("classMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    connect(menu->addAction(tr("Rename\tF2")), &QAction::triggered, this, [this, id] { rename(id); });
    addKeys(*menu->addMenu(tr("Key")), id);
    addColors(*menu->addMenu(tr("Colour")), id);
    addMoves(*menu, id);
    menu->addSeparator();
    addMerges(*menu, id);
    addDeletes(*menu, id);
    menu->popup(globalAt);
}

void ClassList::addKeys(QMenu& menu, LabelId id)
{
    const auto add = [&](const QString& text, char key) {
        QAction* action = menu.addAction(text);
        action->setCheckable(true);
        action->setChecked(m_context.label(id)->key == key);
        connect(action, &QAction::triggered, this, [this, id, key] { Q_EMIT keyRequested(id, key); });
    };
    for (const char key : { '1', '2', '3', '4', '5', '6', '7', '8', '9', '0' }) {
        const auto& labels = m_context.labels();
        const auto other = std::find_if(labels.begin(), labels.end(), [&](const domain::Label& label) { return label.key == key && label.id != id; });
        const QString text = other == labels.end() ? QString(QLatin1Char(key)) : tr("%1, now of %2: they swap").arg(QLatin1Char(key)).arg(plain(other->name));
        add(QStringLiteral("%1\tAlt+%2").arg(text, QString(QLatin1Char(key))), key);
    }
    menu.addSeparator();
    add(tr("None"), 0);
}

void ClassList::addColors(QMenu& menu, LabelId id)
{
    connect(menu.addAction(tr("Of its place")), &QAction::triggered, this, [this, id] { Q_EMIT colorRequested(id, -1); });
    for (int i = 0; i < style::kClassColors; ++i) {
        const int rgb = int(style::classBright(i).rgb() & 0xFFFFFF);
        connect(menu.addAction(swatchOf(style::classBright(i)), tr("Colour %1").arg(i + 1)), &QAction::triggered, this, [this, id, rgb] { Q_EMIT colorRequested(id, rgb); });
    }
}

void ClassList::addMoves(QMenu& menu, LabelId id)
{
    const int row = indexOf(id).row();
    const auto add = [&](const QString& text, int to) {
        QAction* action = menu.addAction(text);
        action->setEnabled(to >= 0 && to < model()->rowCount());
        connect(action, &QAction::triggered, this, [this, row, to] { requestMove(row, to); });
    };
    add(tr("Move up\tAlt+Up"), row - 1);
    add(tr("Move down\tAlt+Down"), row + 1);
}

void ClassList::addMerges(QMenu& menu, LabelId id)
{
    const QString uses = usesOf(id);
    QMenu* into = menu.addMenu(uses.isEmpty() ? tr("Merge into") : tr("Merge %1 into").arg(uses));
    for (const domain::Label& label : m_context.labels())
        if (label.id != id)
            connect(into->addAction(swatchOf(m_context.labelColor(label.id)), plain(label.name)), &QAction::triggered, this,
                [this, id, other = label.id] { Q_EMIT mergeRequested(id, other); });
    into->setEnabled(!into->isEmpty());
}

void ClassList::addDeletes(QMenu& menu, LabelId id)
{
    const QString uses = usesOf(id);
    QAction* remove = menu.addAction(uses.isEmpty() ? tr("Delete class\tDel") : tr("Delete class and its %1").arg(uses));
    connect(remove, &QAction::triggered, this, [this, id, withBoxes = !uses.isEmpty()] { Q_EMIT deleteRequested(id, withBoxes); });
}

}
