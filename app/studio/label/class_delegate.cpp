#include "app/studio/label/class_delegate.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QHelpEvent>
#include <QLineEdit>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

namespace percept::studio {
namespace {

style::TextRole roleOf(bool armed) { return armed ? style::TextRole::Section : style::TextRole::Table; }
int armedWidth() { return style::textWidth(style::TextRole::Caption, ClassList::tr("armed")) + 8; }

}

QString ClassDelegate::keyOf(const QModelIndex& index, char own)
{
    if (own)
        return QString(QLatin1Char(own));
    const int row = index.row();
    return row >= 10 && row < 20 ? QStringLiteral("⇧%1").arg((row + 1) % 10) : QString();
}

QSize ClassDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const { return { 200, style::height::kClassRow }; }

// Over the old name, which must not shine through.
QWidget* ClassDelegate::createEditor(QWidget* parent, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    QWidget* editor = QStyledItemDelegate::createEditor(parent, option, index);
    if (auto* field = qobject_cast<QLineEdit*>(editor)) {
        style::setControlSize(field, style::ControlSize::Compact);
        QPalette palette = field->palette();
        palette.setColor(QPalette::Base, style::tokens().raised);
        field->setPalette(palette);
        field->setAutoFillBackground(true);
        field->setFrame(true);
    }
    return editor;
}

void ClassDelegate::updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option, const QModelIndex&) const
{
    editor->setGeometry(option.rect.adjusted(50, 0, -kEyeWidth - 2, 0));
}

QRect ClassDelegate::nameRect(const QRect& row, const domain::Label& label) const
{
    const int countWidth = style::tabularWidth(style::font(style::TextRole::Table), style::count(m_list->countOf(label.id)));
    const int left = row.left() + 57, right = row.right() - kEyeWidth - 6 - countWidth - 8;
    return { left, row.top(), right - left - (label.id == m_list->armed() ? armedWidth() : 0), row.height() };
}

void ClassDelegate::paint(QPainter* p, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto& t = style::tokens();
    const domain::Label& label = m_context.labels()[std::size_t(index.row())];
    const bool armed = label.id == m_list->armed(), hidden = m_list->isHidden(label.id);
    const bool hover = option.state & QStyle::State_MouseOver;
    const QRect r = option.rect, room = nameRect(r, label);
    p->fillRect(r, armed ? t.accentSoft : hover ? t.hover : t.panel);
    if ((option.state & QStyle::State_HasFocus) && index == m_list->currentIndex()) {
        p->setPen(t.accent);
        p->drawRect(r.adjusted(0, 0, -1, -1));
    }
    if (const QString key = keyOf(index, label.key); !key.isEmpty())
        style::paintKeyCap(*p, QRect(r.left() + 10, r.center().y() - 8, key.size() > 1 ? 24 : 18, 18), key);
    style::paintSwatch(*p, QRectF(r.left() + 38, r.center().y() - 4, 10, 10), m_context.labelColor(label.id), m_context.labelHatched(label.id));
    const QString name = QString::fromStdString(label.name);
    style::drawText(*p, roleOf(armed), room, hidden ? t.text3 : t.text, name);
    if (armed) {
        const int x = room.left() + std::min(style::textWidth(roleOf(true), name), room.width()) + 8;
        style::drawText(*p, style::TextRole::Caption, QRect(x, r.top(), armedWidth(), r.height()), t.accent, ClassList::tr("armed"));
    }
    p->setFont(style::font(style::TextRole::Table));
    p->setPen(t.text2);
    const int right = r.right() - kEyeWidth - 6;
    style::drawTabular(*p, QRect(r.left(), r.top(), right - r.left(), r.height()), Qt::AlignVCenter | Qt::AlignRight, style::count(m_list->countOf(label.id)));
    style::paintIcon(*p, hidden ? QStringLiteral("eyeoff") : QStringLiteral("eye"),
        QRectF(r.right() - kEyeWidth + 2, r.center().y() - 6.5, 14, 14), hidden ? t.text : t.text3);
}

bool ClassDelegate::helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option, const QModelIndex& index)
{
    if (event->type() != QEvent::ToolTip || !index.isValid())
        return QStyledItemDelegate::helpEvent(event, view, option, index);
    const domain::Label& label = m_context.labels()[std::size_t(index.row())];
    const QString name = QString::fromStdString(label.name);
    const bool cut = style::textWidth(roleOf(label.id == m_list->armed()), name) > nameRect(option.rect, label).width();
    QToolTip::showText(event->globalPos(), cut ? style::plainTip(name) : QString(), view);
    return true;
}

}
