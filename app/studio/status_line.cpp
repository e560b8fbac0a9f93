#include "app/studio/status_line.h"

#include "app/studio/frame/page.h"
#include "widgets/style/icons.h"
#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QPainter>
#include <QTimer>

namespace percept::studio {
namespace {
constexpr int kSlowMs = 300, kGap = 16;
}

StatusLine::StatusLine(StudioContext& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_slowTimer(new QTimer(this))
{
    setObjectName(QStringLiteral("status-line"));
    setFixedHeight(style::height::kStatus);
    setAttribute(Qt::WA_OpaquePaintEvent);
    m_slowTimer->setSingleShot(true);
    m_slowTimer->setInterval(kSlowMs);
    connect(m_slowTimer, &QTimer::timeout, this, [this] {
        m_slow = true;
        update();
    });
    connect(&context, &StudioContext::saveStateChanged, this, [this] {
        if (m_context.saveState().pending == 0) {
            m_slowTimer->stop();
            m_slow = false;
        } else if (!m_slow && !m_slowTimer->isActive()) {
            m_slowTimer->start();
        }
        // Each edit comes by here twice; mostly it looks the same before, between and after.
        if (savedText() == accessibleName())
            return;
        setAccessibleName(savedText());
        update();
    });
}

void StatusLine::setPage(const Page* page)
{
    m_page = page;
    update();
}

QString StatusLine::savedText() const
{
    const auto& state = m_context.saveState();
    if (!state.failure.empty())
        return tr("%1 kept in memory: %2").arg(style::counted(state.pending, tr("change"), tr("changes")), QString::fromStdString(state.failure));
    return m_slow ? tr("Saving") : tr("All changes saved");
}

void StatusLine::paintEvent(QPaintEvent*)
{
    const style::Tokens& t = style::tokens();
    QPainter painter(this);
    painter.fillRect(rect(), t.window);
    painter.fillRect(0, 0, width(), 1, t.line);
    constexpr auto kRole = style::TextRole::Caption;
    const bool failed = !m_context.saveState().failure.empty();
    const QColor mark = failed ? t.error : m_slow ? t.text3 : t.good;
    style::paintIcon(painter, failed ? QStringLiteral("alert") : m_slow ? QStringLiteral("clock") : QStringLiteral("check"), QRectF(12, 5, 14, 14), mark);

    QStringList right = m_page ? m_page->statusRight() : QStringList();
    if (m_context.session())
        right << tr("%1 · this computer").arg(toQString(m_context.session()->folder().filename()));
    int edge = width() - 12;
    for (auto it = right.crbegin(); it != right.crend() && edge > width() / 3; ++it) {
        const int wide = style::textWidth(kRole, *it);
        style::drawText(painter, kRole, QRect(edge - wide, 0, wide + 1, height()), t.text2, *it);
        edge -= wide + kGap;
    }
    int x = 32;
    const auto put = [&](const QString& text, const QColor& color) {
        style::drawText(painter, kRole, QRect(x, 0, edge - x, height()), color, text);
        x += style::textWidth(kRole, text) + kGap;
    };
    put(savedText(), failed ? t.error : t.text2);
    if (m_page)
        for (const QString& text : m_page->statusLeft())
            put(text, t.text2);
}

}
