#include "app/studio/deploy/step_strip.h"

#include "widgets/style/icons.h"
#include "widgets/style/paint.h"
#include "widgets/style/text.h"

#include <QPainter>

namespace percept::studio {

using style::tokens;

namespace {

constexpr int kRing = 24, kMargin = 16, kTop = 12;

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
    setFixedHeight(68);
}

void StepStrip::setSteps(std::vector<Step> steps)
{
    if (steps == m_steps)
        return;
    m_steps = std::move(steps);
    QStringList spoken;
    for (const Step& step : m_steps)
        spoken << QStringLiteral("%1: %2, %3").arg(step.name, stateName(step.state), step.text);
    setAccessibleDescription(spoken.join(QStringLiteral("; ")));
    update();
}

void StepStrip::paintEvent(QPaintEvent*)
{
    if (m_steps.empty())
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double pitch = (width() - 2.0 * kMargin) / static_cast<double>(m_steps.size());
    for (std::size_t i = 0; i < m_steps.size(); ++i) {
        const Step& step = m_steps[i];
        const double x = kMargin + pitch * static_cast<double>(i);
        paintRing(painter, QRectF(x, kTop, kRing, kRing), step.state, static_cast<int>(i) + 1);
        if (i + 1 < m_steps.size())
            painter.fillRect(QRectF(x + kRing + 6, kTop + kRing / 2.0 - 1, pitch - kRing - 12, 2), lineColor(m_steps[i + 1].state));
        const QRectF line(x, kTop + kRing + 6, pitch - 12, 18);
        painter.setFont(style::font(style::TextRole::Section));
        painter.setPen(step.state == State::Ahead ? tokens().text2 : tokens().text);
        painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, step.name);
        const double used = painter.fontMetrics().horizontalAdvance(step.name) + 6;
        painter.setFont(style::font(style::TextRole::Table));
        painter.setPen(step.state == State::Failed ? tokens().error : tokens().text3);
        const QRectF rest = line.adjusted(used, 0, 0, 0);
        painter.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(step.text, Qt::ElideRight, static_cast<int>(rest.width())));
    }
}

}
