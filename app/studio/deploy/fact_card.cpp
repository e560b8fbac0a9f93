#include "app/studio/deploy/fact_card.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QHelpEvent>
#include <QPainter>
#include <QPushButton>
#include <QToolTip>
#include <algorithm>

namespace percept::studio {

using style::tokens;
using style::Tone;
using fleet::DeviceStand;

namespace {

constexpr int kPad = 12, kSquare = 26, kGap = 4, kLine = 22;
constexpr int kHead = 38, kStands = kSquare + 8, kFoot = 30, kFootLine = 20, kLeastHeight = 196;

struct Mark { const char* icon; QColor color; };
Mark markOf(Fact::State state)
{
    const style::Tokens& t = tokens();
    switch (state) {
    case Fact::State::Good: return { "ok", t.good };
    case Fact::State::Open: return { "clock", t.accent };
    case Fact::State::Bad: return { "alert", t.error };
    case Fact::State::Note: return { "info", t.text3 };
    default: return { nullptr, t.lineStrong };
    }
}

struct Square { QColor ink, fill; const char* icon; bool isDashed; };
Square squareOf(DeviceStand stand)
{
    const style::Tokens& t = tokens();
    switch (stand) {
    case DeviceStand::Runs: return { t.good, t.goodSoft, "chip", false };
    case DeviceStand::Working: return { t.accent, t.accentSoft, "download", false };
    case DeviceStand::Waiting: return { t.accent, t.accentSoft, "clock", false };
    case DeviceStand::Refused: return { t.error, t.errorSoft, "alert", false };
    case DeviceStand::Offline: return { t.text3, QColor(), "chip", true };
    default: return { t.text3, t.hover, "chip", false };
    }
}

void paintSquare(QPainter& painter, const QRectF& rect, DeviceStand stand)
{
    const Square square = squareOf(stand);
    if (square.isDashed) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(tokens().lineStrong, 1, Qt::DashLine));
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    } else {
        style::paintRounded(painter, rect, 4, square.fill);
    }
    style::paintIcon(painter, QString::fromLatin1(square.icon), rect.adjusted(5, 5, -5, -5), square.ink);
}

// Of a fact's text beside its value.
int roomOf(const Fact& fact, int width, const QFontMetrics& metrics)
{
    return width - 24 - (fact.value.isEmpty() ? 0 : metrics.horizontalAdvance(fact.value) + 8);
}

void paintFact(QPainter& painter, const QRect& line, const Fact& fact)
{
    const Mark mark = markOf(fact.state);
    const QRectF icon(line.left(), line.top() + 3, 16, 16);
    if (mark.icon)
        style::paintIcon(painter, QString::fromLatin1(mark.icon), icon, mark.color);
    else
        style::paintRounded(painter, QRectF(icon.center().x() - 4, icon.center().y() - 4, 8, 8), 4, QColor(), mark.color, 1.5);
    painter.setFont(style::font(style::TextRole::Table));
    painter.setPen(fact.state == Fact::State::Bad ? tokens().error : tokens().text2);
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, fact.value);
    const int room = roomOf(fact, line.width(), painter.fontMetrics());
    painter.setPen(fact.state == Fact::State::Waiting ? tokens().text2 : tokens().text);
    painter.drawText(line.adjusted(24, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(fact.text, Qt::ElideRight, room));
}

}

FactCard::FactCard(const QString& title, QWidget* parent)
    : QWidget(parent)
    , m_title(title)
    , m_chip(new style::Chip({}, Tone::Neutral, this))
    , m_foot(new style::PlainLabel({}, style::TextRole::Table, style::Ink::Text2, this))
    , m_button(style::makeButton({}, style::ButtonKind::Default, nullptr, style::ControlSize::Compact, this))
{
    m_chip->hide();
    m_chip->setFocusPolicy(Qt::NoFocus);
    m_button->hide();
    m_foot->setElideMode(Qt::ElideRight);
    speak();
}

void FactCard::setTitle(const QString& title)
{
    m_title = title;
    speak();
}

void FactCard::setButton(const QString& text)
{
    m_button->setText(text);
    m_button->setVisible(!text.isEmpty());
    place();
}

void FactCard::setChip(const QString& text, Tone tone)
{
    m_chip->setText(text);
    m_chip->setTone(tone);
    m_chip->setVisible(!text.isEmpty());
    place();
    speak();
}

void FactCard::setFacts(std::vector<Fact> facts)
{
    if (facts == m_facts)
        return;
    m_facts = std::move(facts);
    updateGeometry();
    speak();
}

void FactCard::setStands(std::vector<DeviceStand> stands)
{
    m_isRing = true;
    updateGeometry();
    if (stands == m_stands)
        return;
    m_stands = std::move(stands);
    speak();
}

void FactCard::setFoot(const QString& text)
{
    m_foot->setText(text);
    m_foot->setToolTip(text.toHtmlEscaped());
    place();
}

void FactCard::setCurrent(bool current)
{
    m_isCurrent = current;
    update();
}

