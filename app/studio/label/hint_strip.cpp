#include "app/studio/label/hint_strip.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QPainter>
#include <algorithm>

namespace percept::studio {

namespace {
    constexpr int kMargin = 12, kGap = 8, kLeast = 40; // px; a text of which there is less says nothing
}

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
    QStringList said;
    for (const Key& key : m_keys)
        said << key.key + QStringLiteral(": ") + key.what;
    setAccessibleDescription(said.join(QStringLiteral(", ")));
    update();
}

// All of it, line by line: for whoever points at a strip that had to leave something out.
QString HintStrip::whole() const
{
    QStringList lines { m_how.isEmpty() ? m_tool : m_tool + QStringLiteral(": ") + m_how };
    if (!m_subject.isEmpty())
        lines << m_subject;
    for (const Key& key : m_keys)
        lines << key.key + QStringLiteral("  ") + key.what;
    return lines.join(QLatin1Char('\n'));
}

void HintStrip::paintEvent(QPaintEvent*)
{
    using namespace style;
    QPainter p(this);
    const auto& t = tokens();
    p.fillRect(rect(), t.panel);
    p.fillRect(0, 0, width(), 1, t.line);
    int x = kMargin;
    if (m_swatch.isValid()) {
        paintSwatch(p, QRectF(x, height() / 2.0 - 5, 10, 10), m_swatch);
        x += 18;
    }
    const int toolWidth = std::min(textWidth(TextRole::Table, m_tool), width() * 2 / 5); // a long class leaves room for the keys
    drawText(p, TextRole::Table, QRect(x, 0, toolWidth, height()), t.text, m_tool);
    x += toolWidth + kGap;
    const int right = paintKeys(p, x), room = right - x;
    const int howWidth = textWidth(TextRole::Table, m_how);
    const bool fits = howWidth <= room;
    if (fits || room > kLeast)
        drawText(p, TextRole::Table, QRect(x, 0, room, height()), t.text2, m_how);
    m_isCut = m_isCut || !fits || toolWidth < textWidth(TextRole::Table, m_tool);
    setToolTip(m_isCut ? plainTip(whole()) : QString());
}

// From the right; what has no room before `from` is left out, the first of them first. Where they begin.
int HintStrip::paintKeys(QPainter& p, int from)
{
    using namespace style;
    const auto& t = tokens();
    int right = width() - kMargin;
    const auto put = [&](const QString& text, int w) {
        right -= w;
        drawText(p, TextRole::Table, QRect(right, 0, w, height()), t.text2, elidedBeforeLastWord(TextRole::Table, text, w));
        right -= kGap;
    };
    m_isCut = false;
    for (auto it = m_keys.rbegin(); it != m_keys.rend() && !m_isCut; ++it) {
        const QSize cap = keyCapSize(it->key);
        const int what = textWidth(TextRole::Table, it->what);
        m_isCut = right - what - cap.width() - 3 * kGap < from;
        if (m_isCut)
            break;
        put(it->what, what);
        right -= cap.width();
        paintKeyCap(p, QRect(right, (height() - cap.height()) / 2 + 1, cap.width(), cap.height()), it->key);
        right -= kGap;
    }
    if (m_subject.isEmpty())
        return right;
    const int subject = std::min(textWidth(TextRole::Table, m_subject), right - from - kGap);
    m_isCut = m_isCut || subject < textWidth(TextRole::Table, m_subject);
    if (subject > kLeast || !m_isCut)
        put(m_subject, subject);
    return right;
}

}
