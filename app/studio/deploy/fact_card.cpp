#include "app/studio/deploy/fact_card.h"

#include "app/studio/deploy/device_model.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QPainter>
#include <QPushButton>
#include <algorithm>

namespace percept::studio {

using style::tokens;
using style::Tone;
using fleet::DeviceStand;
using fleet::RingCondition;
using fleet::RingView;

namespace {

constexpr int kPad = 12, kSquare = 26, kGap = 4, kLine = 22;
constexpr int kHead = 38, kStands = kSquare + 8, kFoot = 30, kFootLine = 20, kLeastHeight = 196;

QString qs(const std::string& text) { return QString::fromStdString(text); }

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
    return std::max(kLeastHeight, kHead + (m_isRing ? kStands : 0) + static_cast<int>(m_facts.size()) * kLine + footHeight());
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

QString bytesText(std::int64_t bytes)
{
    const double mega = static_cast<double>(bytes) / 1e6;
    return mega >= 1 ? FactCard::tr("%1 MB").arg(mega, 0, 'f', 1) : FactCard::tr("%1 kB").arg(std::max(1.0, static_cast<double>(bytes) / 1e3), 0, 'f', 0);
}

std::vector<Fact> factsOf(const services::PackageFacts& package, bool isChecked)
{
    using State = Fact::State;
    std::vector<Fact> facts;
    facts.push_back({ State::Good, FactCard::tr("Every file as signed"), bytesText(package.bytes) });
    if (isChecked) {
        facts.push_back({ State::Good, FactCard::tr("Answers as in training"), QStringLiteral("|Δp| %1").arg(package.maxScoreDifference, 0, 'g', 1) });
        facts.push_back({ State::Good, FactCard::tr("Golden pictures repeated"), FactCard::tr("%1 of %1").arg(package.goldenPictures) });
        if (package.medianMs > 0)
            facts.push_back({ State::Note, FactCard::tr("Answer, on this computer"), FactCard::tr("%1 ms").arg(package.medianMs, 0, 'f', package.medianMs < 10 ? 1 : 0) });
    }
    if (package.score) {
        const auto& s = *package.score;
        const QString value = s.low >= 0 ? QStringLiteral("%1 (%2–%3)").arg(s.map50, 0, 'f', 3).arg(s.low, 0, 'f', 2).arg(s.high, 0, 'f', 2) : QString::number(s.map50, 'f', 3);
        facts.push_back({ State::Good, FactCard::tr("AP50, %1").arg(qs(s.set)), value });
    }
    const QString key = qs(package.signer);
    facts.push_back({ package.isOurs ? State::Good : State::Bad, package.isOurs ? FactCard::tr("Signed with your key") : FactCard::tr("Signed by somebody else"),
        key.left(4) + QStringLiteral("…") + key.right(4).remove(QLatin1Char('=')) });
    return facts;
}

namespace {

QString chipText(RingView::State state)
{
    switch (state) {
    case RingView::State::Watching: return FactCard::tr("Watching");
    case RingView::State::Passed: return FactCard::tr("Passed");
    case RingView::State::Stopped: return FactCard::tr("Stopped");
    default: return FactCard::tr("Waiting");
    }
}

Tone chipTone(RingView::State state)
{
    switch (state) {
    case RingView::State::Watching: return Tone::Accent;
    case RingView::State::Passed: return Tone::Good;
    case RingView::State::Stopped: return Tone::Error;
    default: return Tone::Neutral;
    }
}

Fact::State factState(RingCondition::State state)
{
    return state == RingCondition::State::Met ? Fact::State::Good : state == RingCondition::State::Broken ? Fact::State::Bad : Fact::State::Open;
}

}

void showRing(FactCard& card, const RingView& ring, bool hasRollout, const QString& byItself)
{
    card.setChip(hasRollout ? chipText(ring.state) : QString(), chipTone(ring.state));
    card.setStands(ring.stands);
    card.setCurrent(ring.state == RingView::State::Watching);
    std::vector<Fact> facts;
    for (const RingCondition& condition : ring.conditions)
        facts.push_back({ factState(condition.state), qs(condition.text), qs(condition.value) });
    if (ring.conditions.empty() && ring.state == RingView::State::Passed && ring.devices() > 0) {
        facts.push_back({ ring.runs == ring.devices() ? Fact::State::Good : Fact::State::Open, FactCard::tr("Run it"),
            FactCard::tr("%1 of %2").arg(ring.runs).arg(ring.devices()) });
        if (ring.refused > 0)
            facts.push_back({ Fact::State::Bad, FactCard::tr("Refuse it"), QString::number(ring.refused) });
        if (ring.offline > 0)
            facts.push_back({ Fact::State::Open, FactCard::tr("Offline"), QString::number(ring.offline) });
    }
    if (!byItself.isEmpty())
        facts.push_back({ Fact::State::Note, FactCard::tr("Promotes itself"), byItself });
    card.setFacts(std::move(facts));
}

}
