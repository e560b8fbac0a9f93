#include "app/studio/deploy/package_view.h"

#include "widgets/style/paint.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace percept::studio {

using style::Ink;
using style::PlainLabel;
using style::TextRole;
using style::tokens;

namespace {

constexpr int kConsequencesWidth = 320, kRow = 48;
constexpr int kFactsRole = Qt::UserRole + 1;

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
        if (!m_shipment.isWorking())
            m_shipment.reset();
    });
    connect(m_list, &QListWidget::itemActivated, this, &PackageView::go);
}

QWidget* PackageView::setUpConsequences()
{
    auto* panel = new QWidget;
    panel->setFixedWidth(kConsequencesWidth);
    auto* column = new QVBoxLayout(panel);
    column->setContentsMargins(16, 12, 16, 16);
    column->setSpacing(8);
    column->addWidget(new PlainLabel(tr("What will happen"), TextRole::Section));
    m_stage = wrapped({}, Ink::Text);
    m_stage->setObjectName(QStringLiteral("shipmentStage"));
    column->addWidget(m_stage);
    m_card = new FactCard({});
    m_card->hide();
    column->addWidget(m_card);
    m_reach = wrapped({});
    column->addWidget(m_reach);
    m_next = wrapped(tr("The next ring gets it only when you promote. A device that it does not suit keeps what it runs and says why; one in ten, "
                        "and the roll-out stops by itself."));
    column->addWidget(m_next);
    column->addStretch();
    m_note = new style::Note(style::Tone::Error);
    m_note->hide();
    column->addWidget(m_note);
    return panel;
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

const Candidate* PackageView::chosen() const
{
    const int row = m_list->currentRow();
    return row >= 0 && row < static_cast<int>(m_candidates.size()) ? &m_candidates[static_cast<std::size_t>(row)] : nullptr;
}

void PackageView::setCandidates(std::vector<Candidate> candidates)
{
    const int row = std::max(0, m_list->currentRow());
    const QSignalBlocker blocker(m_list);
    m_candidates = std::move(candidates);
    m_list->clear();
    for (const Candidate& candidate : m_candidates) {
        auto* item = new QListWidgetItem(candidate.title, m_list);
        item->setData(kFactsRole, candidate.facts);
        item->setData(Qt::AccessibleTextRole, QStringLiteral("%1, %2").arg(candidate.title, candidate.facts));
    }
    m_list->setCurrentRow(std::min(row, m_list->count() - 1));
    m_hint->setText(m_candidates.empty() ? tr("No model yet. Train one first.") : tr("Newest first. A run becomes the project's next version when it is packaged."));
    follow();
}

void PackageView::choose(const QString& run)
{
    for (std::size_t i = 0; i < m_candidates.size() && !m_shipment.isWorking(); ++i)
        if (m_candidates[i].run == run.toStdString())
            m_list->setCurrentRow(static_cast<int>(i)); // another one that was ready is chosen no more
}

void PackageView::setReach(std::size_t testDevices, const QString& running, const QString& before)
{
    m_devices = testDevices;
    m_running = running;
    m_before = before;
    follow();
}

void PackageView::setDeploying(bool deploying)
{
    m_isDeploying = deploying;
    follow();
}

void PackageView::showProblem(const QString& sentence)
{
    m_note->setText(sentence);
    m_note->setVisible(!sentence.isEmpty());
}

void PackageView::go()
{
    if (!m_go->isEnabled())
        return;
    setFocus(); // the button is taken away while it works: the keyboard stays here
    showProblem({});
    if (m_shipment.stage() == Shipment::Stage::Ready)
        emit deployRequested();
    else if (const Candidate* candidate = chosen())
        m_shipment.start(*candidate);
}

QString PackageView::stageText() const
{
    const Candidate* candidate = chosen();
    switch (m_shipment.stage()) {
    case Shipment::Stage::Packaging:
        return m_shipment.detail().isEmpty() ? tr("Packaging: the model is scored as it ships.") : tr("Packaging: the model is scored as it ships, %1.").arg(m_shipment.detail());
    case Shipment::Stage::Checking: return tr("Checking: percept-edge answers the golden pictures.");
    case Shipment::Stage::Ready: return tr("It is what it was when it was scored. Nothing has reached a device yet.");
    case Shipment::Stage::Failed: return m_shipment.problem();
    default: break;
    }
    if (!candidate)
        return tr("Nothing: there is no model.");
    return candidate->version.empty() ? tr("It is packaged, signed with your key, and checked as a device would.") : tr("It is checked as a device would.");
}

void PackageView::follow()
{
    using Stage = Shipment::Stage;
    const Stage stage = m_shipment.stage();
    const bool isReady = stage == Stage::Ready;
    m_stage->setText(stageText());
    m_stage->setInk(stage == Stage::Failed ? Ink::Error : Ink::Text);
    m_card->setVisible(isReady);
    if (isReady && m_shipment.facts()) {
        m_card->setTitle(QString::fromStdString(m_shipment.facts()->file.filename().string()));
        m_card->setFacts(factsOf(*m_shipment.facts(), true));
    }
    const QString devices = style::counted(static_cast<qint64>(m_devices), tr("test device"), tr("test devices"));
    const QString first = m_running.isEmpty() ? QString() : tr("The roll-out of %1 is stopped. ").arg(m_running);
    m_reach->setText(m_devices == 0 ? first + tr("No device is in ring Test yet: the first one that joins gets it.")
                                    : first + tr("%1 in ring Test will run it%2.").arg(devices, m_before.isEmpty() ? QString() : tr(" instead of %1").arg(m_before)));
    const Candidate* candidate = chosen();
    m_list->setEnabled(!m_shipment.isWorking() && !m_isDeploying);
    m_go->setEnabled(!m_isDeploying && !m_shipment.isWorking() && (isReady ? m_shipment.facts()->isOurs : candidate != nullptr));
    m_go->setText(isReady ? (m_devices == 0 ? tr("Deploy to ring Test") : tr("Deploy to %1").arg(devices))
            : candidate && candidate->version.empty() ? tr("Package and check") : tr("Check"));
    m_cancel->setText(m_shipment.isWorking() ? tr("Stop") : tr("Cancel"));
}

void PackageView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    m_list->setFocus();
}

void PackageView::keyPressEvent(QKeyEvent* event)
{
    const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (isEnter && event->modifiers() == Qt::ControlModifier)
        go();
    else if (event->key() == Qt::Key_Escape && !m_shipment.isWorking())
        emit closeRequested();
    else
        QWidget::keyPressEvent(event);
}

}
