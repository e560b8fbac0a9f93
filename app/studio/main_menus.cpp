#include "app/studio/about_dialog.h"
#include "app/studio/frame/commands.h"
#include "app/studio/frame/recent_projects.h"
#include "app/studio/main_window.h"
#include "app/studio/overlays.h"
#include "app/studio/rail.h"
#include "app/studio/start/start_page.h"
#include "app/studio/top_bar.h"
#include "widgets/style/widgets.h"

#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QDateTime>
#include <QFileInfo>
#include <QLocale>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QStackedWidget>
#include <utility>

namespace percept::studio {

QAction* MainWindow::addAction(QMenu* menu, const QString& text, const QKeySequence& key, std::function<void()> run)
{
    QAction* action = menu->addAction(text);
    if (!key.isEmpty())
        action->setShortcut(key);
    connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
    m_menuActions << action;
    return action;
}

void MainWindow::buildMenus()
{
    auto* bar = new QMenuBar;
    bar->setNativeMenuBar(false);
    QMenu* file = bar->addMenu(tr("&File"));
    addAction(file, tr("New project…"), QKeySequence::New, [this] { newProject(); });
    addAction(file, tr("Open project…"), QKeySequence::Open, [this] { chooseProject(); });
    file->addSeparator();
    QMenu* backups = file->addMenu(tr("Restore a backup"));
    backups->setObjectName(QStringLiteral("backups"));
    connect(backups, &QMenu::aboutToShow, this, [this, backups] { fillBackupMenu(backups); });
    file->addSeparator();
    addAction(file, tr("Close project"), QKeySequence(Qt::CTRL | Qt::Key_W), [this] { closeProject(); });
    addAction(file, tr("Quit"), QKeySequence::Quit, [this] { close(); });

    m_editMenu = bar->addMenu(tr("&Edit"));
    m_editMenu->setObjectName(QStringLiteral("edit-menu"));
    QAction* undo = addAction(m_editMenu, tr("Undo"), QKeySequence::Undo, [this] { m_context.undo(); });
    QAction* redo = addAction(m_editMenu, tr("Redo"), QKeySequence(), [this] { m_context.redo(); });
    redo->setShortcuts({ QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), QKeySequence(Qt::CTRL | Qt::Key_Y) });
    const auto names = [this, undo, redo] {
        setCommandEnabled(*undo, !m_context.undoTitle().isEmpty(), tr("nothing to undo"));
        setCommandEnabled(*redo, !m_context.redoTitle().isEmpty(), tr("nothing to redo"));
        const auto name = [](const QString& verb, QString title) {
            return title.isEmpty() ? verb : QStringLiteral("%1: %2").arg(verb, title.replace(QLatin1Char('&'), QStringLiteral("&&")));
        };
        undo->setText(name(tr("Undo"), m_context.undoTitle()));
        redo->setText(name(tr("Redo"), m_context.redoTitle()));
    };
    connect(&m_context, &StudioContext::historyChanged, this, names);
    names();

    m_editSeparator = m_editMenu->addSeparator();

    QMenu* view = bar->addMenu(tr("&View"));
    for (const PageEntry& entry : m_entries)
        addAction(view, entry.name, QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_0 + entry.digit)), [this, key = entry.key] { showPage(key); });
    view->addSeparator();
    addAction(view, tr("Next panel"), QKeySequence(Qt::Key_F6), [this] { walkPanels(1); });
    addAction(view, tr("Previous panel"), QKeySequence(Qt::SHIFT | Qt::Key_F6), [this] { walkPanels(-1); });
    view->addSeparator();
    fillThemeMenu(view->addMenu(tr("Theme")));

    m_pageMenu = bar->addMenu(tr("Items"));
    QMenu* help = bar->addMenu(tr("&Help"));
    addAction(help, tr("Keys of this page"), QKeySequence(Qt::Key_F1), [this] { openKeys(); });
    addAction(help, tr("Find or run a command"), QKeySequence(Qt::CTRL | Qt::Key_K), [this] { openPalette(); });

    help->addSeparator();
    addAction(help, tr("About Percept"), QKeySequence(), [this] { AboutDialog(this).exec(); });

    m_top = new TopBar(m_context, bar);
    connect(m_top, &TopBar::commandsRequested, this, &MainWindow::openPalette);
    connect(m_top->backButton(), &QPushButton::clicked, this, &MainWindow::goBack);
    auto* projects = new QMenu(m_top);
    connect(projects, &QMenu::aboutToShow, this, [this, projects] { fillProjectMenu(projects); });
    m_top->projectButton()->setMenu(projects);
    setMenuWidget(m_top);
}

// What belongs to the page in front: in its own menu, and below undo and redo.
void MainWindow::fillPageMenus(const Page& front)
{
    const QList<QAction*> commands = front.commands(), edits = front.editCommands();
    m_pageMenu->clear();
    m_pageMenu->setTitle(front.menuTitle());
    m_pageMenu->addActions(commands);
    m_pageMenu->menuAction()->setVisible(!commands.isEmpty());
    for (QAction* former : std::exchange(m_editOfPage, edits))
        m_editMenu->removeAction(former);
    m_editMenu->addActions(edits);
    m_editSeparator->setVisible(!edits.isEmpty());
}

void MainWindow::newProject()
{
    if (closeProject())
        startPage()->focusName();
}

