#include "app/studio/gather/selection_bar.h"

#include "app/studio/frame/page.h"
#include "app/studio/gather/filter_words.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

namespace percept::studio {

SelectionBar::SelectionBar(QWidget* parent)
    : QWidget(parent)
    , m_count(new style::PlainLabel(QString(), style::TextRole::Section))
    , m_label(style::makeButton(tr("Label"), style::ButtonKind::Default, "label", style::ControlSize::Compact))
    , m_set(style::makeButton(tr("Move to set"), style::ButtonKind::Default, nullptr, style::ControlSize::Compact))
    , m_state(style::makeButton(tr("Mark"), style::ButtonKind::Default, nullptr, style::ControlSize::Compact))
    , m_trash(style::makeButton(tr("To trash"), style::ButtonKind::Danger, "trash", style::ControlSize::Compact))
    , m_restore(style::makeButton(tr("Restore"), style::ButtonKind::Default, "roll", style::ControlSize::Compact))
{
    setObjectName(QStringLiteral("selection-bar"));
    m_label->setObjectName(QStringLiteral("selection-label"));
    m_set->setObjectName(QStringLiteral("selection-set"));
    m_trash->setObjectName(QStringLiteral("selection-trash"));
    m_restore->setObjectName(QStringLiteral("selection-restore"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(style::kShadowMargin + 12, style::kShadowMargin, style::kShadowMargin + 8, style::kShadowMargin);
    layout->addWidget(m_count);
    layout->addWidget(style::makeBarSeparator());
    for (QPushButton* button : { m_label, m_set, m_state, m_restore })
        layout->addWidget(button);
    layout->addStretch(1);
    layout->addWidget(m_trash);
    QToolButton* close = style::makeToolButton("x", tr("Clear the selection"), QStringLiteral("Esc"), QString(), style::ControlSize::Compact);
    layout->addWidget(close);
    for (QWidget* button : std::initializer_list<QWidget*> { m_label, m_set, m_state, m_restore, m_trash, close })
        leaveFocusWhenClicked(button);
    auto* sets = new QMenu(m_set);
    for (const auto set : { domain::SplitSet::Train, domain::SplitSet::Validation, domain::SplitSet::Test, domain::SplitSet::Reserve, domain::SplitSet::None })
        connect(sets->addAction(setName(set)), &QAction::triggered, this, [this, set] { Q_EMIT setRequested(set); });
    m_set->setMenu(sets);
    auto* states = new QMenu(m_state);
    for (const auto state : { domain::ItemState::Done, domain::ItemState::ToReview, domain::ItemState::ToDo })
        connect(states->addAction(stateName(state)), &QAction::triggered, this, [this, state] { Q_EMIT stateRequested(state); });
    m_state->setMenu(states);
    connect(m_label, &QPushButton::clicked, this, &SelectionBar::labelRequested);
    connect(m_trash, &QPushButton::clicked, this, [this] { Q_EMIT trashRequested(true); });
    connect(m_restore, &QPushButton::clicked, this, [this] { Q_EMIT trashRequested(false); });
    connect(close, &QToolButton::clicked, this, &SelectionBar::clearRequested);
    hide();
}

void SelectionBar::setSelected(int count, bool inTrash)
{
    m_count->setText(tr("%1 selected").arg(style::count(count)));
    m_label->setVisible(!inTrash);
    m_set->setVisible(!inTrash);
    m_state->setVisible(!inTrash);
    m_trash->setVisible(!inTrash);
    m_restore->setVisible(inTrash);
    setVisible(count > 0);
    if (count > 0)
        place();
}

void SelectionBar::place()
{
    const QWidget* host = parentWidget();
    const int high = 36 + 2 * style::kShadowMargin;
    const int wide = std::min(host->width() - 16 - 12, 720);
    setGeometry(16 - style::kShadowMargin, host->height() - high, wide + style::kShadowMargin, high);
    raise();
}

void SelectionBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const QRectF body = QRectF(rect()).adjusted(style::kShadowMargin, style::kShadowMargin, -style::kShadowMargin, -style::kShadowMargin);
    style::paintShadow(painter, body, style::radius::kCard);
    style::paintRounded(painter, body, style::radius::kCard, style::tokens().raised, style::tokens().lineStrong);
}

}
