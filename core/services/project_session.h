#pragma once

#include "core/dataset/project_store.h"

#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>

namespace percept::services {

// An open project: the one writer on its database thread, and a reader for the calling thread. Edits are queued ahead of
// import chunks. Callbacks are handed to `deliver`, which runs them where the owner wants them (the interface thread).
// A command refers to things by id and value, never by pointer.
class ProjectSession {
public:
    using Deliver = std::function<void(std::function<void()>)>;
    // deliver may be empty: callbacks then run on whichever thread has something to tell, the database thread or one that calls.
    static base::Result<std::unique_ptr<ProjectSession>> open(
        const std::filesystem::path& project, const std::string& programName, Deliver deliver = {});
    virtual ~ProjectSession() = default; // waits for queued edits

    virtual const std::filesystem::path& folder() const = 0;
    virtual dataset::ProjectReader& reader() = 0; // for the thread that opened the session
    virtual base::Result<std::unique_ptr<dataset::ProjectReader>> openReader() const = 0; // for another thread

    using Done = std::function<void(const base::Result<dataset::Committed>&)>;
    virtual void apply(std::vector<dataset::Edit> edits, std::string title, Done done = {}) = 0;
    virtual void undo(std::function<void(const base::Result<std::optional<dataset::Committed>>&)> done = {}) = 0;
    virtual void redo(std::function<void(const base::Result<std::optional<dataset::Committed>>&)> done = {}) = 0;

    // Runs `work` on the database thread; for everything else that the store can do. Low priority goes behind edits.
    enum class Priority { Edit, Background };
    virtual void post(std::function<void(dataset::ProjectStore&)> work, Priority priority = Priority::Edit) = 0;
    // The same and waits for it: what it gives, and what it throws, as an error where it gives a Result.
    template <typename F>
    auto call(F work, Priority priority = Priority::Edit) -> decltype(work(std::declval<dataset::ProjectStore&>()))
    {
        using R = decltype(work(std::declval<dataset::ProjectStore&>()));
        auto promise = std::make_shared<std::promise<R>>();
        auto future = promise->get_future();
        post([promise, work = std::move(work)](dataset::ProjectStore& store) mutable { fulfil(*promise, [&] { return work(store); }); }, priority);
        return future.get();
    }
    // Gives `promise` what `work` gives or throws: who waits must not learn of a broken promise instead.
    template <typename R, typename F>
    static void fulfil(std::promise<R>& promise, F work)
    {
        try {
            promise.set_value(work());
        } catch (const std::exception& e) {
            if constexpr (std::is_convertible_v<base::Error, R>)
                promise.set_value(base::failed("The project could not be changed.", e.what()));
            else
                promise.set_exception(std::current_exception());
        }
    }

    // What is not on disk yet, for "All changes saved": edits queued or running, and the last failure (edits are kept and
    // retried by retry()).
    struct SaveState {
        int pending = 0;
        std::string failure;
        dataset::Committed last;
        std::int64_t number = 0; // of those that were told: a later one has a higher number
    };
    virtual SaveState saveState() const = 0;
    virtual void retry() = 0;

    // Held by packageRun(): two at once would write the same number into two packages.
    virtual std::mutex& packaging() = 0;

    // While the handle lives, the session reads no pictures for their missing hashes (see HashKeeper); it looks for missing ones
    // after that. For whoever is about to read pictures itself.
    virtual std::shared_ptr<void> holdHashes() = 0;

    // Batched notices of committed changes, also those by undo, redo, import and split. Dropping the handle unsubscribes.
    struct Subscription { virtual ~Subscription() = default; };
    struct Notice {
        std::vector<ItemId> items;      // touched; empty with everything = true
        bool everything = false, labelsChanged = false;
        std::int64_t revision = 0;
        std::string title;
        bool runsChanged = false;       // what is said about a run, or the thresholds of its model
        std::string problem;            // committed, but a run's folder could not be brought in line; tried again at the next opening
    };
    virtual std::unique_ptr<Subscription> subscribe(std::function<void(const Notice&)> onChange) = 0;
    virtual std::unique_ptr<Subscription> subscribeSaveState(std::function<void(const SaveState&)> onState) = 0;
};

}
