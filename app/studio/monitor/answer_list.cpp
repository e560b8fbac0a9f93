#include "app/studio/monitor/answer_list.h"

#include "widgets/style/paint.h"
#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QPainter>
#include <algorithm>

namespace percept::studio {

using style::TextRole;
using style::tokens;

namespace {

constexpr int kRow = 24, kSwatch = 10, kNamed = 20;

}

AnswerList::AnswerList(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("fieldAnswers"));
    setAccessibleName(tr("Answers of the device"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
}

void AnswerList::setAnswers(QVector<Answer> answers)
{
    m_answers = std::move(answers);
    QStringList said;
    for (const Answer& answer : m_answers.mid(0, kNamed))
        said << QStringLiteral("%1 %2").arg(answer.label).arg(answer.score, 0, 'f', 2);
    setAccessibleDescription(said.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

QSize AnswerList::sizeHint() const { return { 200, kRow * static_cast<int>(m_answers.size()) }; }

void AnswerList::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const int all = static_cast<int>(m_answers.size()), room = height() / kRow;
    const int shown = all <= room ? all : std::max(0, room - 1);
    for (int i = 0; i < shown; ++i) {
        const Answer& answer = m_answers[i];
        const QRect row(0, i * kRow, width(), kRow);
        style::paintRounded(painter, QRectF(0, row.center().y() - kSwatch / 2 + 0.5, kSwatch, kSwatch), 2, answer.color);
        const QString score = QString::number(answer.score, 'f', 2);
        const int figure = style::textWidth(TextRole::Table, score);
        style::drawText(painter, TextRole::Table, row.adjusted(kSwatch + 8, 0, -figure - 8, 0), tokens().text, answer.label);
        style::drawText(painter, TextRole::Table, row, tokens().text2, score, Qt::AlignRight | Qt::AlignVCenter);
    }
    if (shown < all)
        style::drawText(painter, TextRole::Table, QRect(kSwatch + 8, shown * kRow, width() - kSwatch - 8, kRow), tokens().text3, tr("and %1 more").arg(all - shown));
}

}
