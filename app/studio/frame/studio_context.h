#pragma once

#include "app/studio/frame/job_list.h"
#include "core/services/project_session.h"

#include <QColor>
#include <QObject>
#include <QString>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

class QTimer;

namespace percept::studio {

class BackgroundReader;
class RecentProjects;
class Thumbnails;

QString toQString(const std::filesystem::path& path);
std::filesystem::path toPath(const QString& text);

// Asks the user for files and folders. Tests put their own answers here.
struct Choosers {
    std::function<QString(QWidget* parent, const QString& title, const QString& start)> folder;
    std::function<QStringList(QWidget* parent, const QString& title, const QString& start, const QString& filter)> files;
    std::function<QString(QWidget* parent, const QString& title, const QString& start, const QString& filter)> saveFile;
    // True: go on. Only for what undo cannot bring back; `verb` stands on the button.
    std::function<bool(QWidget* parent, const QString& title, const QString& text, const QString& verb)> confirm;
};

// What the pages share: the open project, its labels and counts as of the last commit, jobs, thumbnails, and the ways from
// one page to another. Interface thread only. Owned by the main window; outlives every page.
class StudioContext : public QObject {
    Q_OBJECT
public:
    explicit StudioContext(QObject* parent = nullptr);
    ~StudioContext() override;

    // The project. Everything below is empty while session() is null.
    services::ProjectSession* session() const { return m_session.get(); }
    base::Result<void> openProject(const std::filesystem::path& project);
    void closeProject(); // cancels jobs, waits for edits
    const dataset::ProjectInfo& info() const { return m_info; }
    const std::vector<domain::Label>& labels() const { return m_labels; } // in the order of lists
    const domain::Label* label(LabelId id) const;
    QColor labelColor(LabelId id) const; // bright, for pictures and what stands beside them
    bool labelHatched(LabelId id) const;
    const dataset::Counts& counts() const { return m_counts; }

    // Edits. A failure is shown by the frame (save state, banner); the page need not.
    void apply(std::vector<dataset::Edit> edits, const QString& title, services::ProjectSession::Done done = {});
    void undo();
    void redo();
    QString undoTitle() const { return m_undoTitle; } // empty: nothing to undo
    QString redoTitle() const { return m_redoTitle; }
    const services::ProjectSession::SaveState& saveState() const { return m_saveState; } // held edits count as pending
    // Edits that a page holds back until the store has answered to one before them.
    void setHeldEdits(int edits);
    int heldEdits() const { return m_heldEdits; }

    // The runs whose models are being checked or scored, whichever page asked for it: one that is shall not be asked again.
    const QStringList& scoringRuns() const { return m_scoringRuns; }
    void setScoring(const QString& run, bool on);

    JobList& jobs() { return *m_jobs; }
    Thumbnails& thumbnails() { return *m_thumbnails; }
    RecentProjects& recent() { return *m_recent; }
    Choosers& choosers() { return m_choosers; }

    // Runs `read` on a background thread with a reader of its own; `done` on the interface thread, if `receiver` still lives
    // and the same project is open.
    template <typename T>
    void readInBackground(QObject* receiver, std::function<T(dataset::ProjectReader&)> read, std::function<void(T)> done);

    // Ways between pages.
    void showPage(const QString& key) { Q_EMIT pageRequested(key); }
    void openItem(ItemId item, AnnotationId annotation = {}) { Q_EMIT itemRequested(item, annotation); } // on Label
    void openGather(const dataset::ItemFilter& filter) { Q_EMIT gatherRequested(filter); }
    void requestImport(const std::vector<std::filesystem::path>& files) { Q_EMIT importRequested(files); } // on Gather
    void openRun(const QString& run) { Q_EMIT runRequested(run); }             // on Train
    void openValidate(const QString& run) { Q_EMIT validateRequested(run); }
    // "gather?set=none", "gather?flagged=1", "label", "train?run=r0001": what a DataFinding's link leads to.
    void followLink(const QString& link);

    // What just happened, with a way back. Never for errors.
    void showToast(const QString& text, const QString& action = {}, std::function<void()> run = {}, const QString& key = {});
    // The usual toast after an edit: its title, which is that of the step, and Undo. Goes when another step is the last.
    void showUndoToast(const QString& title);
    // A failure that belongs to no place of a page: a banner that stays until closed.
    void reportError(const QString& title, const base::Error& error);

Q_SIGNALS:
    void projectOpened();
    void projectAboutToClose(); // drop readers and subscriptions now
    void projectClosed();
    void committed(const percept::services::ProjectSession::Notice& notice);
    void labelsChanged();
    void countsChanged();
    void historyChanged();
    void saveStateChanged();
    void runsChanged(); // a run started, ended, got a model, or something is said about it; emit it when yours did
    void scoringChanged();
    void pageRequested(const QString& key);
    void itemRequested(percept::ItemId item, percept::AnnotationId annotation);
    void gatherRequested(const percept::dataset::ItemFilter& filter);
    void importRequested(const std::vector<std::filesystem::path>& files);
    void runRequested(const QString& run);
    void validateRequested(const QString& run);
    void toastRequested(const QString& text, const QString& action, std::function<void()> run, const QString& key);
    void toastEnded();
    void errorReported(const QString& title, const QString& message);
    void statusTextChanged(); // pages emit through Page::setStatus

private:
    void subscribe();
    void onNotice(const services::ProjectSession::Notice& notice);
    void endUndoToast();
    void readSummary(bool labelsToo);
    void rememberProject();
    void postRead(std::function<std::function<void()>(dataset::ProjectReader&)> read);

    std::unique_ptr<JobList> m_jobs;
    std::unique_ptr<RecentProjects> m_recent;
    std::unique_ptr<services::ProjectSession> m_session;
    std::unique_ptr<services::ProjectSession::Subscription> m_notices, m_states;
    std::unique_ptr<Thumbnails> m_thumbnails;
    std::unique_ptr<BackgroundReader> m_background;
    Choosers m_choosers;
    QTimer* m_refresh;
    bool m_labelsStale = false;
    dataset::ProjectInfo m_info;
    std::vector<domain::Label> m_labels;
    dataset::Counts m_counts;
    services::ProjectSession::SaveState m_saveState;
    int m_heldEdits = 0;
    QString m_undoTitle, m_redoTitle;
    QStringList m_scoringRuns;
    QString m_undoToast; // the step that the toast in view takes back; empty: none
    bool m_undoToastIsLast = false;
};

template <typename T>
void StudioContext::readInBackground(QObject* receiver, std::function<T(dataset::ProjectReader&)> read, std::function<void(T)> done)
{
    postRead([receiver = QPointer<QObject>(receiver), read = std::move(read), done = std::move(done)](dataset::ProjectReader& reader) {
        auto result = std::make_shared<T>(read(reader));
        return std::function<void()>([receiver, done, result] {
            if (receiver)
                done(std::move(*result));
        });
    });
}

}
