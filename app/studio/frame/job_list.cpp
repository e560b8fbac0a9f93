#include "app/studio/frame/job_list.h"

#include "core/base/time.h"
#include "widgets/style/text.h"

#include <QTimer>
#include <algorithm>

namespace percept::studio {
namespace {
constexpr int kPollMs = 100;
constexpr double kEstimateAfterSeconds = 2;
constexpr std::size_t kKeptEnded = 12;
}

void Job::cancel()
{
    if (!isRunning() || m_cancelRequested || !m_cancel)
        return;
    m_cancelRequested = true;
    m_cancel();
    Q_EMIT changed();
}

void Job::setProgress(double fraction, const QString& detail, const QString& timeLeft)
{
    m_fraction = fraction;
    m_detail = detail;
    m_timeLeft = timeLeft;
    Q_EMIT changed();
}

void Job::finish(State state, const QString& error)
{
    if (!isRunning())
        return;
    m_state = state;
    m_error = error;
    m_timeLeft.clear();
    Q_EMIT changed();
    Q_EMIT finished();
}

// Reads what the worker reported last; time left goes by the speed so far.
void Job::poll()
{
    if (!m_shared || !isRunning())
        return;
    base::Progress p;
    {
        const std::lock_guard lock(m_shared->mutex);
        p = m_shared->progress;
    }
    QString detail = QString::fromStdString(p.what), left;
    double fraction = -1;
    if (p.total > 0) {
        fraction = std::clamp(double(p.done) / double(p.total), 0.0, 1.0);
        detail = QStringLiteral("%1 of %2").arg(style::count(p.done), style::count(p.total));
        const double elapsed = base::monotonicSeconds() - m_startedAt;
        if (elapsed >= kEstimateAfterSeconds && p.done > 0 && fraction < 1)
            left = tr("%1 left").arg(QString::fromStdString(base::describeDuration(elapsed * (1 - fraction) / fraction)));
    }
    if (detail != m_detail || left != m_timeLeft || fraction != m_fraction)
        setProgress(fraction, detail, left);
}

JobList::JobList(QObject* parent)
    : QObject(parent)
    , m_timer(new QTimer(this))
{
    m_pool.setMaxThreadCount(4);
    m_timer->setInterval(kPollMs);
    connect(m_timer, &QTimer::timeout, this, [this] {
        for (Job* job : m_jobs)
            job->poll();
        if (!running())
            m_timer->stop();
    });
}

JobList::~JobList() { cancelAll(); }

Job* JobList::makeJob(const JobSpec& spec)
{
    auto* job = new Job(this);
    job->m_name = spec.name;
    job->m_page = spec.page;
    job->m_cancelText = spec.cancelText.isEmpty() ? tr("Cancel") : spec.cancelText;
    job->m_startedAt = base::monotonicSeconds();
    job->m_shared = std::make_shared<Job::Shared>();
    m_jobs.insert(m_jobs.begin(), job);
    while (m_jobs.size() > kKeptEnded && !m_jobs.back()->isRunning()) {
        m_jobs.back()->deleteLater();
        m_jobs.pop_back();
    }
    connect(job, &Job::changed, this, [this, job] { Q_EMIT jobChanged(job); });
    connect(job, &Job::finished, this, [this, job] { Q_EMIT jobFinished(job); });
    m_timer->start();
    Q_EMIT jobStarted(job);
    return job;
}

void JobList::run(Job*, std::function<void()> work) { m_pool.start(std::move(work)); }

Job* JobList::adopt(const JobSpec& spec, std::function<void()> cancel)
{
    Job* job = makeJob(spec);
    job->m_shared.reset();
    job->m_cancel = std::move(cancel);
    return job;
}

void JobList::settle(Job& job, const base::Error* error)
{
    if (!error)
        job.finish(Job::State::Done);
    else if (error->code == base::ErrorCode::Cancelled)
        job.finish(Job::State::Cancelled);
    else
        job.finish(Job::State::Failed, QString::fromStdString(error->message));
}

std::vector<Job*> JobList::jobs() const
{
    std::vector<Job*> result = m_jobs;
    std::stable_partition(result.begin(), result.end(), [](const Job* job) { return job->isRunning(); });
    return result;
}

Job* JobList::running() const
{
    const auto it = std::find_if(m_jobs.begin(), m_jobs.end(), [](const Job* job) { return job->isRunning(); });
    return it == m_jobs.end() ? nullptr : *it;
}

void JobList::cancelAll()
{
    for (Job* job : m_jobs)
        if (job->isRunning() && job->m_shared) // adopted ones end with their owner
            job->cancel();
    m_pool.waitForDone();
}

}