void MainWindow::fillProjectMenu(QMenu* menu)
{
    menu->clear();
    const QString open = m_context.session() ? toQString(m_context.session()->folder()) : QString();
    const auto all = m_context.recent().entries();
    for (const RecentProjects::Entry& entry : all) {
        if (!QFileInfo::exists(entry.path))
            continue;
        const QString folder = folderBeside(entry, all);
        QString title = folder.isEmpty() ? entry.name : tr("%1 (%2)").arg(entry.name, folder);
        QAction* action = menu->addAction(title.replace(QLatin1Char('&'), QStringLiteral("&&")));
        action->setCheckable(true);
        action->setChecked(entry.path == open);
        connect(action, &QAction::triggered, this, [this, path = entry.path, open] {
            if (path != open)
                openProject(toPath(path));
        });
    }
    menu->addSeparator();
    connect(menu->addAction(style::icon("plus"), tr("New project…")), &QAction::triggered, this, [this] { newProject(); });
    connect(menu->addAction(style::icon("folder"), tr("Open project…")), &QAction::triggered, this, &MainWindow::chooseProject);
    connect(menu->addAction(tr("Close project")), &QAction::triggered, this, &MainWindow::closeProject);
}

QString MainWindow::whenOf(const dataset::BackupInfo& backup)
{
    return QLocale(QLocale::English).toString(QDateTime::fromMSecsSinceEpoch(backup.timeMs), QStringLiteral("d MMM yyyy, HH:mm"));
}

void MainWindow::fillBackupMenu(QMenu* menu)
{
    menu->clear();
    const auto backups = m_context.session() ? dataset::listBackups(m_context.session()->folder()).valueOr({}) : std::vector<dataset::BackupInfo>();
    for (const dataset::BackupInfo& backup : backups) {
        const QString when = whenOf(backup);
        QAction* action = menu->addAction(QStringLiteral("%1 (%2)").arg(when, QString::fromStdString(backup.reason).replace(QLatin1Char('&'), QStringLiteral("&&"))));
        connect(action, &QAction::triggered, this, [this, file = backup.file, when] { restoreBackup(file, when); });
    }
    if (backups.empty())
        menu->addAction(tr("No backup yet: one is made every hour while there are changes"))->setEnabled(false);
}

// The project as it was; what it is now becomes a backup itself.
void MainWindow::restoreBackup(const std::filesystem::path& backup, const QString& when)
{
    const std::filesystem::path project = m_context.session()->folder();
    if (!m_context.choosers().confirm(this, tr("Restore the backup of %1?").arg(when),
            tr("Labels, sets and history go back to that time. What the project is now becomes a backup itself. Pictures and runs stay as they are."), tr("Restore")))
        return;
    if (!closeProject())
        return;
    const auto restored = dataset::restoreBackup(project, backup);
    if (!openProject(project) || restored.hasValue())
        return;
    m_context.reportError(tr("The backup was not restored"), restored.error());
}

void MainWindow::fillThemeMenu(QMenu* menu)
{
    auto* group = new QActionGroup(menu);
    const std::pair<QString, QString> choices[] = { { QStringLiteral("system"), tr("As the desktop") },
        { QStringLiteral("dark"), tr("Dark") }, { QStringLiteral("light"), tr("Light") } };
    for (const auto& [key, name] : choices) {
        QAction* action = menu->addAction(name);
        action->setCheckable(true);
        action->setData(key);
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, key = key] {
            m_context.recent().writeTheme(key);
            applyThemeSetting();
        });
    }
    connect(menu, &QMenu::aboutToShow, this, [this, group] {
        for (QAction* action : group->actions())
            action->setChecked(action->data().toString() == m_context.recent().theme());
    });
}

void MainWindow::showSettingsMenu()
{
    QMenu menu(this);
    QMenu* theme = menu.addMenu(style::icon("moon"), tr("Theme"));
    fillThemeMenu(theme);
    QAction* folder = menu.addAction(style::icon("folder"), tr("Folder of new projects…"));
    connect(folder, &QAction::triggered, this, &MainWindow::chooseProjectsFolder);
    menu.exec(QCursor::pos());
}

void MainWindow::chooseProjectsFolder()
{
    const QString chosen = m_context.choosers().folder(this, tr("Folder of new projects"), m_context.recent().projectsFolder());
    if (!chosen.isEmpty())
        m_context.recent().writeProjectsFolder(chosen);
    if (m_start)
        m_start->refresh();
}

void MainWindow::chooseProject()
{
    const QString chosen = m_context.chooseFolder(this, QStringLiteral("project"), tr("Open a project (a folder whose name ends in .percept)"), m_context.recent().projectsFolder());
    if (!chosen.isEmpty())
        openProject(toPath(chosen));
}

// Of the page in front, then those of everywhere: what the overlay of keys lists, and the palette first.
QList<QAction*> MainWindow::commandsInReach()
{
    QList<QAction*> all;
    if (Page* front = m_current.isEmpty() ? nullptr : page(m_current))
        all = front->commands();
    all += m_menuActions;
    erase_if(all, [](const QAction* action) { return action->menu() || action->isSeparator(); });
    return all;
}

void MainWindow::openKeys()
{
    Page* front = m_current.isEmpty() ? nullptr : page(m_current);
    if (!front)
        return;
    if (!m_keys)
        m_keys = new KeysOverlay(this);
    if (m_keys->isVisible())
        return m_keys->close();
    // The commands with their keys as everywhere; after them the keys that are no commands.
    QList<KeyHelp> ofPage, general;
    for (const QAction* action : commandsInReach())
        if (const QString keys = commandKeys(*action); !keys.isEmpty())
            (m_menuActions.contains(action) ? general : ofPage) << KeyHelp { keys, commandText(*action) };
    general << KeyHelp { QStringLiteral("Esc"), tr("Close what is open, one level up") };
    m_keys->open(front->title(), ofPage + front->keys(), general);
}

}
