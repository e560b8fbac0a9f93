// Ctrl+K: every command of the program, and what can be gone to by its name.
#include "app/studio/frame/commands.h"
#include "app/studio/frame/recent_projects.h"
#include "app/studio/label/label_page.h"
#include "app/studio/main_window.h"
#include "app/studio/overlays.h"
#include "app/studio/train/run_list_model.h"
#include "core/services/loop.h"

#include <QAction>
#include <QMenu>
#include <QFileInfo>
#include <QTimer>

namespace percept::studio {
namespace {

constexpr int kPatienceMs = 2000; // until a page that was just made has read what a command needs
constexpr int kPictures = 8;

}

PaletteEntry MainWindow::entryOf(QAction* action)
{
    const QString text = commandText(*action);
    PaletteEntry entry { text, action->isEnabled() ? commandKeys(*action) : commandReason(*action),
        [action = QPointer<QAction>(action)] {
            if (action)
                action->trigger();
        },
        action->isEnabled() };
    entry.namesStep = text.startsWith(tr("Undo") + QLatin1Char(':')) || text.startsWith(tr("Redo") + QLatin1Char(':'));
    return entry;
}

void MainWindow::openPalette()
{
    if (!m_context.session())
        return;
    if (!m_palette)
        m_palette = new CommandPalette(this);
    std::vector<PaletteEntry> entries;
    for (QAction* action : commandsInReach())
        entries.push_back(entryOf(action));
    if (const Page* front = m_current.isEmpty() ? nullptr : page(m_current))
        for (QAction* action : front->moreCommands())
            entries.push_back(entryOf(action));
    addSettings(entries);
    addClasses(entries);
    // Pages that are there already have theirs at once; the others have to be made for it.
    m_palettePages = {};
    for (const PageEntry& entry : m_entries) {
        if (entry.key == m_current)
            continue;
        if (m_pages.contains(entry.key))
            addCommandsOf(entry.key, entries);
        else
            m_palettePages << entry.key;
    }
    m_palette->open(std::move(entries), [this](const QString& text) { return picturesOf(text); }, static_cast<int>(m_palettePages.size()) + 1);
    addRuns();
    addNextPage();
}

void MainWindow::addCommandsOf(const QString& key, std::vector<PaletteEntry>& entries)
{
    const Page* other = page(key);
    if (!other)
        return;
    for (QAction* action : other->commands() + other->moreCommands())
        if (!action->isSeparator() && !action->menu())
            entries.push_back({ commandText(*action), commandKeys(*action), [this, key, action = QPointer<QAction>(action)] {
                                   if (action)
                                       runOn(key, *action);
                               }, /*enabled=*/true, other->title() });
}

void MainWindow::addSettings(std::vector<PaletteEntry>& entries)
{
    const std::pair<QString, QString> themes[] = { { QStringLiteral("system"), tr("Theme: as the desktop") },
        { QStringLiteral("dark"), tr("Theme: dark") }, { QStringLiteral("light"), tr("Theme: light") } };
    for (const auto& [key, name] : themes)
        entries.push_back({ name, {}, [this, key = key] {
                               m_context.recent().writeTheme(key);
                               applyThemeSetting();
                           } });
    entries.push_back({ tr("Folder of new projects…"), {}, [this] { chooseProjectsFolder(); } });
    const QString open = toQString(m_context.session()->folder());
    const auto all = m_context.recent().entries();
    for (const RecentProjects::Entry& project : all)
        if (project.path != open && QFileInfo::exists(project.path))
            entries.push_back({ tr("Open the project %1").arg(project.name), folderBeside(project, all), [this, path = project.path] { openProject(toPath(path)); } });
    for (const dataset::BackupInfo& backup : dataset::listBackups(m_context.session()->folder()).valueOr({}))
        entries.push_back({ tr("Restore the backup of %1").arg(whenOf(backup)), QString::fromStdString(backup.reason), [this, backup] { restoreBackup(backup.file, whenOf(backup)); } });
}

void MainWindow::addClasses(std::vector<PaletteEntry>& entries)
{
    const QString label = QStringLiteral("label");
    for (const domain::Label& one : m_context.labels())
        entries.push_back({ tr("Draw the class %1").arg(QString::fromStdString(one.name)), {}, [this, label, id = one.id] {
                               showPage(label);
                               if (auto* target = qobject_cast<LabelPage*>(page(label)))
                                   target->armClass(id);
                           }, /*enabled=*/true, tr("Label") });
}

// Their records are files: read beside the window.
void MainWindow::addRuns()
{
    m_context.readInBackground<std::vector<runs::RunInfo>>(
        m_palette, [](dataset::ProjectReader& reader) { return services::listRuns(reader).valueOr({}); },
        [this, opening = ++m_paletteOpenings](const std::vector<runs::RunInfo>& runs) {
            if (opening != m_paletteOpenings)
                return; // of a palette that was closed meanwhile
            std::vector<PaletteEntry> entries;
            for (const runs::RunInfo& run : runs) {
                const QString id = QString::fromStdString(run.id);
                const QString version = QString::fromStdString(run.modelVersion);
                QStringList also { id };
                if (!version.isEmpty())
                    also << version << tr("version") << QLatin1Char('v') + version;
                const QString detail = version.isEmpty() ? QString() : tr("version %1").arg(version);
                entries.push_back({ runTitle(run), detail, [this, id] { m_context.openRun(id); }, /*enabled=*/true, tr("Train"), also });
                if (run.hasModel)
                    entries.push_back({ tr("Validate %1").arg(runTitle(run)), detail, [this, id] { m_context.openValidate(id); }, /*enabled=*/true, tr("Validate"), also });
            }
            m_palette->add(std::move(entries));
        });
}

// A page that was not seen yet is made for its commands, one at a time: the palette is there at once, and typing goes on.
void MainWindow::addNextPage()
{
    if (m_palettePages.isEmpty() || !m_palette->isVisible() || !m_context.session())
        return;
    std::vector<PaletteEntry> entries;
    addCommandsOf(m_palettePages.takeFirst(), entries);
    m_palette->add(std::move(entries));
    QTimer::singleShot(1, this, &MainWindow::addNextPage);
}

// What it needs may not have been read yet, or not be there: then that is said, on the page where it can be mended.
void MainWindow::runOn(const QString& key, QAction& action)
{
    showPage(key);
    if (action.isEnabled())
        return action.trigger();
    const auto say = [this, &action] {
        const QString why = commandReason(action);
        m_context.showToast(why.isEmpty() ? tr("Not to be had now: %1").arg(commandText(action)) : tr("%1: %2").arg(commandText(action), why));
    };
    if (!commandReason(action).isEmpty())
        return say();
    auto* patience = new QTimer(&action);
    patience->setSingleShot(true);
    connect(&action, &QAction::enabledChanged, patience, [this, key, patience, &action](bool enabled) {
        if (!enabled || m_current != key)
            return;
        patience->deleteLater();
        action.trigger();
    });
    connect(patience, &QTimer::timeout, patience, [this, key, patience, say] {
        patience->deleteLater();
        if (m_current == key)
            say();
    });
    patience->start(kPatienceMs);
}

std::vector<PaletteEntry> MainWindow::picturesOf(const QString& text)
{
    std::vector<PaletteEntry> found;
    dataset::ItemFilter filter;
    filter.nameContains = text.toStdString();
    for (const domain::Item& item : m_context.session()->reader().readItems(filter, {}, kPictures).valueOr({}))
        found.push_back({ QString::fromStdString(item.name), tr("open in Label"), [this, id = item.id] { m_context.openItem({ id }); } });
    return found;
}

}
