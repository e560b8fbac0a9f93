#include "app/studio/train/wizard_parts.h"

#include "core/base/time.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QPainter>
#include <QScrollArea>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace percept::studio {

using style::Ink;
using style::PlainLabel;
using style::TextRole;
using style::tokens;

namespace {

constexpr int kStepHeight = 48, kRing = 20;
constexpr int kChosenRole = Qt::UserRole + 1, kStateRole = Qt::UserRole + 2;

class StepDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override { return { option.rect.width(), kStepHeight }; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const bool current = option.state & QStyle::State_Selected;
        if (current)
            painter->fillRect(option.rect, tokens().accentSoft);
        else if (option.state & QStyle::State_MouseOver)
            painter->fillRect(option.rect, tokens().hover);
        const QString chosen = index.data(kChosenRole).toString();
        paintRing(*painter, QRectF(option.rect.left() + 16, option.rect.top() + (kStepHeight - kRing) / 2.0, kRing, kRing), index, current);
        const QRect text = option.rect.adjusted(48, 6, -8, -6);
        const QRect first = chosen.isEmpty() ? text : QRect(text.left(), text.top(), text.width(), text.height() / 2);
        painter->setFont(style::font(TextRole::Section));
        painter->setPen(current ? tokens().text : tokens().text2);
        painter->drawText(first, Qt::AlignLeft | Qt::AlignVCenter, index.data(Qt::DisplayRole).toString());
        painter->setFont(style::font(TextRole::Table));
        painter->setPen(current ? tokens().text2 : tokens().text3);
        if (!chosen.isEmpty())
            painter->drawText(first.translated(0, first.height()), Qt::AlignLeft | Qt::AlignVCenter,
                painter->fontMetrics().elidedText(chosen, Qt::ElideRight, text.width()));
        painter->restore();
    }

private:
    static void paintRing(QPainter& painter, const QRectF& ring, const QModelIndex& index, bool current)
    {
        const auto state = static_cast<WizardSteps::State>(index.data(kStateRole).toInt());
        const QColor ink = state == WizardSteps::State::Done ? tokens().good : state == WizardSteps::State::Problem ? tokens().error : tokens().text3;
        painter.setBrush(current ? tokens().accentFill : Qt::transparent);
        painter.setPen(QPen(current ? tokens().accentFill : ink, 1.5));
        painter.drawEllipse(ring.adjusted(0.75, 0.75, -0.75, -0.75));
        if (!current && state != WizardSteps::State::Ahead)
            return style::paintIcon(painter, QString::fromLatin1(state == WizardSteps::State::Done ? "check" : "x"), ring.adjusted(4, 4, -4, -4), ink);
        painter.setFont(style::font(TextRole::CaptionStrong));
        painter.setPen(current ? tokens().onAccent : tokens().text2);
        painter.drawText(ring, Qt::AlignCenter, QString::number(index.row() + 1));
    }
};

const char* iconOf(services::DataFinding::Level level)
{
    using Level = services::DataFinding::Level;
    switch (level) {
    case Level::Good: return "ok";
    case Level::Note: return "info";
    case Level::Warning: return "warn";
    default: return "alert";
    }
}

Ink inkOf(services::DataFinding::Level level)
{
    using Level = services::DataFinding::Level;
    switch (level) {
    case Level::Good: return Ink::Good;
    case Level::Note: return Ink::Text2;
    case Level::Warning: return Ink::Warning;
    default: return Ink::Error;
    }
}

}

WizardSteps::WizardSteps(const QStringList& names, QWidget* parent)
    : QListWidget(parent)
{
    setFrameShape(QFrame::NoFrame);
    setMouseTracking(true);
    setItemDelegate(new StepDelegate(this));
    addItems(names);
}

void WizardSteps::setStep(int step, const QString& chosen, State state)
{
    QListWidgetItem* row = item(step);
    row->setData(kChosenRole, chosen);
    row->setData(kStateRole, static_cast<int>(state));
    row->setData(Qt::AccessibleTextRole, QStringLiteral("%1, %2").arg(row->text(), chosen));
}

FindingRow::FindingRow(const services::DataFinding& finding, const std::function<void(QString)>& open, QWidget* parent)
    : QWidget(parent)
    , m_level(finding.level)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(26, 3, 0, 5);
    layout->setSpacing(0);
    auto* text = new PlainLabel(QString::fromStdString(finding.text), TextRole::Table);
    text->setWordWrap(true);
    layout->addWidget(text);
    if (finding.link.empty())
        return;
    auto* link = new style::LinkButton(m_level == services::DataFinding::Level::Blocker ? tr("Mend it") : tr("Show"));
    connect(link, &QAbstractButton::clicked, this, [open, to = QString::fromStdString(finding.link)] { open(to); });
    layout->addWidget(link, 0, Qt::AlignLeft);
}

void FindingRow::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    style::paintIcon(painter, QString::fromLatin1(iconOf(m_level)), QRectF(0, 3, 16, 16), style::inkColor(inkOf(m_level)));
}

