// DeployPage: the table of devices.
#include "app/studio/deploy/deploy_page.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QEvent>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace percept::studio {

namespace {

constexpr int kFleetRow = 27;
constexpr int kWidths[] { 140, 64, 0, 60, 76, 96, 76, 100, 76 }; // of the columns; 0: what is left

}

void DeployPage::setUpTable()
{
    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("devices"));
    m_table->setAccessibleName(tr("Devices"));
    m_table->setModel(&m_devices);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setMouseTracking(true);
    m_table->setTabKeyNavigation(false);
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed); // every row alike: none is measured
    m_table->verticalHeader()->setDefaultSectionSize(kFleetRow);
    QHeaderView* header = m_table->horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionsClickable(true);
    header->setSortIndicatorShown(true);
    header->setSortIndicator(DeviceModel::Name, Qt::AscendingOrder);
    header->setFixedHeight(24);
    for (int column = 0; column < DeviceModel::ColumnCount; ++column) {
        header->setSectionResizeMode(column, kWidths[column] == 0 ? QHeaderView::Stretch : QHeaderView::Interactive);
        if (kWidths[column] > 0)
            header->resizeSection(column, kWidths[column]);
    }
    m_table->setSortingEnabled(true);
    m_table->viewport()->installEventFilter(this);
    m_noRows = new style::EmptyState("filter", tr("No device is like that."));
    m_rows = new QStackedWidget;
    auto* framed = new QWidget;
    auto* inset = new QVBoxLayout(framed);
    inset->setContentsMargins(8, 0, 8, 0);
    inset->addWidget(m_table);
    m_rows->addWidget(framed);
    m_rows->addWidget(m_noRows);
    connect(m_noRows->addPrimary(tr("Show all devices")), &QPushButton::clicked, this, [this] {
        m_ringFilter->setCurrent(0);
        m_stateFilter->setCurrentIndex(0);
        m_search->clear();
    });
}

// What says least goes where there is no room for what a device does; the tooltip of its name has all.
bool DeployPage::eventFilter(QObject* watched, QEvent* event)
{
    constexpr int kLeastState = 190;
    if (watched == m_table->viewport() && event->type() == QEvent::Resize) {
        int room = m_table->viewport()->width() - kLeastState;
        for (const int width : kWidths)
            room -= width;
        for (const int column : { DeviceModel::Waiting, DeviceModel::Wanted, DeviceModel::Seen, DeviceModel::Latency }) {
            m_table->setColumnHidden(column, room < 0);
            room += room < 0 ? kWidths[column] : 0;
        }
    }
    return Page::eventFilter(watched, event);
}

}
