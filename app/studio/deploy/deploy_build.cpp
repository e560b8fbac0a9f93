// DeployPage: what stands on the page and what is connected to what.
#include "app/studio/deploy/deploy_page.h"
#include "app/studio/deploy/fact_card.h"
#include "app/studio/deploy/join_panel.h"
#include "app/studio/deploy/live_panel.h"
#include "app/studio/deploy/package_view.h"
#include "app/studio/deploy/step_strip.h"
#include "app/studio/frame/page_column.h"
#include "app/studio/frame/side_panel.h"
#include "core/services/local_fleet.h"
#include "widgets/style/widgets.h"

#include <QAction>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace percept::studio {

using style::Ink;
using style::PlainLabel;
using style::TextRole;

namespace {

constexpr int kLiveWidth = 280;

}

DeployPage::DeployPage(StudioContext& context, QWidget* parent)
    : Page(context, parent)
    , m_fleet(new DeployController(fleet::defaultFleetFolder(), this))
    , m_shipment(new Shipment(context, this))
{
    auto* layout = setUpPageColumn(*this, QStringLiteral("deployPage"));
    setUpBar();
    layout->addWidget(m_bar);
    m_note = new style::Note(style::Tone::Error);
    m_note->setObjectName(QStringLiteral("deployNote"));
    m_note->hide();
    layout->addWidget(m_note);
    m_steps = new StepStrip;
    layout->addWidget(m_steps);
    m_stack = new QStackedWidget;
    m_stack->addWidget(makeFleetView());
    m_package = new PackageView(*m_shipment);
    m_stack->addWidget(m_package);
    setUpEmpty();
    m_stack->addWidget(m_empty);
    layout->addWidget(m_stack, 1);
    setUpCommands();
    connectAll();
    showFleet();
}

DeployPage::~DeployPage() = default;

void DeployPage::setUpBar()
{
    m_bar = new PageBar(title());
    m_chip = new style::Chip({}, style::Tone::Accent);
    m_chip->setFocusPolicy(Qt::NoFocus);
    m_chip->hide();
    m_bar->addLeft(m_chip);
    m_stop = style::makeButton(tr("Stop…"), style::ButtonKind::Quiet, "pause");
    m_stop->setObjectName(QStringLiteral("stopRollout"));
    m_back = style::makeButton(tr("Roll back…"), style::ButtonKind::Danger, "roll");
    m_back->setObjectName(QStringLiteral("rollBack"));
    m_new = style::makeButton(tr("New package…"), style::ButtonKind::Primary, "pack");
    m_new->setObjectName(QStringLiteral("newPackage"));
    for (QPushButton* button : { m_stop, m_back, m_new })
        m_bar->addRight(button);
    connect(m_stop, &QPushButton::clicked, this, &DeployPage::stopRollout);
    connect(m_back, &QPushButton::clicked, this, &DeployPage::rollBack);
    connect(m_new, &QPushButton::clicked, this, &DeployPage::openPackage);
}

QWidget* DeployPage::makeFleetView()
{
    auto* view = new QWidget;
    auto* column = new QVBoxLayout(view);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(makeCards());
    column->addWidget(style::makeLine(Qt::Horizontal));
    column->addWidget(makeDeviceHead());
    m_join = new JoinPanel;
    m_join->hide();
    column->addWidget(m_join);
    setUpTable();
    auto* bottom = new QHBoxLayout;
    bottom->setSpacing(0);
    bottom->addWidget(m_rows, 1);
    m_liveSide = new SidePanel(tr("Live on this computer"), kLiveWidth);
    auto* side = new QVBoxLayout(m_liveSide->body());
    side->setContentsMargins(0, 0, 0, 0);
    m_live = new LivePanel;
    side->addWidget(m_live, 1);
    m_liveSide->hide();
    bottom->addWidget(m_liveSide);
    column->addLayout(bottom, 1);
    return view;
}

