#include "widgets/style/widgets.h"

#include <QEvent>
#include <QPainter>
#include <QStyleOption>

namespace percept::style {

PlainLabel::PlainLabel(const QString& text, TextRole role, Ink ink, QWidget* parent)
    : QLabel(parent)
    , m_role(role)
    , m_ink(ink)
{
    setTextFormat(Qt::PlainText);
    setRole(role);
    setText(text);
}

void PlainLabel::setInk(Ink ink)
{
    m_ink = ink;
    update();
}

void PlainLabel::setRole(TextRole role)
{
    m_role = role;
    setFont(style::font(role));
}

void PlainLabel::setElideMode(Qt::TextElideMode mode)
{
    m_elide = mode;
    if (mode != Qt::ElideNone)
        setSizePolicy(QSizePolicy::Preferred, sizePolicy().verticalPolicy());
    update();
}

QSize PlainLabel::minimumSizeHint() const
{
    const QSize size = QLabel::minimumSizeHint();
    return m_elide == Qt::ElideNone ? size : QSize(std::min(size.width(), 24), size.height());
}

void PlainLabel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const QColor ink = isEnabled() ? inkColor(m_ink) : tokens().disabled;
    if (const QFont own = style::font(m_role); !wordWrap() && font() == own && !text().contains(QLatin1Char('\n'))
        && textWidth(m_role, text()) <= contentsRect().width() - 2 * margin())
        return drawText(painter, m_role, contentsRect().adjusted(margin(), margin(), -margin(), -margin()), ink, text(), alignment());
    painter.setFont(font());
    painter.setPen(ink);
    const QRect area = contentsRect().adjusted(margin(), margin(), -margin(), -margin());
    const QString shown = m_elide == Qt::ElideNone ? text() : fontMetrics().elidedText(text(), m_elide, area.width());
    painter.drawText(area, static_cast<int>(alignment()) | (wordWrap() ? Qt::TextWordWrap : 0), shown);
}

void PlainLabel::changeEvent(QEvent* event)
{
    QLabel::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        update();
}

void PlainLabel::resizeEvent(QResizeEvent* event)
{
    QLabel::resizeEvent(event);
    updateTip();
}

// The whole text of what is elided; a tooltip would read markup out of it, so it is escaped.
void PlainLabel::updateTip()
{
    if (m_elide == Qt::ElideNone)
        return;
    const bool cut = fontMetrics().horizontalAdvance(text()) > contentsRect().width();
    setToolTip(cut ? QStringLiteral("<span>") + text().toHtmlEscaped() + QStringLiteral("</span>") : QString());
}

}
