#pragma once

#include "app/studio/frame/page.h"

#include <QElapsedTimer>
#include <QMainWindow>
#include <QPointer>
#include <map>
#include <vector>

class QMenu;
class QStackedWidget;

namespace percept::style {
class Note;
class Toast;
}

namespace percept::studio {

class CommandPalette;
class DropOverlay;
struct PaletteEntry;
class KeysOverlay;
class Rail;
class RailButton;
class StartPage;
class StatusLine;
class TopBar;

// The one window: start page while no project is open, else top bar, rail, pages (made on first use) and status line.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(QWidget* parent = nullptr);
    ~MainWindow() override;

    StudioContext& context() { return m_context; }
    // Opens a project, or shows on the start page why not. False also when somebody stays for edits that are not saved.
    bool openProject(const std::filesystem::path& project);
    bool closeProject(); // false: edits are not saved, and somebody stays for them
    void showPage(const QString& key);
    QString currentPage() const { return m_current; }
    Page* page(const QString& key); // made when it was not yet; null for an unknown key
    StartPage* startPage();
    void showStart();
    void applyThemeSetting(); // "system", "dark", "light" of the settings

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragMoveEvent(QDragMoveEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override; // what no page has taken

private:
    void buildWorkspace();
    void buildMenus();
    void connectContext();
    void connectWays();
    void connectMessages();
    void fillPageMenus(const Page& front);
    QAction* addAction(QMenu* menu, const QString& text, const QKeySequence& key, std::function<void()> run);
    void fillProjectMenu(QMenu* menu);
    void fillThemeMenu(QMenu* menu);
    void fillBackupMenu(QMenu* menu);
    DropWords dropWords(const FilesInHand& hand);
    void restoreBackup(const std::filesystem::path& backup, const QString& when);
    void newProject();
    void showSettingsMenu();
    QList<QAction*> commandsInReach();
    void chooseProjectsFolder();
    static QString whenOf(const dataset::BackupInfo& backup);
    // palette.cpp
    static PaletteEntry entryOf(QAction* action);
    void openPalette();
    void addSettings(std::vector<PaletteEntry>& entries);
    void addClasses(std::vector<PaletteEntry>& entries);
    void addCommandsOf(const QString& key, std::vector<PaletteEntry>& entries); // makes the page where it was not seen yet
    void addRuns();
    void addNextPage();
    void runOn(const QString& key, QAction& action);
    std::vector<PaletteEntry> picturesOf(const QString& text);
    void openKeys();
    void walkPanels(int by); // F6
    void bringFocusHome(QWidget* from, QWidget* to);
    QList<QWidget*> panels();
    void chooseProject();
    void updateBadges();
    void updateTitle();
    void updateBanner();
    bool mayLeave();
    bool mayLeaveEdits();
    void showWorkspace();
    // project_entry.cpp
    void rememberView();
    void connectPage(Page* made);
    void rememberNow(const QString& key);
    void restoreView();
    void sayWhatWasInterrupted();
    void setBackTo(const QString& page, ItemId mistakeOn = {}); // empty: there is no way back
    bool goBack();

    StudioContext m_context; // first: dies after the pages
    std::vector<PageEntry> m_entries;
    std::map<QString, Page*> m_pages;
    QString m_current, m_backTo;
    QElapsedTimer m_viewSettles; // since the project was opened: pages that still read say nothing of what they will show
    QByteArray m_remembered; // the view as it was read or written last: what has not changed is not looked up again
    QJsonObject m_views; // by page, as they were when the project was left; also of pages that were not made since
    QStackedWidget* m_outer;
    QWidget* m_workspace = nullptr;
    QStackedWidget* m_stack = nullptr;
    StartPage* m_start = nullptr;
    TopBar* m_top = nullptr;
    Rail* m_rail = nullptr;
    std::vector<RailButton*> m_railButtons; // in the order of m_entries
    StatusLine* m_status = nullptr;
    style::Note* m_banner = nullptr;
    style::Note* m_interrupted = nullptr;
    QString m_interruptedRun;
    style::Toast* m_toast = nullptr;
    CommandPalette* m_palette = nullptr;
    DropOverlay* m_drop = nullptr;
    QStringList m_palettePages; // whose commands are still to come
    int m_paletteOpenings = 0; // what was read for an earlier one is dropped
    KeysOverlay* m_keys = nullptr;
    QMenu *m_editMenu = nullptr, *m_pageMenu = nullptr;
    QAction* m_editSeparator = nullptr;
    QList<QAction*> m_editOfPage; // what stands in the Edit menu for the page in front
    QList<QAction*> m_menuActions; // offered by Ctrl+K
    std::map<QWidget*, QPointer<QWidget>> m_lastFocus; // of a panel, for F6
    QString m_reported;
};

// The pages that exist, in the order of the loop.
std::vector<PageEntry> allPages();

}
