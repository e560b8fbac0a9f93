#include "app/studio/label/hint_strip.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QPainter>

namespace percept::studio {

HintStrip::HintStrip(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("hintStrip"));
    setFixedHeight(28);
    setAttribute(Qt::WA_OpaquePaintEvent);
}

void HintStrip::setTool(const QColor& swatch, const QString& tool, const QString& how)
{
    if (swatch == m_swatch && tool == m_tool && how == m_how)
        return;
    m_swatch = swatch;
    m_tool = tool;
    m_how = how;
    setAccessibleName(tool + QStringLiteral(": ") + how);
    update();
}

void HintStrip::setKeys(const QString& subject, std::vector<Key> keys)
{
    if (subject == m_subject && keys == m_keys)
        return;
    m_subject = subject;
    m_keys = std::move(keys);
    update();
}

void HintStrip::paintEvent(QPaintEvent*)
{
    using namespace style;
    QPainter p(this);
    const auto& t = tokens();
    p.fillRect(rect(), t.panel);
    p.fillRect(0, 0, width(), 1, t.line);
    int x = 12;
    if (m_swatch.isValid()) {
        paintSwatch(p, QRectF(x, height() / 2.0 - 5, 10, 10), m_swatch);
        x += 18;
    }
    drawText(p, TextRole::Table, QRect(x, 0, width(), height()), t.text, m_tool);
    x += textWidth(TextRole::Table, m_tool) + 8;
    const int textEnd = x;

    // From the right; what has no room is left out, least important (first) last.
    int right = width() - 12;
    const auto put = [&](const QString& text, const QColor& color) {
        const int w = textWidth(TextRole::Table, text);
        right -= w;
        drawText(p, TextRole::Table, QRect(right, 0, w, height()), color, text);
        right -= 8;
    };
    for (auto it = m_keys.rbegin(); it != m_keys.rend(); ++it) {
        const QSize cap = keyCapSize(it->key);
        if (right - textWidth(TextRole::Table, it->what) - cap.width() - 24 < textEnd)
            break;
        put(it->what, t.text2);
        right -= cap.width();
        paintKeyCap(p, QRect(right, (height() - cap.height()) / 2 + 1, cap.width(), cap.height()), it->key);
        right -= 8;
    }
    if (!m_subject.isEmpty() && right - textWidth(TextRole::Table, m_subject) > textEnd)
        put(m_subject, t.text2);
    if (const int room = right - textEnd; room > 40)
        drawText(p, TextRole::Table, QRect(textEnd, 0, room, height()), t.text2, m_how);
}

}
