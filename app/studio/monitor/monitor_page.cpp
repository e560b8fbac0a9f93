#include "app/studio/monitor/monitor_page.h"

#include "app/studio/background.h"
#include "app/studio/frame/page_column.h"
#include "app/studio/frame/retrain_card.h"
#include "app/studio/monitor/alert_list.h"
#include "app/studio/monitor/drift_matrix.h"
#include "app/studio/monitor/drift_plot.h"
#include "app/studio/monitor/field_plots.h"
#include "app/studio/monitor/field_tiles.h"
#include "app/studio/monitor/field_view.h"
#include "core/base/time.h"
#include "core/fleet/hub_address.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

namespace percept::studio {

namespace {

constexpr int kAlertsWidth = 280;
constexpr int kPollMs = 10'000;
constexpr std::array kDays { 1, 7, 30 };
constexpr std::array kGroupings { FieldGrouping::Device, FieldGrouping::Class, FieldGrouping::Version };

QString qs(const std::string& text) { return QString::fromStdString(text); }

std::optional<monitoring::Measure> measureOf(const monitoring::Alert& alert)
{
    for (const auto measure : monitoring::kMeasures)
        if (alert.kind == monitoring::nameOf(measure))
            return measure;
    return std::nullopt;
}

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
    m_empty = new style::EmptyState("monitor", {});
    m_stack->addWidget(m_empty);
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
    auto* head = new QHBoxLayout;
    head->setSpacing(6);
    head->addWidget(new style::PlainLabel(tr("All devices, newest window"), style::TextRole::Section));
    auto* help = new style::PlainLabel(tr("size of the change × 100, ring: significant"), style::TextRole::Table, style::Ink::Text3);
    help->setElideMode(Qt::ElideRight);
    head->addWidget(help, 1);
    column->addLayout(head);
    m_matrix = new DriftMatrix;
    column->addWidget(m_matrix);
    connect(m_matrix, &DriftMatrix::picked, this, [this](const QString& device, monitoring::Measure measure) {
        m_driftChosen = true;
        showDrift(device, measure);
    });
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

QList<KeyHelp> MonitorPage::keys() const
{
    if (isOnPictures())
        return { { QStringLiteral("R"), tr("the answers are right: the picture is finished; without an answer it is background") },
            { QStringLiteral("W"), tr("wrong: draw it on Label, with the answers as proposals") }, { QStringLiteral("I"), tr("ignore it") },
            { QStringLiteral("U, Ctrl+Z"), tr("take the last one back") }, { tr("Arrow keys"), tr("the picture before, the next one") },
            { QStringLiteral("Space"), tr("held: drag the picture; the wheel zooms") } };
    return { { tr("Up, Down"), tr("walk through the alerts") }, { tr("Arrow keys"), tr("choose a device and a measure in the table") } };
}

QList<QWidget*> MonitorPage::panels()
{
    return isOnPictures() ? QList<QWidget*> { m_bar, m_retrain, m_field } : QList<QWidget*> { m_bar, m_retrain, m_alerts, m_center };
}

QWidget* MonitorPage::home() { return isOnPictures() ? m_field->home() : nullptr; }

bool MonitorPage::isOnPictures() const { return m_view->current() == 1; }

void MonitorPage::showView()
{
    m_views->setCurrentIndex(m_view->current());
    m_span->setVisible(!isOnPictures() && m_stack->currentIndex() == 1);
    if (isOnPictures())
        m_field->home()->setFocus();
    showFieldCount();
    draw();
}

void MonitorPage::showFieldCount()
{
    const qint64 all = context().field() ? static_cast<qint64>(context().field()->waiting().size()) : 0;
    m_view->setTexts({ tr("Overview"), all > 0 ? tr("Pictures %1").arg(style::count(all)) : tr("Pictures") });
    if (isOnPictures())
        setStatus({ m_field->count() == 0 ? tr("No picture waits") : tr("%1 of devices").arg(style::counted(m_field->count(), tr("picture"), tr("pictures"))) });
}

void MonitorPage::showDevice(const QString& device)
{
    m_view->setCurrent(1);
    m_wantedDevice = device;
    if (const int at = m_device->findData(device); at >= 0)
        m_device->setCurrentIndex(at);
    m_field->setDevice(device);
    showView();
}

QJsonObject MonitorPage::viewState() const { return { { QStringLiteral("pictures"), isOnPictures() } }; }

void MonitorPage::restoreViewState(const QJsonObject& state)
{
    m_view->setCurrent(state.value(QStringLiteral("pictures")).toBool() ? 1 : 0);
    showView();
}

void MonitorPage::openProject()
{
    ++m_project;
    m_monitor = std::make_shared<monitoring::FleetMonitor>(fleet::defaultFleetFolder(), context().session()->folder());
    m_cancel = {};
    m_reading = false;
    m_driftChosen = false;
    m_unfinished.clear();
    m_wantedDevice.clear();
    m_field->setInbox(context().field());
    showEmpty(tr("Reading what devices have told."));
    if (isVisible())
        activated();
}

void MonitorPage::closeProject()
{
    ++m_project;
    m_cancel.cancel();
    m_poll->stop();
    m_monitor.reset();
    m_overview.reset();
    m_alerts->setAlerts({});
    m_field->setInbox(nullptr);
}

void MonitorPage::activated()
{
    m_poll->start();
    read();
    m_retrain->refresh();
    if (context().field())
        context().field()->setWatched(true);
    if (isOnPictures())
        m_field->home()->setFocus();
}

void MonitorPage::deactivated()
{
    m_poll->stop();
    if (context().field())
        context().field()->setWatched(false);
}

// Without the figures of the field the others stand all the same.
void MonitorPage::readAccuracy(const dataset::ProjectReader& reader, Look& look)
{
    look.accuracy = report::readFieldAccuracy(reader).valueOr({});
    for (const auto& stored : reader.readFieldSamples().valueOr({}))
        if (stored.sample.isRandom() && !stored.trashed && stored.state != domain::ItemState::Done)
            look.unfinished.push_back(stored.item);
    std::sort(look.unfinished.begin(), look.unfinished.end());
}

void MonitorPage::read()
{
    if (m_reading || !m_monitor)
        return;
    m_reading = true;
    runInBackground(
        this,
        [monitor = m_monitor, project = context().session()->folder(), progress = progress(), cancel = m_cancel]() -> Look {
            const auto reader = dataset::ProjectReader::open(project);
            if (reader.hasError())
                return { reader.error(), {}, {} };
            Look look { monitor->read(**reader, {}, base::nowMs(), progress, cancel), {}, {} };
            readAccuracy(**reader, look);
            return look;
        },
        [this, number = m_project](Look look) {
            if (number != m_project)
                return;
            m_reading = false;
            take(std::move(look));
        });
}

// Weeks of many devices take seconds when they are read for the first time.
base::ProgressFn MonitorPage::progress()
{
    return [guard = QPointer<QObject>(this), this, number = m_project](const base::Progress& p) {
        postToInterface(guard, [this, number, p] {
            if (number == m_project && !m_overview)
                m_empty->setSentence(tr("Reading what devices have told: %1 of %2 windows.").arg(style::count(p.done), style::count(p.total)));
        });
    };
}

void MonitorPage::showAccuracy(const Look& look)
{
    m_tiles->drawAccuracy(look.accuracy);
    m_unfinished = look.unfinished;
    const auto n = static_cast<qint64>(m_unfinished.size());
    m_unfinishedNote->setText(n == 1 ? tr("A picture chosen by chance is not labeled yet: until it is, the accuracy in the field leaves it out.")
                                     : tr("%1 pictures chosen by chance are not labeled yet: until they are, the accuracy in the field leaves them out.").arg(style::count(n)));
    m_unfinishedNote->setVisible(n > 0);
}

void MonitorPage::openUnfinished()
{
    if (m_unfinished.empty())
        return;
    const auto group = std::make_shared<ItemTarget::Group>(ItemTarget::Group { tr("of devices, by chance"), m_unfinished });
    context().openItem({ m_unfinished.front(), {}, {}, group });
}

void MonitorPage::take(Look look)
{
    showAccuracy(look);
    auto& overview = look.overview;
    if (overview.hasError()) {
        m_overview.reset();
        return showEmpty(overview.error().code == base::ErrorCode::NotFound
                ? tr("No device has told anything: no hub has run for this user yet. A model reaches devices by `percept fleet serve` and `percept fleet deploy`; what they see then stands here.")
                : qs(overview.error().message));
    }
    m_overview = std::move(overview).value();
    if (m_overview->tracks.empty())
        return showEmpty(m_overview->devices.empty()
                ? tr("No device is enrolled. `percept fleet enroll NAME` makes a token for one; then roll a package out with `percept fleet deploy`.")
                : tr("%1 enrolled, and none has told anything of this project's models yet. Roll a package out with `percept fleet deploy`.")
                      .arg(style::counted(static_cast<qint64>(m_overview->devices.size()), tr("device is"), tr("devices are"))));
    m_stack->setCurrentIndex(1);
    m_retrain->setDrift(std::any_of(m_overview->alerts.begin(), m_overview->alerts.end(), [](const auto& alert) { return alert.isOpen() && measureOf(alert); }));
    showDevices();
    draw();
}

void MonitorPage::showEmpty(const QString& sentence)
{
    m_empty->setSentence(sentence);
    m_stack->setCurrentIndex(0);
    m_device->hide();
    m_span->hide();
    m_online->setText({});
    if (!isOnPictures())
        setStatus({});
}

int MonitorPage::days() const { return kDays[static_cast<std::size_t>(std::clamp(m_span->current(), 0, 2))]; }
QString MonitorPage::device() const { return m_device->currentData().toString(); }

void MonitorPage::showDevices()
{
    m_device->show();
    m_span->setVisible(!isOnPictures());
    const QString before = m_wantedDevice.isEmpty() ? device() : std::exchange(m_wantedDevice, {});
    const QSignalBlocker blocker(m_device);
    m_device->clear();
    m_device->addItem(tr("All %1").arg(style::counted(static_cast<qint64>(m_overview->devices.size()), tr("device"), tr("devices"))), QString());
    for (const auto& state : m_overview->devices)
        m_device->addItem(qs(state.name), qs(state.name));
    m_device->setCurrentIndex(std::max(0, m_device->findData(before)));
    m_field->setDevice(device());
}

void MonitorPage::draw()
{
    if (!m_overview || m_overview->tracks.empty())
        return;
    const auto online = std::count_if(m_overview->devices.begin(), m_overview->devices.end(), [](const auto& state) { return state.online; });
    m_online->setText(m_overview->hubRuns ? tr("%1 of %2 online").arg(online).arg(m_overview->devices.size()) : tr("no hub runs"));
    std::vector<monitoring::Alert> alerts;
    for (const auto& alert : m_overview->alerts)
        if (device().isEmpty() || alert.device.empty() || qs(alert.device) == device())
            alerts.push_back(alert);
    m_alerts->setAlerts(alerts);
    const FieldScope scope = scopeOf(*m_overview, device(), days());
    m_tiles->draw(*m_overview, scope, days());
    m_matrix->setOverview(*m_overview);
    m_plots->draw(*m_overview, scope, kGroupings[static_cast<std::size_t>(std::clamp(m_grouping->current(), 0, 2))]);
    if (!m_driftChosen) {
        // What is wrong, else the first device.
        const auto open = std::find_if(alerts.begin(), alerts.end(), [](const auto& alert) { return alert.isOpen() && measureOf(alert); });
        m_driftDevice = open != alerts.end() ? qs(open->device) : device().isEmpty() && !m_overview->devices.empty() ? qs(m_overview->devices.front().name) : device();
        m_driftMeasure = open != alerts.end() ? *measureOf(*open) : monitoring::Measure::Confidence;
    }
    showDrift(m_driftDevice, m_driftMeasure);
    if (isOnPictures())
        return;
    const auto total = totalOf(*m_overview, scope);
    setStatus({ tr("%1 in %2").arg(style::counted(total.frames, tr("picture"), tr("pictures")), style::counted(days(), tr("day"), tr("days"))) },
        { tr("Read at %1").arg(timeText(m_overview->nowMs)) });
}

void MonitorPage::showDrift(const QString& device, monitoring::Measure measure)
{
    m_driftDevice = device;
    m_driftMeasure = measure;
    if (!m_overview)
        return;
    m_drift->draw(*m_overview, device, measure);
    m_matrix->setCurrent(device, measure);
}

void MonitorPage::chooseAlert(const monitoring::Alert& alert)
{
    m_driftChosen = true;
    showDrift(qs(alert.device), measureOf(alert).value_or(m_driftMeasure));
}

}
