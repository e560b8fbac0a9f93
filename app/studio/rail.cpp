#include "app/studio/rail.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QButtonGroup>
#include <QPainter>
#include <QVBoxLayout>

namespace percept::studio {

using style::tokens;

RailButton::RailButton(const QString& key, const QString& name, const char* icon, int height, QWidget* parent)
    : QAbstractButton(parent)
    , m_key(key)
    , m_icon(QString::fromLatin1(icon))
    , m_height(height)
{
    setText(name);
    setAccessibleName(name);
    setObjectName(QStringLiteral("rail-") + key);
    setCheckable(true);
    setFixedSize(sizeHint());
}

void RailButton::setBadge(qint64 waiting)
{
    if (waiting == m_badge)
        return;
    m_badge = waiting;
    setAccessibleDescription(waiting > 0 ? tr("%1 waiting").arg(style::count(waiting)) : QString());
    update();
}

QSize RailButton::sizeHint() const { return { style::height::kRail - 1, m_height }; }

void RailButton::paintEvent(QPaintEvent*)
{
    const style::Tokens& t = tokens();
    QPainter painter(this);
    const bool on = isChecked(), lit = underMouse() || hasFocus();
    if (on || lit)
        style::paintRounded(painter, QRectF(rect()).adjusted(6, 2, -6, -2), 6, on ? t.railActive : t.hover);
    if (on)
        style::paintRounded(painter, QRectF(-2, 10, 5, height() - 20), 2, t.accent);
    const QColor ink = on || lit ? t.text : t.text2;
    const bool named = m_height >= 60;
    const int top = named ? 10 : (height() - 20) / 2;
    style::paintIcon(painter, m_icon, QRectF((width() - 20) / 2, top, 20, 20), ink);
    if (named) {
        painter.setFont(style::font(style::TextRole::CaptionStrong));
        painter.setPen(ink);
        painter.drawText(QRect(0, 34, width(), 16), Qt::AlignCenter, text());
    }
    if (m_badge <= 0)
        return;
    const QString count = m_badge > 999 ? QStringLiteral("999+") : QString::number(m_badge);
    QFont small = style::font(style::TextRole::CaptionStrong);
    small.setPixelSize(10);
    small.setWeight(QFont::DemiBold);
    painter.setFont(small);
    const QRectF badge(40, 6, std::max(16, QFontMetrics(small).horizontalAdvance(count) + 8), 16);
    style::paintRounded(painter, badge.adjusted(-2, -2, 2, 2), 10, on ? t.railActive : t.window);
    style::paintRounded(painter, badge, 8, t.pressed);
    painter.setPen(t.text);
    painter.drawText(badge, Qt::AlignCenter, count);
}

Rail::Rail(QWidget* parent)
    : QWidget(parent)
    , m_pages(new QVBoxLayout)
    , m_foot(new QVBoxLayout)
    , m_group(new QButtonGroup(this))
{
    setFixedWidth(style::height::kRail);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 1, 0);
    layout->setSpacing(0);
    m_pages->setSpacing(0);
    m_foot->setSpacing(0);
    layout->addLayout(m_pages);
    layout->addStretch(1);
    layout->addLayout(m_foot);
    m_group->setExclusive(true);
}

RailButton* Rail::addPage(const QString& key, const QString& name, const char* icon, int digit)
{
    auto* button = new RailButton(key, name, icon, 60);
    style::setTip(button, name, QStringLiteral("Ctrl %1").arg(digit));
    m_group->addButton(button);
    m_pages->addWidget(button);
    connect(button, &QAbstractButton::clicked, this, [this, key] { Q_EMIT pageClicked(key); });
    return button;
}

RailButton* Rail::addFoot(const QString& key, const QString& name, const char* icon, const QString& shortcut)
{
    auto* button = new RailButton(key, name, icon, 48);
    button->setCheckable(false);
    style::setTip(button, name, shortcut);
    m_foot->addWidget(button);
    return button;
}

void Rail::setCurrent(const QString& key)
{
    for (QAbstractButton* button : m_group->buttons())
        if (static_cast<RailButton*>(button)->key() == key)
            button->setChecked(true);
}

void Rail::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), tokens().window);
    painter.fillRect(width() - 1, 0, 1, height(), tokens().line);
}

}
