#include "app/studio/frame/retrain_card.h"

#include "app/studio/frame/page.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>

namespace percept::studio {

using Step = RetrainState::Step;

namespace {

constexpr int kLaterMs = 2000;

}

RetrainCard::RetrainCard(StudioContext& context, Place place, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_place(place)
    , m_later(new QTimer(this))
{
    setObjectName(QStringLiteral("retrainCard"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(44, 10, 16, 11);
    row->setSpacing(16);
    auto* texts = new QVBoxLayout;
    texts->setSpacing(2);
    m_title = new style::PlainLabel({}, style::TextRole::BodyStrong);
    m_words = new style::PlainLabel({}, style::TextRole::Table, style::Ink::Text2);
    m_words->setObjectName(QStringLiteral("retrainWords"));
    m_words->setWordWrap(true);
    texts->addWidget(m_title);
    texts->addWidget(m_words);
    row->addLayout(texts, 1);
    m_action = style::makeButton({}, style::ButtonKind::Default);
    m_action->setObjectName(QStringLiteral("retrainAction"));
    leaveFocusWhenClicked(m_action);
    row->addWidget(m_action);
    connect(m_action, &QPushButton::clicked, this, &RetrainCard::act);
    m_later->setSingleShot(true);
    m_later->setInterval(kLaterMs);
    connect(m_later, &QTimer::timeout, this, &RetrainCard::refresh);
    connect(&context, &StudioContext::committed, m_later, qOverload<>(&QTimer::start));
    connect(&context, &StudioContext::runsChanged, this, &RetrainCard::refresh);
    connect(&context, &StudioContext::projectOpened, this, &RetrainCard::refresh);
    connect(&context, &StudioContext::projectAboutToClose, this, [this] {
        m_later->stop();
        take({});
    });
    hide();
    refresh();
}

void RetrainCard::setDrift(bool hasDrift)
{
    if (hasDrift == m_hasDrift)
        return;
    m_hasDrift = hasDrift;
    refresh();
}

void RetrainCard::refresh()
{
    if (!m_context.session())
        return;
    m_context.readInBackground<RetrainState>(
        this, [hasDrift = m_hasDrift](dataset::ProjectReader& reader) { return readRetrainState(reader, hasDrift); },
        [this, number = ++m_reads](const RetrainState& state) {
            if (number == m_reads)
                take(state);
        });
}

void RetrainCard::take(const RetrainState& state)
{
    m_state = state;
    const bool trains = state.step == Step::Train;
    setVisible(isDue() && !m_isHeldBack);
    m_title->setText(trains ? tr("Time to train again") : tr("A new model waits"));
    m_words->setText(state.words);
    m_action->setText(trains ? tr("Train again…") : tr("Compare with version %1").arg(state.version));
    setAccessibleName(m_title->text());
    setAccessibleDescription(state.words);
}

bool RetrainCard::isDue() const { return m_state.step == Step::Train || (m_state.step == Step::Compare && m_place == Place::Anywhere); }

void RetrainCard::setHeldBack(bool heldBack)
{
    m_isHeldBack = heldBack;
    setVisible(isDue() && !heldBack);
}

void RetrainCard::act()
{
    if (m_state.step == Step::Train)
        m_context.trainAgain(m_state.run);
    else if (m_state.step == Step::Compare)
        m_context.openComparison(m_state.run);
}

void RetrainCard::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), style::tokens().accentSoft);
    painter.fillRect(0, height() - 1, width(), 1, style::tokens().line);
    style::paintIcon(painter, QStringLiteral("loop"), QRectF(14, 11, 20, 20), style::tokens().accent);
}

}
