// DeployPage: what is done to devices, this computer among them.
#include "app/studio/deploy/deploy_page.h"
#include "app/studio/deploy/deploy_text.h"
#include "app/studio/deploy/join_panel.h"
#include "app/studio/deploy/live_panel.h"
#include "app/studio/deploy/package_view.h"
#include "core/services/local_fleet.h"
#include "widgets/style/widgets.h"

#include <QItemSelectionModel>
#include <QMenu>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>

namespace percept::studio {

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }

}

void DeployPage::startOrStopHere()
{
    if (m_fleet->isBusy())
        return;
    const auto folder = m_fleet->folder();
    if (m_fleet->thisComputer().isRunning())
        return act(tr("This computer was not stopped"), [folder](fleet::HubClient&) -> base::Result<QString> {
            PERCEPT_TRY(services::stopThisComputer(folder));
            return tr("This computer answers no more; it stays in the fleet");
        }, tr("This computer is being stopped…"));
    act(tr("This computer could not be made a test device"), [folder](fleet::HubClient& hub) -> base::Result<QString> {
        PERCEPT_ASSIGN(here, services::startThisComputer(hub, folder));
        return tr("This computer is a test device now: %1").arg(qs(here.device));
    }, tr("This computer is being made a test device…"));
}

// What it is shown: pictures of the test set, or whatever there is.
void DeployPage::readPictures()
{
    if (!context().session())
        return;
    using Files = std::vector<std::filesystem::path>;
    context().readInBackground<Files>(
        this,
        [](dataset::ProjectReader& reader) {
            constexpr int kMostPictures = 500;
            dataset::ItemFilter test;
            test.sets = { domain::SplitSet::Test };
            auto items = reader.readItems(test, {}, kMostPictures).valueOr({});
            if (items.empty())
                items = reader.readItems({}, {}, kMostPictures).valueOr({});
            Files files;
            for (const auto& item : items)
                files.push_back(reader.mediaPath(item));
            return files;
        },
        [this](Files files) { m_live->setPictures(std::move(files)); });
    QHash<QString, QColor> colors;
    for (const domain::Label& label : context().labels())
        colors.insert(qs(label.name), context().labelColor(label.id));
    m_live->setColors(std::move(colors));
}

void DeployPage::openJoin()
{
    if (m_stack->currentWidget() == m_package)
        closePackage();
    m_join->setAddresses(services::addressesOfThisComputer());
    m_join->show();
    showFleet();
    m_join->start();
}

void DeployPage::makeLine(const QString& device, const QString& ring)
{
    constexpr int kHours = 24;
    auto grant = std::make_shared<fleet::Grant>();
    m_fleet->act(
        [grant, device = device.toStdString(), ring = ring.toStdString()](fleet::HubClient& hub) -> base::Result<QString> {
            PERCEPT_ASSIGN(given, hub.enroll(device, ring, kHours));
            *grant = std::move(given);
            return QString();
        },
        [this, grant](const base::Result<QString>& done) {
            done.hasError() ? m_join->showProblem(qs(done.error().message)) : m_join->showGrant(*grant);
        });
}

void DeployPage::letOthersIn(const QString& address)
{
    m_fleet->act(
        [folder = m_fleet->folder(), address = address.toStdString()](fleet::HubClient&) -> base::Result<QString> {
            PERCEPT_TRY(services::openHub(folder, { address }));
            return QString();
        },
        [this](const base::Result<QString>& done) { m_join->showProblem(done.hasError() ? qs(done.error().message) : QString()); });
}

QStringList DeployPage::selectedDevices() const
{
    QStringList names;
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    for (const QModelIndex& row : rows)
        if (row.row() < m_devices.rowCount())
            names << qs(m_devices.at(row.row()).name);
    return names;
}

void DeployPage::moveSelected(const QString& ring)
{
    const QStringList names = selectedDevices();
    if (names.isEmpty() || m_fleet->isBusy())
        return;
    const QString what = names.size() == 1 ? names.constFirst() : devicesText(static_cast<std::size_t>(names.size())), name = ringName(ring.toStdString());
    if (!context().choosers().confirm(this, tr("Move %1 to ring %2?").arg(what, name),
            tr("What has reached ring %1 is what %2 will run from now on.").arg(name, names.size() == 1 ? tr("it") : tr("they")),
            names.size() == 1 ? tr("Move it") : tr("Move %1").arg(what)))
        return;
    act(tr("Not every device was moved"), [names, ring, name, what](fleet::HubClient& hub) -> base::Result<QString> {
        QString kept;
        for (const QString& device : names) {
            PERCEPT_ASSIGN(note, hub.moveToRing(device.toStdString(), ring.toStdString()));
            if (kept.isEmpty() && !note.empty()) // one says it for all
                kept = QStringLiteral(". ") + (names.size() == 1 ? QString() : device + QStringLiteral(": ")) + qs(note);
        }
        return tr("%1 moved to ring %2").arg(what, name) + kept;
    });
}

void DeployPage::removeSelected()
{
    const QStringList names = selectedDevices();
    if (names.isEmpty() || m_fleet->isBusy())
        return;
    const QString what = names.size() == 1 ? names.constFirst() : devicesText(static_cast<std::size_t>(names.size()));
    if (!context().choosers().confirm(this, tr("Remove %1 from the fleet?").arg(what),
            tr("Its place at the hub is gone at once, and it needs a new line to come back. The model on it goes on answering; what it told stays."),
            names.size() == 1 ? tr("Remove it") : tr("Remove %1").arg(what)))
        return;
    act(tr("Not every device was removed"), [names, what](fleet::HubClient& hub) -> base::Result<QString> {
        for (const QString& device : names)
            PERCEPT_TRY(hub.remove(device.toStdString()));
        return tr("%1 removed").arg(what);
    });
}

void DeployPage::deviceMenu(const QPoint& at)
{
    if (selectedDevices().isEmpty())
        return;
    QMenu menu(this);
    menu.setObjectName(QStringLiteral("deviceMenu"));
    for (const char* ring : fleet::kRings)
        connect(menu.addAction(tr("Move to ring %1…").arg(ringName(ring))), &QAction::triggered, this, [this, ring] { moveSelected(QString::fromLatin1(ring)); });
    if (const QStringList names = selectedDevices(); names.size() == 1) {
        menu.addSeparator();
        connect(menu.addAction(style::icon("camera"), tr("Pictures that %1 sent").arg(names.constFirst())), &QAction::triggered, this, [this, device = names.constFirst()] { context().openField(device); });
    }
    menu.addSeparator();
    connect(menu.addAction(style::icon("trash"), tr("Remove from the fleet…")), &QAction::triggered, this, &DeployPage::removeSelected);
    menu.exec(m_table->viewport()->mapToGlobal(at));
}

}
