#include "widgets/style/icons.h"
#include "widgets/style/paint.h"
#include "widgets/style/style_parts.h"
#include "widgets/style/text.h"

#include <QStyleOption>
#include <QWidget>

namespace percept::style::parts {

void drawField(QPainter& painter, const QRect& rect, const QStyleOption& option, const QWidget* widget)
{
    const Tokens& t = tokens();
    const bool enabled = option.state & QStyle::State_Enabled, focus = option.state & QStyle::State_HasFocus;
    QColor border = t.lineStrong;
    if (!enabled)
        border = t.line;
    else if (widget && widget->property("perceptError").toBool())
        border = t.error;
    else if (focus)
        border = t.accent;
    else if (option.state & QStyle::State_MouseOver)
        border = t.text3;
    paintRounded(painter, rect, radius::kControl, enabled ? t.field : t.panel, border, focus && enabled ? 2 : 1);
}

void drawComboBox(QPainter& painter, const QStyleOptionComboBox& option, const QWidget* widget)
{
    const Tokens& t = tokens();
    drawField(painter, option.rect, option, widget);
    const QRect arrow(option.rect.right() - 19, option.rect.center().y() - 5, 12, 12);
    paintIcon(painter, icon("cd"), arrow, option.state & QStyle::State_Enabled ? t.text2 : t.disabled);
}

void drawComboLabel(QPainter& painter, const QStyleOptionComboBox& option, const QRect& rect)
{
    if (option.editable)
        return;
    QRect text = rect;
    const bool enabled = option.state & QStyle::State_Enabled;
    if (!option.currentIcon.isNull()) {
        const QRect at(rect.left(), rect.center().y() - 7, 16, 16);
        paintIcon(painter, option.currentIcon, at, enabled ? tokens().text2 : tokens().disabled);
        text.setLeft(rect.left() + 22);
    }
    painter.setPen(enabled ? tokens().text : tokens().disabled);
    painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter, QFontMetrics(painter.font()).elidedText(option.currentText, Qt::ElideRight, text.width()));
}

void drawSpinBox(QPainter& painter, const QStyleOptionSpinBox& option, const QWidget* widget, const QRect& up, const QRect& down)
{
    const Tokens& t = tokens();
    drawField(painter, option.rect, option, widget);
    if (option.buttonSymbols == QAbstractSpinBox::NoButtons)
        return;
    const auto arrow = [&](const QRect& rect, bool upward, bool usable) {
        painter.save();
        painter.translate(QRectF(rect).center());
        if (upward)
            painter.rotate(180);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(usable ? t.text2 : t.disabled, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        const QPointF points[] = { { -3, -1.5 }, { 0, 1.5 }, { 3, -1.5 } };
        painter.drawPolyline(points, 3);
        painter.restore();
    };
    const bool enabled = option.state & QStyle::State_Enabled;
    arrow(up, true, enabled && (option.stepEnabled & QAbstractSpinBox::StepUpEnabled));
    arrow(down, false, enabled && (option.stepEnabled & QAbstractSpinBox::StepDownEnabled));
}

void drawSlider(QPainter& painter, const QStyleOptionSlider& option, const QRect& handle)
{
    const Tokens& t = tokens();
    const bool enabled = option.state & QStyle::State_Enabled, flat = option.orientation == Qt::Horizontal;
    const QRect r = option.rect;
    const QPoint middle = handle.center();
    QRectF groove, done;
    if (flat) {
        groove = QRectF(r.left(), r.center().y(), r.width(), 2);
        done = QRectF(groove.left(), groove.top(), middle.x() - r.left(), 2);
    } else {
        groove = QRectF(r.center().x(), r.top(), 2, r.height());
        done = QRectF(groove.left(), middle.y(), 2, r.bottom() - middle.y());
    }
    paintRounded(painter, groove, 1, t.lineStrong);
    if (enabled)
        paintRounded(painter, done, 1, t.accent);
    const QPointF center = flat ? QPointF(middle.x() + 0.5, groove.center().y()) : QPointF(groove.center().x(), middle.y() + 0.5);
    const QRectF knob(center - QPointF(6, 6), QSizeF(12, 12));
    if (option.state & QStyle::State_HasFocus)
        paintRounded(painter, knob.adjusted(-2, -2, 2, 2), 8, QColor(), t.accent, 1.5);
    paintRounded(painter, knob, 6, enabled ? QColor(0xF4F5F7) : t.pressed, QColor(0, 0, 0, 90));
}

void drawScrollBar(QPainter& painter, const QStyleOptionSlider& option, const QRect& handle)
{
    const Tokens& t = tokens();
    if (option.maximum <= option.minimum)
        return;
    const bool active = option.state & QStyle::State_MouseOver || option.state & QStyle::State_Sunken;
    const QRectF bar = QRectF(handle).adjusted(3, 3, -3, -3);
    paintRounded(painter, bar, 3, active ? t.text3 : t.lineStrong);
}

void drawProgress(QPainter& painter, const QStyleOptionProgressBar& option)
{
    const Tokens& t = tokens();
    const QRectF groove(option.rect.left(), option.rect.center().y() - 2, option.rect.width(), std::min(option.rect.height(), 6));
    const qreal round = groove.height() / 2;
    paintRounded(painter, groove, round, t.lineStrong);
    QRectF done = groove;
    if (option.maximum > option.minimum)
        done.setWidth(groove.width() * (qreal(option.progress) - option.minimum) / (qreal(option.maximum) - option.minimum));
    else // length not known
        done = QRectF(groove.left() + groove.width() * 0.3, groove.top(), groove.width() * 0.4, groove.height());
    if (done.width() >= 1)
        paintRounded(painter, done, round, t.accent);
}

}
