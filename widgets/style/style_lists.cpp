#include "widgets/style/icons.h"
#include "widgets/style/paint.h"
#include "widgets/style/style_parts.h"
#include "widgets/style/text.h"

#include <QStyleOption>
#include <QWidget>

namespace percept::style::parts {
namespace {

constexpr int kMenuIconColumn = 30;

struct MenuTexts { QString label, shortcut; };
MenuTexts split(const QString& text)
{
    const qsizetype tab = text.indexOf(QLatin1Char('\t'));
    return tab < 0 ? MenuTexts { text, QString() } : MenuTexts { text.left(tab), text.mid(tab + 1) };
}

void drawMenuMark(QPainter& painter, const QStyleOptionMenuItem& option, const QColor& color)
{
    const QRect at(option.rect.left() + 8, option.rect.center().y() - 7, 16, 16);
    if (option.checkType != QStyleOptionMenuItem::NotCheckable && option.checked)
        paintIcon(painter, icon("check"), at, color);
    else if (!option.icon.isNull())
        paintIcon(painter, option.icon, at, color);
}

}

void drawMenuItem(QPainter& painter, const QStyleOptionMenuItem& option)
{
    const Tokens& t = tokens();
    const QRect r = option.rect;
    if (option.menuItemType == QStyleOptionMenuItem::Separator) {
        painter.fillRect(QRect(r.left(), r.center().y(), r.width(), 1), t.line);
        return;
    }
    const bool enabled = option.state & QStyle::State_Enabled;
    if ((option.state & QStyle::State_Selected) && enabled)
        paintRounded(painter, r, radius::kControl, t.dark ? t.pressed : t.hover);
    drawMenuMark(painter, option, enabled ? t.text2 : t.disabled);
    const MenuTexts texts = split(option.text);
    painter.setFont(font(TextRole::Table));
    painter.setPen(enabled ? t.text : t.disabled);
    const QRect line = r.adjusted(kMenuIconColumn, 0, -12, 0);
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextHideMnemonic, texts.label);
    painter.setPen(enabled ? t.text3 : t.disabled);
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, texts.shortcut);
    if (option.menuItemType == QStyleOptionMenuItem::SubMenu)
        paintIcon(painter, icon("cr"), QRect(r.right() - 20, r.center().y() - 5, 12, 12), enabled ? t.text2 : t.disabled);
}

QSize menuItemSize(const QStyleOptionMenuItem& option)
{
    if (option.menuItemType == QStyleOptionMenuItem::Separator)
        return { 60, 9 };
    const QFontMetrics metrics(font(TextRole::Table));
    const MenuTexts texts = split(option.text);
    int width = kMenuIconColumn + metrics.size(Qt::TextHideMnemonic, texts.label).width() + 24;
    if (!texts.shortcut.isEmpty())
        width += metrics.horizontalAdvance(texts.shortcut) + 24;
    return { std::max(width, 160), 28 };
}

void drawMenuBarItem(QPainter& painter, const QStyleOptionMenuItem& option)
{
    const Tokens& t = tokens();
    painter.fillRect(option.rect, t.window);
    const bool open = option.state & QStyle::State_Sunken, hover = option.state & QStyle::State_Selected;
    if (open || hover)
        paintRounded(painter, option.rect, radius::kControl, open ? t.pressed : t.hover);
    painter.setFont(font(TextRole::Table));
    const bool enabled = option.state & QStyle::State_Enabled;
    painter.setPen(!enabled ? t.disabled : open || hover ? t.text : t.text2);
    painter.drawText(option.rect, Qt::AlignCenter | Qt::TextHideMnemonic, option.text);
}

void drawTab(QPainter& painter, const QStyleOptionTab& option)
{
    const Tokens& t = tokens();
    const bool on = option.state & QStyle::State_Selected, enabled = option.state & QStyle::State_Enabled;
    painter.setFont(font(TextRole::TableStrong));
    painter.setPen(!enabled ? t.disabled : on || option.state & QStyle::State_MouseOver ? t.text : t.text2);
    painter.drawText(option.rect, Qt::AlignCenter | Qt::TextHideMnemonic, option.text);
    if (on)
        painter.fillRect(QRect(option.rect.left() + 8, option.rect.bottom() - 1, option.rect.width() - 16, 2), t.accent);
    if (option.state & QStyle::State_HasFocus)
        paintRounded(painter, option.rect.adjusted(2, 2, -2, -4), radius::kControl, QColor(), t.accent, 1.5);
}

QSize tabSize(const QStyleOptionTab& option)
{
    return { QFontMetrics(font(TextRole::TableStrong)).size(Qt::TextHideMnemonic, option.text).width() + 24, 32 };
}

void drawHeaderSection(QPainter& painter, const QStyleOptionHeader& option)
{
    const Tokens& t = tokens();
    painter.fillRect(option.rect, t.panel);
    painter.fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), t.line);
}

void drawHeaderLabel(QPainter& painter, const QStyleOptionHeader& option)
{
    const Tokens& t = tokens();
    painter.setFont(font(TextRole::CaptionStrong));
    painter.setPen(t.text3);
    const QRect rect = option.rect.adjusted(4, 0, -4, 0); // lower than the letters where a header is low: not clipped to it
    QString text = option.text;
    if (option.sortIndicator != QStyleOptionHeader::None)
        text += option.sortIndicator == QStyleOptionHeader::SortDown ? QStringLiteral(" ↓") : QStringLiteral(" ↑");
    const Qt::Alignment across = option.textAlignment & Qt::AlignHorizontal_Mask;
    painter.drawText(rect, (across ? across : Qt::AlignLeft) | Qt::AlignVCenter | Qt::TextDontClip, QFontMetrics(painter.font()).elidedText(text, Qt::ElideRight, rect.width()));
}

void drawItemPanel(QPainter& painter, const QStyleOptionViewItem& option)
{
    const Tokens& t = tokens();
    const bool active = option.state & QStyle::State_Active;
    const bool focusedView = option.widget && option.widget->hasFocus();
    if (option.state & QStyle::State_Selected)
        painter.fillRect(option.rect, active && focusedView ? t.accentSoft : t.hover);
    else if (option.backgroundBrush.style() != Qt::NoBrush)
        painter.fillRect(option.rect, option.backgroundBrush);
    else if ((option.state & QStyle::State_MouseOver) && (option.state & QStyle::State_Enabled))
        painter.fillRect(option.rect, t.hover);
    if ((option.state & QStyle::State_HasFocus) && focusedView && (option.state & QStyle::State_KeyboardFocusChange))
        paintRounded(painter, option.rect, 0, QColor(), t.accent, 1.5);
}

}
