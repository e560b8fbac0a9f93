#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

namespace percept::style {

QColor toneText(Tone tone)
{
    const Tokens& t = tokens();
    switch (tone) {
    case Tone::Accent: return t.accent;
    case Tone::Good: return t.good;
    case Tone::Warning: return t.warning;
    case Tone::Error: return t.error;
    case Tone::Neutral: break;
    }
    return t.text2;
}

QColor toneFill(Tone tone)
{
    const Tokens& t = tokens();
    switch (tone) {
    case Tone::Accent: return t.accentSoft;
    case Tone::Good: return t.goodSoft;
    case Tone::Warning: return t.warningSoft;
    case Tone::Error: return t.errorSoft;
    case Tone::Neutral: break;
    }
    return t.dark ? t.raised : t.hover;
}

KeyCap::KeyCap(const QString& key, QWidget* parent)
    : QWidget(parent)
    , m_key(key)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void KeyCap::setKey(const QString& key)
{
    m_key = key;
    updateGeometry();
    update();
}

QSize KeyCap::sizeHint() const { return keyCapSize(m_key); }

void KeyCap::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintKeyCap(painter, rect(), m_key, isEnabled());
}

Chip::Chip(const QString& text, Tone tone, QWidget* parent)
    : QAbstractButton(parent)
    , m_tone(tone)
{
    setText(text);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setFocusPolicy(Qt::NoFocus);
}

void Chip::setTone(Tone tone)
{
    m_tone = tone;
    update();
}

void Chip::setSwatch(const QColor& color, bool hatched)
{
    m_swatch = color;
    m_hatched = hatched;
    updateGeometry();
    update();
}

void Chip::setRemovable(bool removable)
{
    m_removable = removable;
    setFocusPolicy(removable ? Qt::TabFocus : Qt::NoFocus);
    setAccessibleDescription(removable ? tr("Press to remove") : QString());
    if (removable)
        connect(this, &QAbstractButton::clicked, this, &Chip::removed, Qt::UniqueConnection);
    updateGeometry();
}

QSize Chip::sizeHint() const
{
    int width = 16 + QFontMetrics(style::font(TextRole::CaptionStrong)).horizontalAdvance(text());
    width += m_swatch.isValid() ? 16 : 0;
    width += m_removable ? 18 : 0;
    return { width, m_removable ? 24 : 20 };
}

void Chip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const bool lit = m_removable && underMouse();
    paintRounded(painter, rect(), radius::kControl, lit ? tokens().hover : toneFill(m_tone));
    int x = 8;
    if (m_swatch.isValid()) {
        paintSwatch(painter, QRectF(x, (height() - 10) / 2.0, 10, 10), m_swatch, m_hatched);
        x += 16;
    }
    painter.setFont(style::font(TextRole::CaptionStrong));
    painter.setPen(toneText(m_tone));
    const int right = m_removable ? 24 : 8;
    painter.drawText(QRect(x, 0, width() - x - right + 2, height()), Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetrics(painter.font()).elidedText(text(), Qt::ElideRight, width() - x - right + 2));
    if (m_removable)
        paintIcon(painter, QStringLiteral("x"), QRectF(width() - 18, (height() - 12) / 2.0, 12, 12), toneText(m_tone));
}

void Chip::keyPressEvent(QKeyEvent* event)
{
    if (m_removable && (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace))
        Q_EMIT removed();
    else
        QAbstractButton::keyPressEvent(event);
}

}
