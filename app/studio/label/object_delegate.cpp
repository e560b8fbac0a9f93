#include "app/studio/label/object_delegate.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace percept::studio {

namespace {
    constexpr int kGap = 8, kSign = 20; // px: before the figure; of a flag or a warning

    style::TextRole roleOf(bool selected) { return selected ? style::TextRole::Section : style::TextRole::Table; }

    int textEnd(const QRect& r) { return r.right() - ObjectDelegate::kEdge - 2 * ObjectDelegate::kAction; }

    QString flagLetters(const domain::AnnotationFlags& flags)
    {
        const std::pair<bool, char> letters[] = { { flags.occluded, 'Q' }, { flags.truncated, 'T' }, { flags.crowd, 'Y' }, { flags.difficult, 'U' } };
        QString set;
        for (const auto& [on, letter] : letters)
            if (on)
                set += QLatin1Char(letter);
        return set;
    }

    void paintActions(QPainter& p, const QRect& r, const ObjectRow& row, bool active)
    {
        const auto& t = style::tokens();
        const auto icon = [&](int place, const char* name, const QColor& color) {
            style::paintIcon(p, QLatin1String(name), QRectF(r.right() - ObjectDelegate::kEdge - (place + 1) * ObjectDelegate::kAction + 5, r.center().y() - 6.5, 14, 14), color);
        };
        if (row.proposal >= 0) {
            if (active && !row.shownOnly)
                icon(1, "check", t.good);
            if (active)
                icon(0, "x", t.text3);
            return;
        }
        icon(1, row.hidden ? "eyeoff" : "eye", row.hidden ? t.text : t.text3);
        if (row.locked)
            icon(0, "lock", t.text2);
        else if (active)
            icon(0, "trash", t.text3);
    }
}

void ObjectDelegate::paint(QPainter* p, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto& t = style::tokens();
    const ObjectRow& row = m_list.rows()[std::size_t(index.row())];
    const bool selected = option.state & QStyle::State_Selected;
    const bool proposal = row.proposal >= 0;
    const bool hover = (option.state & QStyle::State_MouseOver) || (row.id.value && row.id == m_list.m_hovered)
        || (proposal && m_list.m_highlighted == row.proposal);
    p->fillRect(option.rect, selected ? t.accentSoft : hover ? t.hover : t.panel);
    paintMark(*p, option.rect, row);
    paintActions(*p, option.rect, row, hover || selected);
    paintTexts(*p, option.rect, index.row(), selected);
}

void ObjectDelegate::paintMark(QPainter& p, const QRect& r, const ObjectRow& row) const
{
    const QRectF box(r.left() + 13, r.center().y() - 4, 10, 10);
    const QColor color = m_context.labelColor(row.label);
    if (row.proposal < 0)
        return style::paintSwatch(p, box, color, m_context.labelHatched(row.label));
    p.save();
    p.setRenderHint(QPainter::Antialiasing);
    QPen pen(color, 1.5);
    pen.setDashPattern({ 2, 1 });
    p.setPen(pen);
    p.setBrush(Qt::NoBrush);
    p.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5));
    p.restore();
}

// The figure, what is wrong and the letters of the flags, from the right.
void ObjectDelegate::paintFigure(QPainter& p, const QRect& r, int at) const
{
    const auto& t = style::tokens();
    const ObjectRow& row = m_list.rows()[std::size_t(at)];
    const QString text = m_list.m_model->figure(at);
    const QFont font = style::font(style::TextRole::Table);
    const int width = style::tabularWidth(font, text);
    p.setFont(font);
    p.setPen(row.proposal >= 0 ? t.text2 : t.text3);
    style::drawTabular(p, QRect(textEnd(r) - width - 2, r.top(), width, r.height()), Qt::AlignRight | Qt::AlignVCenter, text);
    int end = textEnd(r) - width - kGap;
    if (row.problem != BoxProblem::None) {
        style::paintIcon(p, QStringLiteral("warn"), QRectF(end - 15, r.center().y() - 6.5, 14, 14), t.warning);
        end -= kSign;
    }
    const QString letters = flagLetters(row.flags);
    for (auto it = letters.rbegin(); it != letters.rend(); ++it) {
        style::paintKeyCap(p, QRect(end - 18, r.center().y() - 7, 16, 16), QString(*it));
        end -= kSign;
    }
}

// What the figure and the signs leave.
QRect ObjectDelegate::nameRect(const QRect& r, int at) const
{
    const ObjectRow& row = m_list.rows()[std::size_t(at)];
    const int signs = int(flagLetters(row.flags).size()) + (row.problem != BoxProblem::None ? 1 : 0);
    const int width = style::tabularWidth(style::font(style::TextRole::Table), m_list.m_model->figure(at));
    const int left = r.left() + 32;
    return { left, r.top(), textEnd(r) - width - kGap - signs * kSign - left, r.height() };
}

QString ObjectDelegate::shownName(const QRect& r, int at, bool selected) const
{
    const QString name = m_list.m_model->name(at);
    return m_list.rows()[std::size_t(at)].proposal >= 0 ? name : style::elidedBeforeLastWord(roleOf(selected), name, nameRect(r, at).width());
}

void ObjectDelegate::paintTexts(QPainter& p, const QRect& r, int at, bool selected) const
{
    const auto& t = style::tokens();
    const ObjectRow& row = m_list.rows()[std::size_t(at)];
    paintFigure(p, r, at);
    const QRect room = nameRect(r, at);
    const QString name = shownName(r, at, selected);
    style::drawText(p, roleOf(selected), room, row.hidden ? t.text3 : t.text, name);
    if (row.proposal < 0)
        return;
    const int x = room.left() + style::textWidth(roleOf(selected), name) + kGap;
    style::drawText(p, style::TextRole::Table, QRect(x, r.top(), room.right() + 1 - x, r.height()), t.text3, row.shownOnly ? ObjectList::tr("to compare") : ObjectList::tr("proposal"));
}

// The name when it is cut, and what is wrong.
bool ObjectDelegate::helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option, const QModelIndex& index)
{
    if (event->type() != QEvent::ToolTip || !index.isValid())
        return QStyledItemDelegate::helpEvent(event, view, option, index);
    const QString name = m_list.m_model->name(index.row());
    const auto role = roleOf(m_list.selectionModel()->isSelected(index));
    QStringList lines;
    if (style::textWidth(role, name) > nameRect(option.rect, index.row()).width())
        lines << name;
    if (const QString problem = index.data(Qt::ToolTipRole).toString(); !problem.isEmpty())
        lines << problem;
    QToolTip::showText(event->globalPos(), style::plainTip(lines.join(QLatin1Char('\n'))), view);
    return true;
}

}
