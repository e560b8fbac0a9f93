#pragma once

#include "app/studio/frame/job_list.h"
#include "core/services/project_session.h"

#include <QColor>
#include <QObject>
#include <QString>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

class QTimer;

namespace percept::studio {

class BackgroundReader;
class FieldInbox;
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
    // Which of the verbs, the first of them being what Enter does; -1: Cancel, nothing happens.
    std::function<int(QWidget* parent, const QString& title, const QString& text, const QStringList& verbs)> choose;
};

// A picture to open on Label, and what to look at there.
struct ItemTarget {
    ItemId item;
    AnnotationId annotation {}; // is selected; none: nothing
    struct Answer { LabelId label; domain::Box box; double score = 0; };
    std::optional<Answer> answer {}; // what a model said: drawn dashed
    // The filmstrip, next and previous run through these pictures only; null: through all.
    struct Group { QString name; std::vector<ItemId> items; }; // "To do, Has WBC"; ascending
    std::shared_ptr<const Group> within {};
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
    // One model is packaged at a time, whichever page asked for it: see services::packageRun.
    bool isPackaging() const { return m_packaging && m_packaging->isRunning(); }
    void setPackaging(Job* job);

    JobList& jobs() { return *m_jobs; }
    Thumbnails& thumbnails() { return *m_thumbnails; }
    RecentProjects& recent() { return *m_recent; }
    FieldInbox* field() const { return m_field.get(); } // null without a project
    Choosers& choosers() { return m_choosers; }
    // As the choosers do, beginning where the last thing of this purpose ("import", "export", "report") was chosen; before the
    // first time at `fallback`. Empty: nothing was chosen.
    QString chooseFolder(QWidget* parent, const QString& purpose, const QString& title, const QString& fallback);
    QStringList chooseFiles(QWidget* parent, const QString& purpose, const QString& title, const QString& fallback, const QString& filter);
    // `fallback`: with the proposed name, which stays when the folder is another one.
    QString chooseSaveFile(QWidget* parent, const QString& purpose, const QString& title, const QString& fallback, const QString& filter);

    // Runs `read` on a background thread with a reader of its own; `done` on the interface thread, if `receiver` still lives
    // and the same project is open.
    template <typename T>
    void readInBackground(QObject* receiver, std::function<T(dataset::ProjectReader&)> read, std::function<void(T)> done);

    // Ways between pages.
    void showPage(const QString& key) { Q_EMIT pageRequested(key); }
    void openItem(const ItemTarget& target) { Q_EMIT itemRequested(target); } // on Label
    void openGather(const dataset::ItemFilter& filter) { Q_EMIT gatherRequested(filter); }
    void requestImport(const std::vector<std::filesystem::path>& files) { Q_EMIT importRequested(files); } // on Gather
    void openRun(const QString& run) { Q_EMIT runRequested(run); }             // on Train
    void openValidate(const QString& run) { Q_EMIT validateRequested(run); }
    void openField(const QString& device) { Q_EMIT fieldRequested(device); } // its pictures, on Monitor
    void openDeploy(const QString& run) { Q_EMIT deployRequested(run); }     // to package it and roll it out
    void trainAgain(const QString& run) { Q_EMIT trainAgainRequested(run); } // a new run that begins with this one's weights
    void openComparison(const QString& run) { Q_EMIT comparisonRequested(run); } // on Train, and asks for it
    // "gather?set=none", "gather?flagged=1", "label", "train?run=r0001": what a DataFinding's link leads to.
    void followLink(const QString& link);

    // What just happened, with a way back. Never for errors.
    void showToast(const QString& text, const QString& action = {}, std::function<void()> run = {}, const QString& key = {});
    // The usual toast after an edit: its title, which is that of the step, and Undo. Goes when another step is the last.
    void showUndoToast(const QString& title);
    // After an undo or a redo, with the way back. Goes as the other does.
    // `where`: the picture it was done on when that is not in front; its action shows it instead.
    void showStepToast(const QString& title, bool undone, const QString& where = {}, std::function<void()> show = {});
    // A failure that belongs to no place of a page: a banner that stays until closed.
    void reportError(const QString& title, const base::Error& error);

Q_SIGNALS:
    void projectOpened();
    void projectReady();        // every page has heard of it
    void projectAboutToClose(); // drop readers and subscriptions now
    void projectClosed();
    void committed(const percept::services::ProjectSession::Notice& notice);
    void labelsChanged();
    void countsChanged();
    void historyChanged();
    // undo() or redo() has done it; whoever is in front says so unless it is seen there.
    void stepTaken(const percept::dataset::Committed& step, const QString& title, bool undone);
    void stepFailed(); // undo() or redo() could not, or there was nothing to be done
    void saveStateChanged();
    void runsChanged(); // a run started, ended, got a model, or something is said about it; emit it when yours did
    void scoringChanged();
    void packagingChanged();
    void pageRequested(const QString& key);
    void itemRequested(const percept::studio::ItemTarget& target);
    void gatherRequested(const percept::dataset::ItemFilter& filter);
    void importRequested(const std::vector<std::filesystem::path>& files);
    void runRequested(const QString& run);
    void validateRequested(const QString& run);
    void fieldRequested(const QString& device);
    void fieldChanged(); // how many pictures of devices wait
    void deployRequested(const QString& run);
    void trainAgainRequested(const QString& run);
    void comparisonRequested(const QString& run);
    void toastRequested(const QString& text, const QString& action, std::function<void()> run, const QString& key);
    void toastEnded();
    void errorReported(const QString& title, const QString& message);
    void statusTextChanged(); // pages emit through Page::setStatus

private:
    void subscribe();
    void onNotice(const services::ProjectSession::Notice& notice);
    void takeStep(bool undone, const base::Result<std::optional<dataset::Committed>>& result);
    void endStepToast();
    void readSummary(bool labelsToo);
    void rememberProject();
    QString lastFolder(const QString& purpose, const QString& fallback) const;
    void postRead(std::function<std::function<void()>(dataset::ProjectReader&)> read);

    std::unique_ptr<JobList> m_jobs;
    std::unique_ptr<RecentProjects> m_recent;
    std::unique_ptr<services::ProjectSession> m_session;
    std::unique_ptr<services::ProjectSession::Subscription> m_notices, m_states;
    std::unique_ptr<Thumbnails> m_thumbnails;
    std::unique_ptr<BackgroundReader> m_background;
    std::unique_ptr<FieldInbox> m_field;
    Choosers m_choosers;
    QTimer* m_refresh;
    QTimer* m_remember; // writes down for the start page how far the project is
    bool m_labelsStale = false;
    dataset::ProjectInfo m_info;
    std::vector<domain::Label> m_labels;
    dataset::Counts m_counts;
    services::ProjectSession::SaveState m_saveState;
    int m_heldEdits = 0;
    QString m_undoTitle, m_redoTitle;
    // The step that the action of the toast in view takes back, or does again; no title: there is none in view.
    struct StepToast { QString title; bool undone = false, isNext = false; } m_stepToast;
    QStringList m_scoringRuns;
    QPointer<Job> m_packaging;
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
