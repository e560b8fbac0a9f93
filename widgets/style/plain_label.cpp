#include "widgets/style/widgets.h"

#include <QEvent>
#include <QHelpEvent>
#include <QPainter>
#include <QStyleOption>
#include <QToolTip>

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

// The whole of what is cut, before what else there is to say. Asked for when it is shown: the text may have changed since.
bool PlainLabel::event(QEvent* event)
{
    const auto isCut = [this] { return m_elide != Qt::ElideNone && fontMetrics().horizontalAdvance(text()) > contentsRect().width() - 2 * margin(); };
    if (event->type() != QEvent::ToolTip || !isCut())
        return QLabel::event(event);
    QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), plainTip(text()) + toolTip(), this);
    return true;
}

}
