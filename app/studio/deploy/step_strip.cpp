#include "app/studio/deploy/step_strip.h"

#include "widgets/style/icons.h"
#include "widgets/style/paint.h"
#include "widgets/style/text.h"

#include <QPainter>
#include <algorithm>

namespace percept::studio {

using style::tokens;

namespace {

constexpr int kRing = 24, kMargin = 16, kTop = 12, kHeight = 68, kLine = 18, kGap = 12;

QString stateName(StepStrip::State state)
{
    switch (state) {
    case StepStrip::State::Done: return StepStrip::tr("done");
    case StepStrip::State::Now: return StepStrip::tr("now");
    case StepStrip::State::Failed: return StepStrip::tr("failed");
    default: return StepStrip::tr("waiting");
    }
}

QColor lineColor(StepStrip::State next)
{
    switch (next) {
    case StepStrip::State::Done: return tokens().good;
    case StepStrip::State::Now: return tokens().accent;
    case StepStrip::State::Failed: return tokens().error;
    default: return tokens().lineStrong;
    }
}

void paintRing(QPainter& painter, const QRectF& ring, StepStrip::State state, int number)
{
    const style::Tokens& t = tokens();
    const bool isNow = state == StepStrip::State::Now;
    const QColor border = state == StepStrip::State::Done ? t.good : state == StepStrip::State::Failed ? t.error : t.lineStrong;
    style::paintRounded(painter, ring, kRing / 2.0, isNow ? t.accentFill : t.panel, isNow ? QColor() : border, 1.5);
    if (state == StepStrip::State::Done || state == StepStrip::State::Failed)
        return style::paintIcon(painter, state == StepStrip::State::Done ? QStringLiteral("check") : QStringLiteral("x"), ring.adjusted(5, 5, -5, -5), border);
    painter.setFont(style::font(style::TextRole::Section));
    painter.setPen(isNow ? t.onAccent : t.text2);
    painter.drawText(ring, Qt::AlignCenter, QString::number(number));
}

}

StepStrip::StepStrip(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("deploySteps"));
    setAccessibleName(tr("Steps"));
    setFixedHeight(kHeight);
}

double StepStrip::pitch() const { return (width() - 2.0 * kMargin) / static_cast<double>(std::max<std::size_t>(1, m_steps.size())); }

// What a step has come to stands beside its name; below, where one of them has no room for that.
bool StepStrip::isStacked() const
{
    const QFontMetrics names(style::font(style::TextRole::Section)), texts(style::font(style::TextRole::Table));
    return std::any_of(m_steps.begin(), m_steps.end(),
        [&](const Step& step) { return names.horizontalAdvance(step.name) + 6 + texts.horizontalAdvance(step.text) > pitch() - kGap; });
}

QStringList StepStrip::cutTexts() const
{
    const QFontMetrics texts(style::font(style::TextRole::Table));
    QStringList cut;
    for (const Step& step : m_steps)
        if (isStacked() && texts.horizontalAdvance(step.text) > pitch() - kGap)
            cut << step.text;
    return cut;
}

void StepStrip::place() { setFixedHeight(isStacked() ? kHeight + kLine : kHeight); }

void StepStrip::resizeEvent(QResizeEvent*) { place(); }

void StepStrip::setSteps(std::vector<Step> steps)
{
    if (steps == m_steps)
        return;
    m_steps = std::move(steps);
    QStringList spoken;
    for (const Step& step : m_steps)
        spoken << QStringLiteral("%1: %2, %3").arg(step.name, stateName(step.state), step.text);
    setAccessibleDescription(spoken.join(QStringLiteral("; ")));
    place();
    update();
}

void StepStrip::paintEvent(QPaintEvent*)
{
    if (m_steps.empty())
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double pitch = this->pitch();
    const bool stacked = isStacked();
    for (std::size_t i = 0; i < m_steps.size(); ++i) {
        const Step& step = m_steps[i];
        const double x = kMargin + pitch * static_cast<double>(i);
        paintRing(painter, QRectF(x, kTop, kRing, kRing), step.state, static_cast<int>(i) + 1);
        if (i + 1 < m_steps.size())
            painter.fillRect(QRectF(x + kRing + 6, kTop + kRing / 2.0 - 1, pitch - kRing - 12, 2), lineColor(m_steps[i + 1].state));
        const QRectF line(x, kTop + kRing + 6, pitch - kGap, kLine);
        painter.setFont(style::font(style::TextRole::Section));
        painter.setPen(step.state == State::Ahead ? tokens().text2 : tokens().text);
        painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, step.name);
        const double used = painter.fontMetrics().horizontalAdvance(step.name) + 6;
        painter.setFont(style::font(style::TextRole::Table));
        painter.setPen(step.state == State::Failed ? tokens().error : tokens().text3);
        const QRectF rest = stacked ? line.translated(0, kLine) : line.adjusted(used, 0, 0, 0);
        painter.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(step.text, Qt::ElideRight, static_cast<int>(rest.width())));
    }
}

}
