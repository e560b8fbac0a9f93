// PackageView: what stands in it.
#include "app/studio/deploy/package_view.h"
#include "widgets/style/paint.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace percept::studio {

using style::Ink;
using style::PlainLabel;
using style::TextRole;
using style::tokens;

namespace {

constexpr int kFactsRole = PackageView::kFactsRole;
constexpr int kConsequencesWidth = 320, kRow = 48;

// A name and a line of facts.
class CandidateDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return { 200, kRow }; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, tokens().accentSoft);
        else if (option.state & QStyle::State_MouseOver)
            painter->fillRect(option.rect, tokens().hover);
        style::paintIcon(*painter, QStringLiteral("pack"), QRectF(option.rect.left() + 12, option.rect.top() + 15, 18, 18), tokens().text2);
        const QRect line = option.rect.adjusted(44, 6, -12, -kRow / 2);
        painter->setFont(style::font(TextRole::BodyStrong));
        painter->setPen(tokens().text);
        painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter, index.data().toString());
        painter->setFont(style::font(TextRole::Table));
        painter->setPen(tokens().text2);
        painter->drawText(line.translated(0, 18), Qt::AlignLeft | Qt::AlignVCenter, index.data(kFactsRole).toString());
        painter->restore();
    }
};

PlainLabel* wrapped(const QString& text, Ink ink = Ink::Text2)
{
    auto* label = new PlainLabel(text, TextRole::Body, ink);
    label->setWordWrap(true);
    return label;
}

}

PackageView::PackageView(Shipment& shipment, QWidget* parent)
    : QWidget(parent)
    , m_shipment(shipment)
{
    setFocusPolicy(Qt::ClickFocus);
    auto* columns = new QHBoxLayout;
    columns->setContentsMargins(0, 0, 0, 0);
    columns->setSpacing(0);
    auto* left = new QVBoxLayout;
    left->setContentsMargins(16, 12, 16, 0);
    left->setSpacing(8);
    setUpList(left);
    columns->addLayout(left, 1);
    columns->addWidget(style::makeLine(Qt::Vertical));
    columns->addWidget(setUpConsequences());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(columns, 1);
    layout->addWidget(style::makeLine(Qt::Horizontal));
    layout->addWidget(setUpFooter());
    connect(&m_shipment, &Shipment::changed, this, &PackageView::follow);
}

void PackageView::setUpList(QVBoxLayout* layout)
{
    layout->addWidget(new PlainLabel(tr("What shall the devices run?"), TextRole::PageTitle));
    m_hint = wrapped({}, Ink::Text3);
    layout->addWidget(m_hint);
    m_list = new QListWidget;
    m_list->setObjectName(QStringLiteral("candidates"));
    m_list->setAccessibleName(tr("Models"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setMouseTracking(true);
    m_list->setItemDelegate(new CandidateDelegate(m_list));
    layout->addWidget(m_list, 1);
    connect(m_list, &QListWidget::currentRowChanged, this, [this] {
        m_hasChosen = true;
        if (!m_shipment.isWorking())
            m_shipment.reset();
    });
    connect(m_list, &QListWidget::itemActivated, this, &PackageView::go);
}

// Scrolls where the window is low.
QWidget* PackageView::setUpConsequences()
{
    auto* scroll = new QScrollArea;
    scroll->setFixedWidth(kConsequencesWidth);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto* panel = new QWidget;
    auto* column = new QVBoxLayout(panel);
    column->setContentsMargins(16, 12, 16, 16);
    column->setSpacing(8);
    column->addWidget(new PlainLabel(tr("What will happen"), TextRole::Section));
    m_stage = wrapped({}, Ink::Text);
    m_stage->setObjectName(QStringLiteral("shipmentStage"));
    column->addWidget(m_stage);
    m_caution = new style::Note(style::Tone::Warning);
    m_caution->setObjectName(QStringLiteral("shipmentCaution"));
    m_caution->hide();
    column->addWidget(m_caution);
    m_otherNote = new style::Note(style::Tone::Warning);
    m_otherNote->setObjectName(QStringLiteral("shipmentOther"));
    m_otherNote->hide();
    column->addWidget(m_otherNote);
    m_slower = new style::Note(style::Tone::Warning);
    m_slower->setObjectName(QStringLiteral("shipmentSlower"));
    m_slower->hide();
    column->addWidget(m_slower);
    m_card = new FactCard({});
    m_card->hide();
    column->addWidget(m_card);
    m_reach = wrapped({});
    column->addWidget(m_reach);
    column->addWidget(setUpByItself());
    m_next = wrapped({});
    m_next->setObjectName(QStringLiteral("shipmentNext"));
    column->addWidget(m_next);
    column->addStretch();
    m_note = new style::Note(style::Tone::Error);
    m_note->hide();
    column->addWidget(m_note);
    showNext();
    scroll->setWidget(panel);
    return scroll;
}

QWidget* PackageView::setUpByItself()
{
    auto* box = new QWidget;
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_byItself = new QCheckBox(tr("Goes on by itself after"));
    m_byItself->setObjectName(QStringLiteral("promoteByItself"));
    m_after = new QComboBox;
    m_after->setObjectName(QStringLiteral("promoteAfter"));
    m_after->setAccessibleName(tr("Time in each ring"));
    constexpr int kHour = 60, kDay = 24 * kHour;
    for (const auto& [text, minutes] : { std::pair(tr("10 minutes"), 10), std::pair(tr("1 hour"), kHour), std::pair(tr("4 hours"), 4 * kHour),
             std::pair(tr("a day"), kDay), std::pair(tr("3 days"), 3 * kDay), std::pair(tr("a week"), 7 * kDay) })
        m_after->addItem(text, minutes);
    m_after->setCurrentIndex(kAfterADay);
    style::setControlSize(m_after, style::ControlSize::Compact);
    row->addWidget(m_byItself);
    row->addWidget(m_after, 1);
    connect(m_byItself, &QCheckBox::toggled, this, &PackageView::showNext);
    connect(m_after, &QComboBox::currentIndexChanged, this, &PackageView::showNext);
    return box;
}

QWidget* PackageView::setUpFooter()
{
    auto* footer = new QWidget;
    auto* row = new QHBoxLayout(footer);
    row->setContentsMargins(16, 10, 16, 10);
    row->setSpacing(8);
    m_cancel = style::makeButton(tr("Cancel"), style::ButtonKind::Quiet, nullptr, style::ControlSize::Large);
    m_go = style::makeButton(tr("Package and check"), style::ButtonKind::Primary, nullptr, style::ControlSize::Large);
    m_go->setObjectName(QStringLiteral("shipmentGo"));
    style::setTip(m_go, tr("The next step"), QStringLiteral("Ctrl+Return"));
    row->addStretch();
    row->addWidget(m_cancel);
    row->addWidget(m_go);
    connect(m_go, &QPushButton::clicked, this, &PackageView::go);
    connect(m_cancel, &QPushButton::clicked, this, [this] { m_shipment.isWorking() ? m_shipment.cancel() : emit closeRequested(); });
    return footer;
}

}
