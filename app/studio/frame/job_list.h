#pragma once

#include "app/studio/frame/attempt.h"
#include "core/base/cancel.h"
#include "core/base/result.h"

#include <QObject>
#include <QPointer>
#include <QString>
#include <QThreadPool>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

class QTimer;

namespace percept::studio {

// One long piece of work, as the interface shows it: name, how far, time left, Cancel. Lives on the interface thread.
class Job : public QObject {
    Q_OBJECT
public:
    enum class State { Running, Done, Failed, Cancelled };

    QString name() const { return m_name; }   // "Import", "Run 14"
    QString page() const { return m_page; }   // key of the page that a click opens
    State state() const { return m_state; }
    bool isRunning() const { return m_state == State::Running; }
    double fraction() const { return m_fraction; } // 0..1, or < 0 while the length is not known
    QString detail() const { return m_detail; }    // "73,400 of 118,000", "epoch 38 of 60"
    QString timeLeft() const { return m_timeLeft; } // "9 s left", empty while not known
    QString error() const { return m_error; }      // the sentence of a failure
    QString cancelText() const { return m_cancelText; } // "Cancel", or "Stop and keep"
    bool canCancel() const { return static_cast<bool>(m_cancel); }
    void cancel();
    bool cancelRequested() const { return m_cancelRequested; }

    // For work that runs as a process of its own (see JobList::adopt).
    void setCancelText(const QString& text) { m_cancelText = text; }
    // Cancelling ends what took hours: not by a slip on a small cross that stands in view all the time.
    bool isCancelGrave() const { return m_isCancelGrave; }
    void setCancelGrave(bool isGrave) { m_isCancelGrave = isGrave; }
    void setProgress(double fraction, const QString& detail, const QString& timeLeft);
    void finish(State state, const QString& error = {});

Q_SIGNALS:
    void changed();
    void finished(); // exactly once

private:
    friend class JobList;
    explicit Job(QObject* parent)
        : QObject(parent)
    {
    }
    void poll();

    struct Shared { std::mutex mutex; base::Progress progress; };
    QString m_name, m_page, m_detail, m_timeLeft, m_error, m_cancelText;
    bool m_isCancelGrave = false;
    State m_state = State::Running;
    double m_fraction = -1, m_startedAt = 0;
    bool m_cancelRequested = false;
    std::function<void()> m_cancel;
    std::shared_ptr<Shared> m_shared;
};

struct JobSpec {
    QString name;
    QString page;
    QString cancelText; // empty: "Cancel"
};

// Every long job of the studio. Work runs on worker threads; what it returns is delivered on the interface thread, if the
// receiver still lives, and what it throws as an error. The interface thread never waits, but for closing a project (see cancelAll).
class JobList : public QObject {
    Q_OBJECT
public:
    explicit JobList(QObject* parent = nullptr);
    ~JobList() override;

    template <typename T>
    using Work = std::function<base::Result<T>(const base::ProgressFn&, const base::CancelToken&)>;

    // Example: jobs.start<services::ImportReport>({ tr("Import"), "gather" }, this, work, [this](auto result) { ... });
    template <typename T>
    Job* start(const JobSpec& spec, QObject* receiver, Work<T> work, std::function<void(base::Result<T>)> done)
    {
        auto* job = makeJob(spec);
        auto cancel = std::make_shared<base::CancelToken>();
        job->m_cancel = [cancel] { cancel->cancel(); };
        run(job, [this, job = QPointer<Job>(job), receiver = QPointer<QObject>(receiver), work = std::move(work),
                     done = std::move(done), cancel, shared = job->m_shared]() mutable {
            const base::ProgressFn progress = [shared](const base::Progress& p) {
                const std::lock_guard lock(shared->mutex);
                shared->progress = p;
            };
            auto result = std::make_shared<base::Result<T>>(*attempt<base::Result<T>>([&] { return work(progress, *cancel); }));
            QMetaObject::invokeMethod(this, [job, receiver, done = std::move(done), result] {
                if (job)
                    settle(*job, result->hasError() ? &result->error() : nullptr);
                if (receiver && done)
                    done(std::move(*result));
            }, Qt::QueuedConnection);
        });
        return job;
    }

    // A job that the caller drives itself: setProgress(), finish(). `cancel` may be empty.
    Job* adopt(const JobSpec& spec, std::function<void()> cancel);

    // Running first, then what ended (the last few).
    std::vector<Job*> jobs() const;
    Job* running() const; // the newest one that runs; null if none
    // Asks every running job to stop and waits for the worker threads: before the project closes.
    void cancelAll();

Q_SIGNALS:
    void jobStarted(percept::studio::Job* job);
    void jobChanged(percept::studio::Job* job);
    void jobFinished(percept::studio::Job* job);

private:
    Job* makeJob(const JobSpec& spec);
    void run(Job* job, std::function<void()> work);
    static void settle(Job& job, const base::Error* error);

    std::vector<Job*> m_jobs;
    QTimer* m_timer;
    QThreadPool m_pool;
};

}
