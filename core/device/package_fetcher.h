#pragma once

#include "core/base/cancel.h"
#include "core/device/slots.h"
#include "core/device/supervisor.h"
#include "core/device/updater.h"
#include "core/protocol/fleet_state.h"

#include <atomic>

namespace percept::device {

// Brings the package that a fleet wants to have run here: fetched (going on where a connection was cut), compared with its
// hash, and handed to the updater, which alone decides. A package that was refused is not tried again: the fleet sends the
// next one. What could not be fetched is tried again for ever, ever more rarely. On a thread of its own.
class PackageFetcher {
public:
    struct Options {
        std::filesystem::path folder; // for what has come so far; its own
        std::string server, secret;   // empty server: nothing can be fetched
        std::filesystem::path authority;
        double firstRetrySeconds = 1, longestRetrySeconds = 300;
    };
    PackageFetcher(Options options, Slots& slots, Supervisor& supervisor, Updater& updater);
    ~PackageFetcher(); // after the updater was interrupted

    void want(const protocol::DesiredState& state);
    // The hub can be reached again: what failed is tried at once.
    void setConnected(bool connected);

    bool isFetching() const { return m_isFetching; }
    std::int64_t workedThrough() const { return m_workedThrough; } // version of the desired state
    // Why the wanted package does not run; nothing while it runs, or nothing is decided.
    std::optional<protocol::Refusal> refusal() const;

private:
    enum class Step { Done, Soon, Later }; // the last two: again
    void work();
    Step bring(const protocol::DesiredState& state);
    base::Result<std::filesystem::path> fetch(const protocol::DesiredPackage& package);
    Step fetchFailed(const protocol::DesiredState& state, const base::Error& error);
    bool runs(const std::string& sha256) const;
    bool wasRefused(const std::string& sha256) const;
    std::filesystem::path targetOf(const protocol::DesiredPackage& package) const;
    void removeOthers(const std::filesystem::path& kept) const;

    const Options m_options;
    Slots& m_slots;
    Supervisor& m_supervisor;
    Updater& m_updater;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::optional<protocol::DesiredState> m_wanted;
    std::optional<protocol::Refusal> m_fetchRefusal;
    std::int64_t m_packageVersion = 0; // of the desired state that first wanted this package
    bool m_hasChanged = false, m_isConnected = false;
    int m_failures = 0; // one after the other, of this package, while the hub could be reached
    std::atomic<bool> m_isFetching = false;
    std::atomic<std::int64_t> m_workedThrough = 0;
    base::CancelToken m_cancel;
    std::atomic<bool> m_stopping = false;
    std::thread m_thread;
};

}
