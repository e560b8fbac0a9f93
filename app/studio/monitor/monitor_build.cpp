// MonitorPage: what stands on the page and is connected to what.
#include "app/studio/frame/page_column.h"
#include "app/studio/frame/retrain_card.h"
#include "app/studio/monitor/alert_list.h"
#include "app/studio/monitor/drift_matrix.h"
#include "app/studio/monitor/drift_plot.h"
#include "app/studio/monitor/field_plots.h"
#include "app/studio/monitor/field_start.h"
#include "app/studio/monitor/field_tiles.h"
#include "app/studio/monitor/field_view.h"
#include "app/studio/monitor/monitor_page.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

namespace percept::studio {

namespace {

constexpr int kAlertsWidth = 280;
constexpr int kPollMs = 10'000;

QString qs(const std::string& text) { return QString::fromStdString(text); }

}

MonitorPage::MonitorPage(StudioContext& context, QWidget* parent)
    : Page(context, parent)
{
    auto* layout = setUpPageColumn(*this, QStringLiteral("monitorPage"));
    setUpBar();
    layout->addWidget(m_bar);
    m_retrain = new RetrainCard(context);
    layout->addWidget(m_retrain);
    m_stack = new QStackedWidget;
    m_field = new FieldView(context);
    m_views = new QStackedWidget;
    m_views->addWidget(m_stack);
    m_views->addWidget(m_field);
    layout->addWidget(m_views, 1);
    setUpBody();
    connect(m_field, &FieldView::countChanged, this, &MonitorPage::showFieldCount);
    m_poll = new QTimer(this);
    m_poll->setInterval(kPollMs);
    connect(m_poll, &QTimer::timeout, this, &MonitorPage::read);
    connect(&context, &StudioContext::projectOpened, this, &MonitorPage::openProject);
    connect(&context, &StudioContext::projectAboutToClose, this, &MonitorPage::closeProject);
    if (context.session())
        openProject();
}

void MonitorPage::setUpBar()
{
    m_bar = new PageBar(title());
    m_view = new style::SegmentedControl({ tr("Overview"), tr("Pictures") });
    m_view->setObjectName(QStringLiteral("monitorView"));
    m_view->setAccessibleName(tr("View"));
    m_bar->addLeft(m_view);
    connect(m_view, &style::SegmentedControl::currentChanged, this, &MonitorPage::showView);
    m_device = new QComboBox;
    m_device->setObjectName(QStringLiteral("monitorDevice"));
    m_device->setAccessibleName(tr("Device"));
    m_device->setMinimumWidth(140);
    m_bar->addLeft(m_device);
    m_online = new style::PlainLabel({}, style::TextRole::Table, style::Ink::Text2);
    m_online->setObjectName(QStringLiteral("monitorOnline"));
    m_bar->addLeft(m_online);
    m_span = new style::SegmentedControl({ tr("24 hours"), tr("7 days"), tr("30 days") });
    m_span->setAccessibleName(tr("Time"));
    m_span->setCurrent(1);
    m_bar->addRight(m_span);
    connect(m_device, &QComboBox::currentIndexChanged, this, [this] {
        m_driftChosen = false;
        m_field->setDevice(device());
        draw();
    });
    connect(m_span, &style::SegmentedControl::currentChanged, this, &MonitorPage::draw);
}

void MonitorPage::setUpBody()
{
    m_empty = new FieldStart;
    m_stack->addWidget(m_empty);
    connect(m_empty, &FieldStart::testHereRequested, this, &MonitorPage::testHere);
    connect(m_empty, &FieldStart::rollOutRequested, this, [this] { context().openDeploy({}); });
    connect(m_empty, &FieldStart::devicesRequested, this, [this] { context().showPage(QStringLiteral("deploy")); });
    connect(m_empty, &FieldStart::againRequested, this, &MonitorPage::read);
    auto* body = new QWidget;
    auto* row = new QHBoxLayout(body);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    m_alerts = new AlertList;
    m_alerts->setFixedWidth(kAlertsWidth);
    row->addWidget(m_alerts);
    row->addWidget(style::makeLine(Qt::Vertical));
    row->addWidget(makeCenter(), 1);
    m_stack->addWidget(body);
    connect(m_alerts, &AlertList::chosen, this, &MonitorPage::chooseAlert);
}

void MonitorPage::addMatrix(QVBoxLayout* column)
{
    auto* head = new QHBoxLayout;
    head->setSpacing(8);
    head->addWidget(new style::PlainLabel(tr("All devices, the newest day"), style::TextRole::Section));
    auto* help = new style::PlainLabel(tr("how different, 0: the same; ring: more than chance"), style::TextRole::Table, style::Ink::Text3);
    help->setElideMode(Qt::ElideRight);
    head->addWidget(help, 1);
    m_matrixSearch = style::makeSearchField(tr("Name"));
    m_matrixSearch->setObjectName(QStringLiteral("matrixSearch"));
    style::setControlSize(m_matrixSearch, style::ControlSize::Compact);
    m_matrixSearch->setMaximumWidth(140);
    head->addWidget(m_matrixSearch);
    m_matrixFilter = new style::SegmentedControl({ tr("All"), tr("Changed") });
    m_matrixFilter->setObjectName(QStringLiteral("matrixFilter"));
    m_matrixFilter->setAccessibleName(tr("Devices in the table"));
    head->addWidget(m_matrixFilter);
    column->addLayout(head);
    m_matrix = new DriftMatrix;
    column->addWidget(m_matrix);
    connect(m_matrix, &DriftMatrix::picked, this, [this](const QString& device, monitoring::Measure measure) {
        m_driftChosen = true;
        showDrift(device, measure);
    });
    const auto filter = [this] { m_matrix->setFilter(m_matrixSearch->text().trimmed(), m_matrixFilter->current() == 1); };
    connect(m_matrixSearch, &QLineEdit::textChanged, this, filter);
    connect(m_matrixFilter, &style::SegmentedControl::currentChanged, this, filter);
}

QWidget* MonitorPage::makeCenter()
{
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_center = scroll;
    auto* center = new QWidget;
    auto* column = new QVBoxLayout(center);
    column->setContentsMargins(16, 12, 16, 16);
    column->setSpacing(8);
    m_hubNote = new style::Note(style::Tone::Warning, tr("No hub runs: devices keep what they have to tell until it is back, and nothing here is newer than its end."));
    m_hubNote->setObjectName(QStringLiteral("hubNote"));
    m_hubNote->setAction(tr("Start it"));
    m_hubNote->hide();
    connect(m_hubNote, &style::Note::actionTriggered, this, &MonitorPage::startHub);
    column->addWidget(m_hubNote);
    m_tiles = new FieldTiles;
    column->addWidget(m_tiles);
    m_unfinishedNote = new style::Note(style::Tone::Accent);
    m_unfinishedNote->setObjectName(QStringLiteral("unfinishedNote"));
    m_unfinishedNote->setAction(tr("Finish them"));
    m_unfinishedNote->hide();
    connect(m_unfinishedNote, &style::Note::actionTriggered, this, &MonitorPage::openUnfinished);
    column->addWidget(m_unfinishedNote);
    column->addWidget(style::makeLine(Qt::Horizontal));
    m_drift = new DriftPlot;
    column->addWidget(m_drift);
    column->addWidget(style::makeLine(Qt::Horizontal));
    addMatrix(column);
    column->addWidget(style::makeLine(Qt::Horizontal));
    auto* by = new QHBoxLayout;
    by->addWidget(new style::PlainLabel(tr("Over time"), style::TextRole::Section));
    by->addStretch();
    m_grouping = new style::SegmentedControl({ tr("By device"), tr("By class"), tr("By model") });
    m_grouping->setAccessibleName(tr("Curves"));
    m_grouping->setObjectName(QStringLiteral("monitorGrouping"));
    connect(m_grouping, &style::SegmentedControl::currentChanged, this, &MonitorPage::draw);
    by->addWidget(m_grouping);
    column->addLayout(by);
    m_openHelp = new style::PlainLabel({}, style::TextRole::Caption, style::Ink::Text3);
    m_openHelp->setObjectName(QStringLiteral("openHelp"));
    m_openHelp->setWordWrap(true);
    column->addWidget(m_openHelp);
    m_plots = new FieldPlots([this](const QString& name) {
        for (const auto& label : context().labels())
            if (qs(label.name) == name)
                return context().labelColor(label.id);
        return QColor();
    });
    column->addWidget(m_plots);
    column->addStretch();
    scroll->setWidget(center);
    return scroll;
}

}
