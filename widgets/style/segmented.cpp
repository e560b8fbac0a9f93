#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

namespace percept::style {

SegmentedControl::SegmentedControl(const QStringList& choices, QWidget* parent)
    : QWidget(parent)
    , m_choices(choices)
{
    setFocusPolicy(Qt::TabFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(choices.join(QStringLiteral(", ")));
}

void SegmentedControl::setCurrent(int index)
{
    if (index < 0 || index >= m_choices.size() || index == m_current)
        return;
    m_current = index;
    setAccessibleDescription(m_choices.at(index));
    update();
    Q_EMIT currentChanged(index);
}

void SegmentedControl::setTexts(const QStringList& texts)
{
    if (texts == m_choices || texts.size() != m_choices.size())
        return;
    m_choices = texts;
    setAccessibleDescription(m_choices.at(m_current));
    updateGeometry();
    update();
}

QRect SegmentedControl::segment(int index) const
{
    const QFontMetrics metrics(style::font(TextRole::TableStrong));
    int x = 0, width = 0;
    for (int i = 0; i <= index; ++i) {
        x += width;
        width = metrics.horizontalAdvance(m_choices.at(i)) + 22;
    }
    return { x, 0, width, sizeHint().height() };
}

QSize SegmentedControl::sizeHint() const
{
    const QFontMetrics metrics(style::font(TextRole::TableStrong));
    int width = 0;
    for (const QString& choice : m_choices)
        width += metrics.horizontalAdvance(choice) + 22;
    return { width, controlSize(this) == ControlSize::Compact ? height::kCompact : controlSize(this) == ControlSize::Large ? height::kLarge : height::kControl };
}

void SegmentedControl::paintEvent(QPaintEvent*)
{
    const Tokens& t = tokens();
    QPainter painter(this);
    const QRect frame(QPoint(0, 0), sizeHint());
    paintRounded(painter, frame, radius::kControl, t.window);
    QPainterPath clip;
    clip.addRoundedRect(frame, radius::kControl, radius::kControl);
    painter.setClipPath(clip);
    painter.setFont(style::font(TextRole::TableStrong));
    for (int i = 0; i < m_choices.size(); ++i) {
        const QRect r = segment(i);
        const bool on = i == m_current;
        if (on || i == m_hover)
            painter.fillRect(r, on ? (t.dark ? t.raised : t.accentSoft) : t.hover);
        if (i > 0)
            painter.fillRect(QRect(r.left(), r.top(), 1, r.height()), t.line);
        painter.setPen(!isEnabled() ? t.disabled : on ? (t.dark ? t.text : t.accent) : t.text2);
        painter.drawText(r, Qt::AlignCenter, m_choices.at(i));
    }
    painter.setClipping(false);
    paintRounded(painter, frame, radius::kControl, QColor(), hasFocus() ? t.accent : t.lineStrong, hasFocus() ? 2 : 1);
}

void SegmentedControl::mousePressEvent(QMouseEvent* event)
{
    for (int i = 0; i < m_choices.size(); ++i)
        if (segment(i).contains(event->pos()))
            setCurrent(i);
}

void SegmentedControl::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Right)
        setCurrent(m_current + 1);
    else if (event->key() == Qt::Key_Left)
        setCurrent(m_current - 1);
    else
        QWidget::keyPressEvent(event);
}

void SegmentedControl::mouseMoveEvent(QMouseEvent* event)
{
    m_hover = -1;
    for (int i = 0; i < m_choices.size(); ++i)
        if (segment(i).contains(event->pos()))
            m_hover = i;
    update();
}

void SegmentedControl::leaveEvent(QEvent*)
{
    m_hover = -1;
    update();
}

}
