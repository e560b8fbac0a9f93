#pragma once

#include "core/services/field_samples.h"

#include <QObject>
#include <QString>
#include <QThreadPool>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

class QTimer;

namespace percept::studio {

// The pictures of devices that wait for a person, and what a person says of them. The hub's memory is read on other threads;
// verdicts take effect at once here and one after another there: what did not work waits again, with the reason. Interface
// thread; lives as long as its project is open.
class FieldInbox : public QObject {
    Q_OBJECT
public:
    FieldInbox(services::ProjectSession& session, std::filesystem::path fleetFolder, QObject* parent = nullptr);
    ~FieldInbox() override; // waits for a picture that is being copied, not for the hub

    // In the order in which they are worth looking at; new ones come last, so that nothing moves under somebody's eyes.
    const std::vector<services::FieldPicture>& waiting() const { return m_waiting; }
    bool hasMore() const { return m_hasMore; } // older ones wait as well: they come when these are fewer
    bool isRead() const { return m_isRead; }
    QString problem() const { return m_problem; } // why the hub's memory cannot be read; empty: it can
    void refresh();
    void setWatched(bool on); // looks more often

    // What has become of the picture is on disk; `item`: of the project.
    using Taken = std::function<void(const base::Result<services::FieldTaken>&)>;
    void take(const services::FieldPicture& picture, services::FieldVerdict verdict, Taken done = {});
    void ignore(const services::FieldPicture& picture); // at the hub, which is started where none runs

    enum class Undone { Yes, Nothing, NotLast };
    // Takes the last verdict back. NotLast: the project was changed since, so that the project's own undo would undo that.
    Undone undo();
    bool canUndo() const { return !m_verdicts.empty(); }
    void stepUndone(); // the project has undone or redone a step, whoever asked for it

signals:
    void changed();
    void failed(const QString& sentence);
    void cameBack(const QString& id); // its verdict was taken back, or did not work
    void undoRequested();             // of the project's last step; stepUndone() is told when it is done

private:
    struct Verdict {
        services::FieldPicture picture;
        bool isIgnored = false;
        std::string step; // title of its step in the project; empty: it is not on disk yet
    };
    struct Mark {
        services::FieldPicture picture;
        fleet::SampleState state;
        bool reports = true; // whether a failure is told
    };
    void took(const services::FieldPicture& picture, const base::Result<services::FieldTaken>& taken, const std::string& step);
    void readDone(base::Result<services::FieldQueue> queue, int number);
    void hide(const services::FieldPicture& picture);
    void settle(const std::string& id); // what is read from now on knows of it
    void bringBack(const services::FieldPicture& picture);
    void mark(Mark mark);
    void markNext();
    void marked(const Mark& mark, const base::Result<void>& done);

    services::ProjectSession& m_session;
    std::filesystem::path m_folder;
    QTimer* m_poll;
    QThreadPool m_takes; // one thread: verdicts are steps of undo, in order
    base::CancelToken m_cancel;
    std::vector<services::FieldPicture> m_waiting;
    // Decided, or taken back: what readings up to that number say of it is too old.
    std::map<std::string, int> m_hidden, m_kept;
    std::optional<services::FieldPicture> m_undoing;
    std::string m_undoWhenTaken; // its verdict is on its way to the disk
    std::vector<Verdict> m_verdicts;     // the last one at the back
    std::deque<Mark> m_marks;
    bool m_hasMore = false, m_isRead = false, m_isReading = false, m_readAgain = false, m_isMarking = false;
    int m_reads = 0;
    QString m_problem;
};

}
