#include "app/studio/label/object_delegate.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QPainter>

namespace percept::studio {

namespace {
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

// The figure, what is wrong and the letters of the flags, from the right; where they begin.
int ObjectDelegate::paintFigure(QPainter& p, const QRect& r, int at) const
{
    const auto& t = style::tokens();
    const ObjectRow& row = m_list.rows()[std::size_t(at)];
    const QString text = m_list.m_model->figure(at);
    const QFont font = style::font(style::TextRole::Table);
    const int width = style::tabularWidth(font, text);
    p.setFont(font);
    p.setPen(row.proposal >= 0 ? t.text2 : t.text3);
    style::drawTabular(p, QRect(textEnd(r) - width - 2, r.top(), width, r.height()), Qt::AlignRight | Qt::AlignVCenter, text);
    int end = textEnd(r) - width - 8;
    if (row.problem != BoxProblem::None) {
        style::paintIcon(p, QStringLiteral("warn"), QRectF(end - 15, r.center().y() - 6.5, 14, 14), t.warning);
        end -= 20;
    }
    const QString letters = flagLetters(row.flags);
    for (auto it = letters.rbegin(); it != letters.rend(); ++it) {
        style::paintKeyCap(p, QRect(end - 18, r.center().y() - 7, 16, 16), QString(*it));
        end -= 20;
    }
    return end;
}

void ObjectDelegate::paintTexts(QPainter& p, const QRect& r, int at, bool selected) const
{
    const auto& t = style::tokens();
    const ObjectRow& row = m_list.rows()[std::size_t(at)];
    const int left = r.left() + 32, end = paintFigure(p, r, at);
    const auto role = selected ? style::TextRole::Section : style::TextRole::Table;
    const QString name = m_list.m_model->name(at);
    style::drawText(p, role, QRect(left, r.top(), end - left, r.height()), row.hidden ? t.text3 : t.text, name);
    if (row.proposal < 0)
        return;
    const int x = left + style::textWidth(role, name) + 8;
    style::drawText(p, style::TextRole::Table, QRect(x, r.top(), end - x, r.height()), t.text3, row.shownOnly ? ObjectList::tr("to compare") : ObjectList::tr("proposal"));
}

}