SplitBar::SplitBar(QWidget* parent)
    : QWidget(parent)
{
    setFixedHeight(40);
    setAccessibleName(tr("Split"));
}

void SplitBar::setCounts(std::int64_t train, std::int64_t validation, std::int64_t test)
{
    m_counts = { train, validation, test };
    setAccessibleDescription(tr("Train %1, validation %2, test %3").arg(train).arg(validation).arg(test));
    update();
}

void SplitBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto total = static_cast<double>(std::max<std::int64_t>(1, m_counts[0] + m_counts[1] + m_counts[2]));
    const std::array<QColor, 3> fills { tokens().accent, tokens().accentSoftLine, tokens().lineStrong };
    const std::array<QString, 3> names { tr("Train"), tr("Validation"), tr("Test, locked") };
    double x = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        const double w = width() * static_cast<double>(m_counts[i]) / total;
        style::paintRounded(painter, QRectF(x, 0, std::max(0.0, w - 2), 12), 2, fills[i]);
        const QString n = style::count(m_counts[i]);
        painter.setFont(style::font(TextRole::TableStrong));
        const int used = painter.fontMetrics().horizontalAdvance(names[i]) + 6;
        if (used + painter.fontMetrics().horizontalAdvance(n) < w) {
            painter.setPen(tokens().text);
            painter.drawText(QRectF(x, 18, w, 20), Qt::AlignLeft | Qt::AlignVCenter, names[i]);
            painter.setFont(style::font(TextRole::Table));
            painter.setPen(tokens().text2);
            painter.drawText(QRectF(x + used, 18, w - used, 20), Qt::AlignLeft | Qt::AlignVCenter, n);
        }
        x += w;
    }
}

RecipeCard::RecipeCard(const QString& name, const QString& text, QWidget* parent)
    : QWidget(parent)
    , m_name(name)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 40, 16, 14);
    auto* label = new PlainLabel(text, TextRole::Table, Ink::Text2);
    label->setWordWrap(true);
    layout->addWidget(label);
    setAccessibleName(name);
    setAccessibleDescription(text);
}

void RecipeCard::setTime(const QString& time)
{
    m_time = time;
    update();
}

void RecipeCard::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    style::paintRounded(painter, rect(), style::radius::kCard, tokens().accentSoft, tokens().accent, 1.5);
    const QRect head(16, 12, width() - 32, 20);
    painter.setFont(style::font(TextRole::BodyStrong));
    painter.setPen(tokens().text);
    painter.drawText(head, Qt::AlignLeft | Qt::AlignVCenter, m_name);
    painter.drawText(head, Qt::AlignRight | Qt::AlignVCenter, m_time);
}

EstimateBar::EstimateBar(QWidget* parent)
    : QWidget(parent)
{
    setFixedHeight(36);
    setAccessibleName(tr("Estimate"));
}

void EstimateBar::setMinutes(double low, double middle, double high)
{
    m_low = low;
    m_middle = middle;
    m_high = high;
    setAccessibleDescription(tr("%1 to %2 minutes").arg(low, 0, 'f', 0).arg(high, 0, 'f', 0));
    update();
}

void EstimateBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    // The end of the axis: a round number with room behind the range.
    double end = 1;
    for (const double step : { 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 240.0, 480.0, 960.0, 1920.0 })
        if (end < m_high * 1.3)
            end = step;
    end = std::max(end, m_high * 1.05);
    const auto at = [&](double minutes) { return width() * minutes / end; };
    painter.fillRect(QRectF(0, 7, width(), 1), tokens().lineStrong);
    style::paintRounded(painter, QRectF(at(m_low), 3, std::max(4.0, at(m_high) - at(m_low)), 9), 2, tokens().accentSoftLine);
    painter.fillRect(QRectF(at(m_middle) - 1, 0, 2, 15), tokens().accent);
    painter.setFont(style::font(TextRole::Caption));
    painter.setPen(tokens().text3);
    const QRect axis(0, 18, width(), 16);
    painter.drawText(axis, Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("0"));
    painter.drawText(axis, Qt::AlignRight | Qt::AlignVCenter, QString::fromStdString(base::describeDuration(end * 60)));
}

void clearLayout(QLayout* layout)
{
    while (QLayoutItem* item = layout->takeAt(0)) {
        if (QWidget* widget = item->widget())
            widget->deleteLater();
        delete item;
    }
}

QWidget* scrolled(QWidget* content)
{
    auto* area = new QScrollArea;
    area->setWidget(content);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    return area;
}

void addFact(QVBoxLayout* layout, const QString& name, const QString& value)
{
    auto* row = new QWidget;
    auto* columns = new QHBoxLayout(row);
    columns->setContentsMargins(0, 0, 0, 0);
    columns->addWidget(new PlainLabel(name, TextRole::Table, Ink::Text2));
    columns->addStretch();
    columns->addWidget(new PlainLabel(value, TextRole::Table));
    layout->addWidget(row);
}

}