QWidget* DeployPage::makeCards()
{
    auto* cards = new QWidget;
    auto* row = new QHBoxLayout(cards);
    row->setContentsMargins(16, 4, 16, 12);
    row->setSpacing(8);
    for (std::size_t i = 0; i < m_rings.size(); ++i) {
        m_rings[i] = new FactCard(ringName(fleet::kRings[i]));
        m_rings[i]->setObjectName(QStringLiteral("ring-%1").arg(QString::fromLatin1(fleet::kRings[i])));
        row->addWidget(m_rings[i], 11);
        connect(m_rings[i]->button(), &QPushButton::clicked, this, &DeployPage::promote);
    }
    m_packageCard = new FactCard(tr("Package"));
    m_packageCard->setObjectName(QStringLiteral("packageCard"));
    row->addWidget(m_packageCard, 15);
    cards->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    return cards;
}

QWidget* DeployPage::makeDeviceHead()
{
    auto* head = new QWidget;
    head->setFixedHeight(36);
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(16, 0, 16, 0);
    row->setSpacing(8);
    row->addWidget(new PlainLabel(tr("Devices"), TextRole::Section));
    m_count = new PlainLabel({}, TextRole::Table, Ink::Text3);
    row->addWidget(m_count);
    m_ringFilter = new style::SegmentedControl({ tr("Any ring"), tr("Test"), tr("Part"), tr("All") });
    m_ringFilter->setObjectName(QStringLiteral("ringFilter"));
    m_stateFilter = new QComboBox;
    m_stateFilter->setObjectName(QStringLiteral("stateFilter"));
    m_stateFilter->setAccessibleName(tr("State"));
    m_stateFilter->addItems({ tr("Any state"), tr("Online"), tr("Offline"), tr("Refused"), tr("Not up to date") });
    style::setControlSize(m_stateFilter, style::ControlSize::Compact);
    m_search = style::makeSearchField(tr("Name"));
    m_search->setObjectName(QStringLiteral("deviceSearch"));
    style::setControlSize(m_search, style::ControlSize::Compact);
    m_search->setMinimumWidth(80);
    m_search->setMaximumWidth(160);
    m_move = style::makeButton(tr("Ring"), style::ButtonKind::Quiet, nullptr, style::ControlSize::Compact);
    m_move->setObjectName(QStringLiteral("moveDevices"));
    auto* rings = new QMenu(m_move);
    for (const char* ring : fleet::kRings)
        connect(rings->addAction(tr("Move to ring %1").arg(ringName(ring))), &QAction::triggered, this, [this, ring] { moveSelected(QString::fromLatin1(ring)); });
    m_move->setMenu(rings);
    m_remove = style::makeButton(tr("Remove…"), style::ButtonKind::Quiet, nullptr, style::ControlSize::Compact);
    m_remove->setObjectName(QStringLiteral("removeDevices"));
    m_add = style::makeButton(tr("Another machine…"), style::ButtonKind::Default, "plus", style::ControlSize::Compact);
    m_add->setObjectName(QStringLiteral("addDevice"));
    m_here = style::makeButton({}, style::ButtonKind::Default, "chip", style::ControlSize::Compact);
    m_here->setObjectName(QStringLiteral("thisComputer"));
    const auto group = [row](std::initializer_list<QWidget*> widgets) {
        auto* box = new QWidget;
        auto* inner = new QHBoxLayout(box);
        inner->setContentsMargins(0, 0, 0, 0);
        inner->setSpacing(8);
        for (QWidget* widget : widgets)
            inner->addWidget(widget);
        row->addWidget(box);
        return box;
    };
    m_filters = group({ m_ringFilter, m_stateFilter });
    m_selected = group({ m_move, m_remove });
    row->addStretch();
    for (QWidget* widget : std::initializer_list<QWidget*> { m_search, m_here, m_add })
        row->addWidget(widget);
    return head;
}

void DeployPage::setUpEmpty()
{
    m_empty = new style::EmptyState("deploy", {});
    m_empty->setObjectName(QStringLiteral("deployEmpty"));
    m_emptyAction = m_empty->addPrimary({});
    m_emptyAction->setObjectName(QStringLiteral("deployEmptyAction"));
    m_emptyJoin = m_empty->addLink(tr("Another machine…"));
    m_emptyLink = m_empty->addLink(tr("New package…"));
    connect(m_emptyAction, &QPushButton::clicked, this, &DeployPage::startOrStopHere);
    connect(m_emptyJoin, &QAbstractButton::clicked, this, &DeployPage::openJoin);
    connect(m_emptyLink, &QAbstractButton::clicked, this, &DeployPage::openPackage);
}