QStringList FactCard::cutTexts() const
{
    QStringList cut;
    const QFontMetrics metrics(style::font(style::TextRole::Table)), strong(style::font(style::TextRole::BodyStrong));
    for (const Fact& fact : m_facts)
        if (metrics.horizontalAdvance(fact.text) > roomOf(fact, width() - 2 * kPad, metrics))
            cut << fact.text;
    if (height() < neededHeight())
        cut << tr("the last lines");
    const int titleRoom = width() - 2 * kPad - (m_chip->isVisibleTo(this) ? m_chip->width() + 8 : 0);
    if (strong.horizontalAdvance(m_title) > titleRoom)
        cut << m_title;
    if (m_foot->isVisibleTo(this) && metrics.horizontalAdvance(m_foot->text()) > m_foot->width())
        cut << m_foot->text();
    if (m_button->isVisibleTo(this) && m_button->sizeHint().width() > m_button->width())
        cut << m_button->text();
    return cut;
}

void FactCard::speak()
{
    QStringList lines { m_chip->text() };
    if (m_isRing)
        lines << style::counted(static_cast<qint64>(m_stands.size()), tr("device"), tr("devices"));
    for (const Fact& fact : m_facts)
        lines << (fact.value.isEmpty() ? fact.text : QStringLiteral("%1: %2").arg(fact.text, fact.value));
    setAccessibleName(m_title);
    setAccessibleDescription(lines.join(QStringLiteral("; ")));
    update();
}

int FactCard::factsTop() const { return kHead + (m_isRing ? kStands : 0); }

QString FactCard::tipAt(int y) const
{
    const int line = (y - factsTop()) / kLine;
    return y >= factsTop() && line < static_cast<int>(m_facts.size()) ? m_facts[static_cast<std::size_t>(line)].details : QString();
}

bool FactCard::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), tipAt(help->pos().y()).toHtmlEscaped(), this);
    return true;
}

bool FactCard::isFootAbove() const
{
    if (!m_button->isVisibleTo(this) || m_foot->text().isEmpty())
        return false;
    const int beside = width() - 2 * kPad - m_button->sizeHint().width() - 9;
    return QFontMetrics(style::font(style::TextRole::Table)).horizontalAdvance(m_foot->text()) > beside;
}

int FactCard::footHeight() const { return isFootAbove() ? kFoot + kFootLine : kFoot; }

int FactCard::neededHeight() const
{
    return std::max(kLeastHeight, factsTop() + static_cast<int>(m_facts.size()) * kLine + footHeight());
}

void FactCard::place()
{
    const QSize chip = m_chip->sizeHint();
    m_chip->setGeometry(width() - kPad - chip.width(), 9, chip.width(), chip.height());
    int left = kPad;
    const QSize size = m_button->sizeHint();
    m_button->setGeometry(left, height() - 8 - size.height(), std::min(size.width(), width() - 2 * kPad), size.height());
    const bool isAbove = isFootAbove();
    if (m_button->isVisibleTo(this) && !isAbove)
        left = m_button->geometry().right() + 9;
    m_foot->setGeometry(left, height() - footHeight(), std::max(0, width() - left - kPad), kFootLine);
    updateGeometry();
}

void FactCard::resizeEvent(QResizeEvent*) { place(); }

// As many as there is room for, then how many more.
int FactCard::paintStands(QPainter& painter, int top) const
{
    const int count = static_cast<int>(m_stands.size()), room = (width() - 2 * kPad + kGap) / (kSquare + kGap);
    const int shown = count <= room ? count : std::max(0, room - 2);
    for (int i = 0; i < shown; ++i)
        paintSquare(painter, QRectF(kPad + i * (kSquare + kGap), top, kSquare, kSquare), m_stands[static_cast<std::size_t>(i)]);
    painter.setFont(style::font(style::TextRole::Table));
    painter.setPen(tokens().text2);
    if (shown < count)
        painter.drawText(QRect(kPad + shown * (kSquare + kGap) + 4, top, 80, kSquare), Qt::AlignLeft | Qt::AlignVCenter, tr("+ %1").arg(style::count(count - shown)));
    if (count == 0)
        painter.drawText(QRect(kPad, top, width() - 2 * kPad, kSquare), Qt::AlignLeft | Qt::AlignVCenter, tr("No device"));
    return top + kStands;
}

void FactCard::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    style::paintRounded(painter, rect(), style::radius::kCard, QColor(), m_isCurrent ? tokens().accent : tokens().line, m_isCurrent ? 1.5 : 1);
    painter.setFont(style::font(style::TextRole::BodyStrong));
    painter.setPen(tokens().text);
    const int room = width() - 2 * kPad - (m_chip->isVisibleTo(this) ? m_chip->width() + 8 : 0);
    painter.drawText(QRect(kPad, 9, room, 22), Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(m_title, Qt::ElideMiddle, room));
    int top = kHead;
    if (m_isRing)
        top = paintStands(painter, top);
    for (const Fact& fact : m_facts) {
        if (top + kLine > height() - footHeight())
            break;
        paintFact(painter, QRect(kPad, top, width() - 2 * kPad, kLine), fact);
        top += kLine;
    }
}

}
