#pragma once

#include "core/base/cancel.h"
#include "core/services/project_session.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace percept::services {

// An import leaves the hashes of its pictures' bytes for later, so that a set is there before all of it was read. Whoever needs
// them (a split keeps equal pictures together, a dataset version names its pictures by content) reads what is missing first.

// Reads the pictures of `filter` whose hash is missing. One that cannot be read is left out and, unless told otherwise, marked with
// its problem.
struct HashesRead { std::int64_t read = 0, unreadable = 0; };
enum class UnreadablePictures { Mark, Skip };
base::Result<HashesRead> readMissingHashes(ProjectSession& session, const dataset::ProjectReader& reader, const dataset::ItemFilter& filter,
    const base::ProgressFn& progress, const base::CancelToken& cancel, UnreadablePictures unreadable = UnreadablePictures::Mark);

// Does so by itself on a thread of low priority while a session is open and nothing else reads pictures: some seconds after the
// project was opened and after each import. What the end of the program breaks off goes on when the project is opened again, and so
// do pictures that are not there now: their disk may be back then.
class HashKeeper {
public:
    // It waits `patienceSeconds` before it begins: programs that are gone by then have their own use for the disk.
    explicit HashKeeper(ProjectSession& session, double patienceSeconds = 3);
    ~HashKeeper(); // breaks off
    HashKeeper(const HashKeeper&) = delete;
    HashKeeper& operator=(const HashKeeper&) = delete;

    // It does nothing until the handle is dropped.
    std::shared_ptr<void> hold();

private:
    void run();
    void readWhatIsMissing();

    ProjectSession& m_session;
    const std::chrono::duration<double> m_patience;
    std::mutex m_mutex; // guards what follows
    std::condition_variable m_changed;
    base::CancelToken m_cancel; // of the pass under way
    int m_held = 0;
    bool m_isWanted = true, m_isClosing = false;
    std::thread m_thread;
};

}
