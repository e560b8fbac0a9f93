#include "app/studio/drop_overlay.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QEvent>
#include <QPainter>
#include <algorithm>

namespace percept::studio {

namespace {
    constexpr int kFrame = 2, kPad = 24, kIcon = 28, kTitleHigh = 24, kLineHigh = 20, kWidest = 640;
}

DropOverlay::DropOverlay(QWidget* host)
    : QWidget(host)
{
    setObjectName(QStringLiteral("drop-overlay"));
    host->installEventFilter(this);
    hide();
}

void DropOverlay::showWords(const DropWords& words)
{
    m_words = words;
    setAccessibleName(words.title);
    setAccessibleDescription(words.detail);
    setGeometry(parentWidget()->rect());
    raise();
    show();
    update();
}

bool DropOverlay::eventFilter(QObject* object, QEvent* event)
{
    if (object == parentWidget() && event->type() == QEvent::Resize)
        setGeometry(parentWidget()->rect());
    return QWidget::eventFilter(object, event);
}

void DropOverlay::paintEvent(QPaintEvent*)
{
    using namespace style;
    const Tokens& t = tokens();
    QPainter p(this);
    p.fillRect(rect(), QColor(0, 0, 0, t.dark ? 110 : 60));
    const QColor color = m_words.possible ? t.accent : t.warning;
    p.setRenderHint(QPainter::Antialiasing);
    QPen dashes(color, 2);
    dashes.setDashPattern({ 4, 3 });
    p.setPen(dashes);
    p.drawRoundedRect(QRectF(rect()).adjusted(kFrame, kFrame, -kFrame, -kFrame), radius::kDialog, radius::kDialog);

    const int most = std::min(kWidest, width() - 4 * kPad);
    const QFont detailFont = style::font(TextRole::Body);
    const QRect wrapped = QFontMetrics(detailFont).boundingRect(QRect(0, 0, most - 2 * kPad, height()), Qt::TextWordWrap | Qt::AlignHCenter, m_words.detail);
    const int wide = std::clamp(std::max(textWidth(TextRole::Title, m_words.title), wrapped.width()) + 2 * kPad, 280, most);
    const int lines = m_words.detail.isEmpty() ? 0 : std::max(wrapped.height(), kLineHigh) + 4;
    const int high = kPad + kIcon + 12 + kTitleHigh + lines + kPad;
    const QRect card((width() - wide) / 2, (height() - high) / 2, wide, high);
    paintShadow(p, card, radius::kDialog);
    paintRounded(p, card, radius::kDialog, t.raised, t.lineStrong);
    paintIcon(p, m_words.possible ? QStringLiteral("import") : QStringLiteral("warn"), QRectF(card.center().x() - kIcon / 2.0, card.top() + kPad, kIcon, kIcon), color);
    const int titleTop = card.top() + kPad + kIcon + 12;
    p.setFont(style::font(TextRole::Title));
    p.setPen(t.text);
    p.drawText(QRect(card.left() + kPad, titleTop, wide - 2 * kPad, kTitleHigh), Qt::AlignCenter,
        p.fontMetrics().elidedText(m_words.title, Qt::ElideMiddle, wide - 2 * kPad));
    p.setFont(detailFont);
    p.setPen(t.text2);
    p.drawText(QRect(card.left() + kPad, titleTop + kTitleHigh + 4, wide - 2 * kPad, lines), Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap, m_words.detail);
}

}