void DeployPage::setUpCommands()
{
    const auto add = [this](const QString& text, auto slot) {
        auto* action = new QAction(text, this);
        connect(action, &QAction::triggered, this, slot);
        m_commands.append(action);
        return action;
    };
    add(tr("New package…"), &DeployPage::openPackage);
    m_promoteAction = add(tr("Promote to the next ring…"), &DeployPage::promote);
    m_byHandAction = add(tr("Promote by hand only"), &DeployPage::promoteByHand);
    m_stopAction = add(tr("Stop the roll-out…"), &DeployPage::stopRollout);
    m_backAction = add(tr("Roll back…"), &DeployPage::rollBack);
    m_hereAction = add({}, &DeployPage::startOrStopHere);
    add(tr("Add another machine…"), &DeployPage::openJoin);
}

void DeployPage::connectAll()
{
    connect(m_fleet, &DeployController::changed, this, &DeployPage::showFleet);
    connect(m_fleet, &DeployController::busyChanged, this, &DeployPage::showFleet);
    connect(m_shipment, &Shipment::changed, this, &DeployPage::showSteps);
    connect(m_package, &PackageView::deployRequested, this, &DeployPage::deploy);
    connect(m_package, &PackageView::closeRequested, this, &DeployPage::closePackage);
    connect(m_join, &JoinPanel::closeRequested, this, [this] {
        m_join->hide();
        m_table->setFocus();
        showFleet();
    });
    connect(m_join, &JoinPanel::lineRequested, this, &DeployPage::makeLine);
    connect(m_join, &JoinPanel::openRequested, this, &DeployPage::letOthersIn);
    connect(m_add, &QPushButton::clicked, this, &DeployPage::openJoin);
    connect(m_here, &QPushButton::clicked, this, &DeployPage::startOrStopHere);
    connect(m_remove, &QPushButton::clicked, this, &DeployPage::removeSelected);
    connect(m_note, &style::Note::actionTriggered, this, [this] {
        if (!m_failure.isEmpty())
            m_failure.clear();
        else if (m_noteIsPlan)
            return promoteByHand();
        else
            m_fleet->wakeHub();
        showFleet();
    });
    const auto filter = [this] {
        const int ring = m_ringFilter->current();
        m_devices.setFilter({ ring == 0 ? QString() : QString::fromLatin1(fleet::kRings[ring - 1]), m_search->text().trimmed(),
            static_cast<DeviceFilter::State>(m_stateFilter->currentIndex()) });
        showDevices();
    };
    connect(m_ringFilter, &style::SegmentedControl::currentChanged, this, filter);
    connect(m_stateFilter, &QComboBox::currentIndexChanged, this, filter);
    connect(m_search, &QLineEdit::textChanged, this, filter);
    connect(m_table, &QTableView::customContextMenuRequested, this, &DeployPage::deviceMenu);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &DeployPage::updateSelection);
    connect(&m_devices, &QAbstractItemModel::modelAboutToBeReset, this, [this] { m_kept = selectedDevices(); });
    connect(&m_devices, &QAbstractItemModel::modelReset, this, &DeployPage::keepSelection);
    auto* remove = new QShortcut(QKeySequence(Qt::Key_Delete), m_table);
    remove->setContext(Qt::WidgetShortcut);
    connect(remove, &QShortcut::activated, this, &DeployPage::removeSelected);
    connect(&context(), &StudioContext::runsChanged, this, &DeployPage::readModels);
    connect(&context(), &StudioContext::projectOpened, this, [this] {
        m_cardOf.clear();
        m_fleet->setProject(context().session()->folder());
        readModels();
        readPictures();
    });
    connect(&context(), &StudioContext::projectAboutToClose, this, [this] {
        m_shipment->reset();
        m_fleet->setProject({});
        m_live->setPictures({});
        closePackage();
    });
}

}
