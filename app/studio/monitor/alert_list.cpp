#include "app/studio/monitor/alert_list.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QApplication>
#include <QButtonGroup>
#include <QDateTime>
#include <QLocale>
#include <QPainter>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>

namespace percept::studio {

using monitoring::Level;
using style::TextRole;
using style::tokens;

namespace {

constexpr int kLeft = 38, kRight = 12, kTop = 10, kBottom = 10, kGap = 3;
constexpr std::size_t kMostClosed = 10;

QString qs(const std::string& text) { return QString::fromStdString(text); }

QString idOf(const monitoring::Alert& alert)
{
    return qs(alert.kind) + QLatin1Char('|') + qs(alert.device) + QLatin1Char('|') + qs(alert.version) + QLatin1Char('|') + QString::number(alert.sinceMs);
}

struct Mark {
    const char* icon;
    QColor ink;
};
Mark markOf(const monitoring::Alert& alert)
{
    if (alert.level == Level::Watch)
        return { "eye", tokens().text2 };
    if (alert.endedMs != 0)
        return { "check", tokens().good };
    return alert.level == Level::Act ? Mark { "alert", tokens().error } : Mark { "warn", tokens().warning };
}

QString sinceText(const monitoring::Alert& alert)
{
    if (alert.sinceMs == 0)
        return {};
    return alert.endedMs != 0 ? AlertCard::tr("%1 to %2.").arg(timeText(alert.sinceMs), timeText(alert.endedMs)) : AlertCard::tr("Since %1.").arg(timeText(alert.sinceMs));
}

}

QString timeText(std::int64_t ms)
{
    return QLocale(QLocale::English).toString(QDateTime::fromMSecsSinceEpoch(ms), QStringLiteral("ddd d MMM, HH:mm"));
}

AlertCard::AlertCard(monitoring::Alert alert, QWidget* parent)
    : QAbstractButton(parent)
    , m_alert(std::move(alert))
{
    setCheckable(true);
    setFocusPolicy(Qt::StrongFocus);
    setText(qs(m_alert.title));
    setAccessibleName(qs(m_alert.title));
    QStringList said;
    for (const Part& part : parts().mid(1))
        said << part.text;
    setAccessibleDescription(said.join(QLatin1Char(' ')));
    setToolTip(qs(m_alert.details).toHtmlEscaped());
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

QVector<AlertCard::Part> AlertCard::parts() const
{
    const bool closed = m_alert.endedMs != 0;
    QVector<Part> all { { qs(m_alert.title), static_cast<int>(TextRole::BodyStrong), closed } };
    if (!closed)
        all.append({ qs(m_alert.text), static_cast<int>(TextRole::Table), true });
    if (const QString since = sinceText(m_alert); !since.isEmpty())
        all.append({ since, static_cast<int>(TextRole::Table), true });
    if (!closed)
        all.append({ qs(m_alert.next), static_cast<int>(TextRole::Table), false });
    return all;
}

int AlertCard::layOut(QPainter* painter, int width) const
{
    int y = kTop;
    const int room = std::max(40, width - kLeft - kRight);
    for (const Part& part : parts()) {
        const QFont font = style::font(static_cast<TextRole>(part.role));
        const QRect needed = QFontMetrics(font).boundingRect(QRect(0, 0, room, 10000), Qt::TextWordWrap, part.text);
        if (painter) {
            painter->setFont(font);
            painter->setPen(part.isPale ? tokens().text2 : tokens().text);
            painter->drawText(QRect(kLeft, y, room, needed.height()), Qt::TextWordWrap, part.text);
        }
        y += needed.height() + kGap;
    }
    return y - kGap + kBottom + 1;
}

int AlertCard::heightForWidth(int width) const { return layOut(nullptr, width); }
QSize AlertCard::sizeHint() const { return { 240, heightForWidth(std::max(240, width())) }; }

void AlertCard::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    if (isChecked())
        painter.fillRect(rect(), tokens().accentSoft);
    else if (underMouse())
        painter.fillRect(rect(), tokens().hover);
    painter.fillRect(QRect(0, height() - 1, width(), 1), tokens().line);
    const Mark mark = markOf(m_alert);
    style::paintIcon(painter, QString::fromLatin1(mark.icon), QRectF(12, kTop + 1, 16, 16), mark.ink);
    layOut(&painter, width());
    if (hasFocus()) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(tokens().accent, 1.5));
        painter.drawRect(QRectF(rect()).adjusted(1, 1, -1, -2));
    }
}

AlertList::AlertList(QWidget* parent)
    : QWidget(parent)
    , m_group(new QButtonGroup(this))
{
    setObjectName(QStringLiteral("alertList"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    m_body = new QWidget;
    m_column = new QVBoxLayout(m_body);
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(0);
    scroll->setWidget(m_body);
    layout->addWidget(scroll);
    m_group->setExclusive(true);
    connect(m_group, &QButtonGroup::buttonToggled, this, [this](QAbstractButton* button, bool on) {
        const auto* card = qobject_cast<AlertCard*>(button);
        if (!card || !on)
            return;
        m_chosen = idOf(card->alert());
        emit chosen(card->alert());
    });
}

void AlertList::clear()
{
    while (QLayoutItem* item = m_column->takeAt(0)) {
        delete item->widget();
        delete item;
    }
}

void AlertList::addSection(const QString& title, const QString& beside)
{
    auto* head = new QWidget;
    head->setFixedHeight(style::height::kSection + 4);
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(12, 0, 12, 0);
    row->setSpacing(6);
    row->addWidget(new style::PlainLabel(title, TextRole::Section));
    row->addWidget(new style::PlainLabel(beside, TextRole::Table, style::Ink::Text3));
    row->addStretch();
    m_column->addWidget(head);
    m_column->addWidget(style::makeLine(Qt::Horizontal));
}

void AlertList::addCard(const monitoring::Alert& alert)
{
    auto* card = new AlertCard(alert);
    m_group->addButton(card);
    m_column->addWidget(card);
    if (idOf(alert) == m_chosen)
        card->setChecked(true);
}

void AlertList::setAlerts(const std::vector<monitoring::Alert>& alerts)
{
    QString shown;
    for (const auto& alert : alerts)
        shown += idOf(alert) + qs(alert.title + alert.text) + QString::number(alert.endedMs) + QLatin1Char('\n');
    if (shown == m_shown && m_column->count() > 0)
        return; // a card that has the focus keeps it
    m_shown = shown;
    const bool hadFocus = isAncestorOf(QApplication::focusWidget());
    clear();
    std::vector<const monitoring::Alert*> open, watched, closed;
    for (const auto& alert : alerts)
        (alert.level == Level::Watch ? watched : alert.endedMs != 0 ? closed : open).push_back(&alert);
    addSection(tr("Alerts"), open.empty() ? tr("none open") : tr("%1 open").arg(open.size()));
    for (const auto* alert : open)
        addCard(*alert);
    if (!watched.empty())
        addSection(tr("Watched, no alert"), {});
    for (const auto* alert : watched)
        addCard(*alert);
    if (!closed.empty())
        addSection(tr("Closed"), closed.size() > kMostClosed ? tr("the last %1 of %2").arg(kMostClosed).arg(closed.size()) : QString());
    for (std::size_t i = 0; i < std::min(closed.size(), kMostClosed); ++i)
        addCard(*closed[i]);
    m_column->addStretch();
    if (QAbstractButton* card = m_group->checkedButton(); card && hadFocus)
        card->setFocus();
}

}
