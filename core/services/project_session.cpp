#include "core/services/project_session.h"

#include "core/services/database_thread.h"
#include "core/services/draft_model.h"
#include "core/services/picture_hashes.h"

namespace percept::services {

namespace {

// Nothing is wrong with the edit; the disk is full, the share is away. Everything else will not become right by waiting.
bool mayPass(const base::Error& error) { return error.code == base::ErrorCode::Failed; }

class ProjectSessionImpl final : public ProjectSession {
public:
    ProjectSessionImpl(std::filesystem::path folder, std::shared_ptr<NoticeHub> hub, std::unique_ptr<DatabaseThread> thread,
        std::unique_ptr<dataset::ProjectReader> reader)
        : m_folder(std::move(folder)), m_hub(std::move(hub)), m_reader(std::move(reader)), m_thread(std::move(thread))
    {
        m_hashes = std::make_unique<HashKeeper>(*this);
    }
    ~ProjectSessionImpl() override
    {
        m_hashes.reset(); // while there is a thread that takes what it has read
        m_thread.reset();
        m_hub->close();
    }

    const std::filesystem::path& folder() const override { return m_folder; }
    dataset::ProjectReader& reader() override { return *m_reader; }
    base::Result<std::unique_ptr<dataset::ProjectReader>> openReader() const override { return dataset::ProjectReader::open(m_folder); }

    void apply(std::vector<dataset::Edit> edits, std::string title, Done done) override
    {
        using R = base::Result<dataset::Committed>;
        addEdit<R>(
            [edits = std::move(edits), title](dataset::ProjectStore& store) { return store.apply(edits, title); },
            [](const R& result) -> std::optional<dataset::Committed> { return result.value(); }, title, std::move(done));
    }

    void undo(std::function<void(const base::Result<std::optional<dataset::Committed>>&)> done) override
    {
        addStep([](dataset::ProjectStore& store) { return store.undo(); }, "Undone", std::move(done));
    }

    void redo(std::function<void(const base::Result<std::optional<dataset::Committed>>&)> done) override
    {
        addStep([](dataset::ProjectStore& store) { return store.redo(); }, "Redone", std::move(done));
    }

    void post(std::function<void(dataset::ProjectStore&)> work, Priority priority) override
    {
        m_thread->addWork(std::move(work), priority);
    }

    SaveState saveState() const override { return m_thread->saveState(); }
    void retry() override { m_thread->retry(); }
    std::mutex& packaging() override { return m_packaging; }
    std::shared_ptr<void> holdHashes() override { return m_hashes->hold(); }

    std::unique_ptr<Subscription> subscribe(std::function<void(const Notice&)> onChange) override
    {
        return m_hub->subscribe(std::move(onChange));
    }
    std::unique_ptr<Subscription> subscribeSaveState(std::function<void(const SaveState&)> onState) override
    {
        return m_hub->subscribeSaveState(std::move(onState));
    }

private:
    template <typename Step, typename StepDone>
    void addStep(Step step, const std::string& title, StepDone done)
    {
        using R = base::Result<std::optional<dataset::Committed>>;
        addEdit<R>(step, [](const R& result) { return result.value(); }, title, std::move(done));
    }

    // Queues something that ends in a commit. `done` is called exactly once, where the owner wants it.
    template <typename R, typename Step, typename CommitOf>
    void addEdit(Step step, CommitOf commitOf, std::string title, std::function<void(const R&)> done)
    {
        const auto tell = [hub = m_hub, done = std::move(done)](R result) {
            if (done)
                hub->deliver([done, result = std::move(result)] { done(result); });
        };
        DatabaseThread::EditTask task;
        task.attempt = [thread = m_thread.get(), step = std::move(step), commitOf, title = std::move(title), tell](dataset::ProjectStore& store) {
            R result = step(store);
            if (result.hasError() && mayPass(result.error()))
                return DatabaseThread::Attempt { true, result.error() };
            if (result.hasValue())
                if (const auto committed = commitOf(result))
                    thread->noteCommit(*committed, title, matchDrafts(store, committed->touchedRuns));
            tell(std::move(result));
            return DatabaseThread::Attempt {};
        };
        task.giveUp = [tell](const base::Error& error) { tell(R(error)); };
        m_thread->addEdit(std::move(task));
    }

    const std::filesystem::path m_folder;
    const std::shared_ptr<NoticeHub> m_hub;
    std::mutex m_packaging;
    std::unique_ptr<dataset::ProjectReader> m_reader;
    std::unique_ptr<DatabaseThread> m_thread;
    std::unique_ptr<HashKeeper> m_hashes;
};

}

base::Result<std::unique_ptr<ProjectSession>> ProjectSession::open(
    const std::filesystem::path& project, const std::string& programName, Deliver deliver)
{
    auto hub = std::make_shared<NoticeHub>(std::move(deliver));
    PERCEPT_ASSIGN(thread, DatabaseThread::start(project, programName, hub));
    PERCEPT_ASSIGN(reader, dataset::ProjectReader::open(project));
    // What a crash has left between the history and the models' folders.
    thread->addWork([](dataset::ProjectStore& store) { matchDrafts(store, {}); }, Priority::Background);
    return std::unique_ptr<ProjectSession>(
        std::make_unique<ProjectSessionImpl>(project, std::move(hub), std::move(thread), std::move(reader)));
}

}
