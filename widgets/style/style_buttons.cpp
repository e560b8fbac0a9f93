#include "widgets/style/icons.h"
#include "widgets/style/paint.h"
#include "widgets/style/percept_style.h"
#include "widgets/style/style_parts.h"
#include "widgets/style/text.h"

#include <QAbstractButton>
#include <QStyle>
#include <QStyleOption>
#include <QWidget>

namespace percept::style::parts {
namespace {

constexpr int kIcon = 16, kGap = 6, kMenuArrow = 12;

QString keyOf(const QWidget* widget) { return widget ? widget->property("perceptKey").toString() : QString(); }

int heightOf(const QWidget* widget)
{
    switch (controlSize(widget)) {
    case ControlSize::Compact: return height::kCompact;
    case ControlSize::Large: return height::kLarge;
    case ControlSize::Normal: break;
    }
    return height::kControl;
}

int paddingOf(const QWidget* widget)
{
    switch (controlSize(widget)) {
    case ControlSize::Compact: return 9;
    case ControlSize::Large: return 15;
    case ControlSize::Normal: break;
    }
    return 11;
}

QFont fontOf(const QWidget* widget)
{
    return controlSize(widget) == ControlSize::Large ? font(TextRole::BodyStrong) : font(TextRole::TableStrong);
}

// What stands in a button, left to right.
struct Content {
    QIcon icon;
    QString text, key;
    bool menu = false;
    int iconSize = kIcon;
};

int widthOf(const Content& content, const QFont& font)
{
    int width = 0;
    const auto add = [&width](int part) { width += part + (width > 0 ? kGap : 0); };
    if (!content.icon.isNull())
        add(content.iconSize);
    if (!content.text.isEmpty())
        add(QFontMetrics(font).size(Qt::TextShowMnemonic, content.text).width());
    if (content.menu)
        add(kMenuArrow);
    if (!content.key.isEmpty())
        add(keyCapSize(content.key).width() + 2);
    return width;
}

void paintContent(QPainter& painter, const QRect& rect, const Content& content, const ButtonColors& colors, const QWidget* widget, bool enabled)
{
    const QFont f = fontOf(widget);
    const bool left = widget && widget->property("perceptLeft").toBool();
    const int padding = paddingOf(widget);
    const int free = rect.width() - widthOf(content, f);
    int x = left ? rect.left() + padding : rect.left() + std::max(free / 2, std::min(padding, 4));
    if (!content.icon.isNull()) {
        const QRect at(x, rect.top() + (rect.height() - content.iconSize) / 2, content.iconSize, content.iconSize);
        paintIcon(painter, content.icon, at, colors.text, enabled ? QIcon::Normal : QIcon::Disabled);
        x += content.iconSize + kGap;
    }
    int right = rect.right() + 1 - padding;
    if (!content.key.isEmpty()) {
        const QSize cap = keyCapSize(content.key);
        const int keyX = left ? right - cap.width() : std::min(right - cap.width(), x + QFontMetrics(f).size(Qt::TextShowMnemonic, content.text).width() + kGap + 2);
        const QRect at(keyX, rect.top() + (rect.height() - cap.height()) / 2, cap.width(), cap.height());
        const bool filled = buttonKind(widget) == ButtonKind::Primary && enabled;
        if (filled)
            paintKeyCap(painter, at, content.key, colors.text, QColor(255, 255, 255, 120));
        else
            paintKeyCap(painter, at, content.key, enabled);
        right = keyX - kGap;
    }
    if (content.menu) {
        const int arrowX = content.text.isEmpty() ? x : right - kMenuArrow + 2;
        paintIcon(painter, icon("cd"), QRect(arrowX, rect.top() + (rect.height() - kMenuArrow) / 2, kMenuArrow, kMenuArrow), colors.text);
        right -= kMenuArrow;
    }
    if (content.text.isEmpty())
        return;
    painter.setFont(f);
    painter.setPen(colors.text);
    const QRect at(x, rect.top(), std::max(right - x + 4, 1), rect.height());
    const QString text = QFontMetrics(f).elidedText(content.text, Qt::ElideRight, at.width(), Qt::TextShowMnemonic);
    painter.drawText(at, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextHideMnemonic, text);
}

ButtonColors primaryColors(const Tokens& t, bool down, bool hover)
{
    const QColor fill = down ? t.accentFillPressed : hover ? t.accentFillHover : t.accentFill;
    return { fill, fill, t.onAccent };
}

}

ButtonColors buttonColors(const QStyleOption& option, const QWidget* widget, bool checkable)
{
    const Tokens& t = tokens();
    const ButtonKind kind = buttonKind(widget);
    const bool down = option.state & QStyle::State_Sunken, hover = option.state & QStyle::State_MouseOver;
    const bool on = checkable && (option.state & QStyle::State_On);
    const bool frameless = kind == ButtonKind::Quiet || kind == ButtonKind::Tool;
    if (!(option.state & QStyle::State_Enabled))
        return { QColor(), frameless ? QColor() : t.line, t.disabled };
    if (on && kind == ButtonKind::Tool)
        return primaryColors(t, down, hover);
    if (on)
        return { t.accentSoft, t.accentSoftLine, t.accent };
    switch (kind) {
    case ButtonKind::Primary:
        return primaryColors(t, down, hover);
    case ButtonKind::DangerFilled:
        return { down || hover ? t.error.darker(108) : t.error, QColor(), t.onError };
    case ButtonKind::Danger:
        return { down || hover ? t.errorSoft : t.raised, down ? t.error : t.lineStrong, t.error };
    case ButtonKind::Quiet:
    case ButtonKind::Tool:
        return { down ? t.pressed : hover ? t.hover : QColor(), QColor(), down || hover ? t.text : t.text2 };
    case ButtonKind::Default:
        break;
    }
    return { down ? t.pressed : hover ? t.hover : t.raised, t.lineStrong, t.text };
}

void drawPushButton(QPainter& painter, const QStyleOptionButton& option, const QWidget* widget)
{
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    const ButtonColors colors = buttonColors(option, widget, button && button->isCheckable());
    paintRounded(painter, option.rect, radius::kControl, colors.fill, colors.border);
    const Content content { option.icon, option.text, keyOf(widget), bool(option.features & QStyleOptionButton::HasMenu) };
    paintContent(painter, option.rect, content, colors, widget, option.state & QStyle::State_Enabled);
}

QSize pushButtonSize(const QStyleOptionButton& option, const QWidget* widget)
{
    const Content content { option.icon, option.text, keyOf(widget), bool(option.features & QStyleOptionButton::HasMenu) };
    return { widthOf(content, fontOf(widget)) + 2 * paddingOf(widget), heightOf(widget) };
}

namespace {

Content contentOf(const QStyleOptionToolButton& option, const QWidget* widget)
{
    Content content { option.icon, option.text, keyOf(widget), bool(option.features & QStyleOptionToolButton::HasMenu) };
    if (option.toolButtonStyle == Qt::ToolButtonIconOnly && !option.icon.isNull())
        content.text.clear();
    if (option.toolButtonStyle == Qt::ToolButtonTextOnly)
        content.icon = QIcon();
    content.iconSize = option.iconSize.width() > 0 ? option.iconSize.width() : kIcon;
    return content;
}

}

void drawToolButton(QPainter& painter, const QStyleOptionToolButton& option, const QWidget* widget)
{
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    ButtonColors colors = buttonColors(option, widget, button && button->isCheckable());
    if (widget && !widget->property("perceptKind").isValid()) // tool buttons made by Qt itself are quiet
        colors.border = QColor(), colors.fill = option.state & QStyle::State_MouseOver ? tokens().hover : QColor();
    paintRounded(painter, option.rect, radius::kControl, colors.fill, colors.border);
    paintContent(painter, option.rect, contentOf(option, widget), colors, widget, option.state & QStyle::State_Enabled);
}

QSize toolButtonSize(const QStyleOptionToolButton& option, const QWidget* widget)
{
    const Content content = contentOf(option, widget);
    const int high = heightOf(widget);
    if (content.text.isEmpty() && content.key.isEmpty())
        return { high + (content.menu ? kMenuArrow : 0), high };
    return { widthOf(content, fontOf(widget)) + 2 * paddingOf(widget), high };
}

void drawCheckBox(QPainter& painter, const QStyleOptionButton& option, bool radio)
{
    const Tokens& t = tokens();
    const bool enabled = option.state & QStyle::State_Enabled, hover = option.state & QStyle::State_MouseOver;
    const QRect r = option.rect;
    const QRect box = QStyle::visualRect(option.direction, r, QRect(r.left(), r.top() + (r.height() - 14) / 2, 14, 14));
    const bool on = option.state & QStyle::State_On;
    if (!radio)
        paintCheck(painter, box, option.state & QStyle::State_NoChange ? 2 : on, hover, enabled);
    else if (on)
        paintRounded(painter, box, 7, enabled ? QColor(Qt::white) : t.panel, enabled ? t.accentFill : t.disabled, 4);
    else
        paintRounded(painter, box, 7, t.field, !enabled ? t.line : hover ? t.text3 : t.lineStrong);
    painter.setPen(enabled ? t.text : t.disabled);
    const QRect label = QStyle::visualRect(option.direction, r, r.adjusted(14 + 8, 0, 0, 0));
    painter.drawText(label, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextHideMnemonic, option.text);
}

}
