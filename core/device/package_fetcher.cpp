#include "core/device/package_fetcher.h"

#include "core/base/hash.h"
#include "core/base/time.h"
#include "core/transport/http_client.h"

#include <algorithm>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace percept::device {

namespace fs = std::filesystem;
using protocol::DesiredPackage;
using protocol::DesiredState;

namespace {

constexpr std::int64_t kMaxPackageBytes = 1ll << 30; // as everywhere on a device
constexpr double kSoonSeconds = 0.3;
constexpr int kFailuresToReport = 5; // of the way; what the server holds is reported at once

}

PackageFetcher::PackageFetcher(Options options, Slots& slots, Supervisor& supervisor, Updater& updater)
    : m_options(std::move(options))
    , m_slots(slots)
    , m_supervisor(supervisor)
    , m_updater(updater)
    , m_thread([this] { work(); })
{
}

PackageFetcher::~PackageFetcher()
{
    m_cancel.cancel();
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_all();
    m_thread.join();
}

void PackageFetcher::want(const DesiredState& state)
{
    const std::lock_guard lock(m_mutex);
    const bool isOther = !m_wanted || m_wanted->package != state.package;
    if (isOther) {
        m_packageVersion = state.version;
        m_fetchRefusal.reset();
        m_failures = 0;
    }
    m_wanted = state;
    m_hasChanged = true;
    m_wake.notify_all();
}

void PackageFetcher::setConnected(bool connected)
{
    const std::lock_guard lock(m_mutex);
    m_isConnected = connected;
    if (!connected)
        return;
    m_failures = 0;
    m_fetchRefusal.reset();
    m_hasChanged = true;
    m_wake.notify_all();
}

bool PackageFetcher::runs(const std::string& sha256) const { return m_supervisor.model().value("sha256", "") == sha256; }

// For want of room on the disk is no word about the package.
bool PackageFetcher::wasRefused(const std::string& sha256) const
{
    const auto refusal = m_slots.record().lastRefusal;
    return refusal && refusal->sha256 == sha256 && refusal->kind != RefusalKind::Unreadable;
}

std::optional<protocol::Refusal> PackageFetcher::refusal() const
{
    const std::lock_guard lock(m_mutex);
    if (!m_wanted || !m_wanted->package || runs(m_wanted->package->sha256))
        return std::nullopt;
    if (m_fetchRefusal)
        return m_fetchRefusal;
    const auto last = m_slots.record().lastRefusal;
    if (!last || last->sha256 != m_wanted->package->sha256)
        return std::nullopt;
    return protocol::Refusal { m_packageVersion, last->sha256, std::string(toString(last->kind)), last->message, last->timeMs };
}

void PackageFetcher::work()
{
    double later = m_options.firstRetrySeconds;
    Step step = Step::Done;
    std::unique_lock lock(m_mutex);
    while (!m_stopping) {
        const auto isWoken = [this] { return m_stopping || m_hasChanged; };
        if (step == Step::Done)
            m_wake.wait(lock, isWoken);
        else
            m_wake.wait_for(lock, std::chrono::duration<double>(step == Step::Soon ? kSoonSeconds : later), isWoken);
        later = m_hasChanged ? m_options.firstRetrySeconds : step == Step::Later ? std::min(later * 2, m_options.longestRetrySeconds) : later;
        m_hasChanged = false;
        if (m_stopping || !m_wanted)
            continue;
        const DesiredState state = *m_wanted;
        lock.unlock();
        step = bring(state);
        if (step == Step::Done)
            m_workedThrough = state.version;
        lock.lock();
    }
}

PackageFetcher::Step PackageFetcher::bring(const DesiredState& state)
{
    if (!state.package)
        return Step::Done;
    const std::string& sha256 = state.package->sha256;
    if (runs(sha256))
        return m_updater.phase() == "idle" ? Step::Done : Step::Soon; // on trial: not decided yet
    if (wasRefused(sha256))
        return Step::Done;
    m_isFetching = true;
    const auto file = fetch(*state.package);
    m_isFetching = false;
    if (file.hasError())
        return fetchFailed(state, file.error());
    {
        const std::lock_guard lock(m_mutex);
        m_fetchRefusal.reset();
    }
    const auto result = m_updater.update(file.value(), state.liveFrames);
    if (result.hasError()) // another one is being checked, or we are stopped
        return Step::Soon;
    const bool isUndecided = result->status == UpdateResult::Status::OnTrial
        || (result->status == UpdateResult::Status::Refused && result->refusal->kind == RefusalKind::Unreadable);
    if (isUndecided)
        return Step::Later;
    removeOthers({});
    return Step::Done;
}

fs::path PackageFetcher::targetOf(const DesiredPackage& package) const { return m_options.folder / (package.sha256 + ".part"); }

void PackageFetcher::removeOthers(const fs::path& kept) const
{
    std::error_code problem;
    for (fs::directory_iterator entry(m_options.folder, problem), end; !problem && entry != end; entry.increment(problem))
        if (std::error_code ignored; entry->path() != kept)
            fs::remove(entry->path(), ignored);
}

base::Result<fs::path> PackageFetcher::fetch(const DesiredPackage& package)
{
    if (m_options.server.empty())
        return base::refused("This device does not know where to fetch packages. Enrol it, or start it with --packages URL.");
    if (package.bytes > kMaxPackageBytes)
        return base::refused(fmt::format("The package has {} bytes; a device takes {} at most.", package.bytes, kMaxPackageBytes));
    const fs::path target = targetOf(package);
    std::error_code problem;
    fs::create_directories(m_options.folder, problem);
    removeOthers(target);
    transport::HttpClient::Options http;
    http.caFile = m_options.authority;
    http.bearerToken = m_options.secret;
    http.readSeconds = 10; // without a byte
    PERCEPT_TRY(transport::HttpClient(m_options.server, http).fetch(package.path, target, package.bytes, m_cancel));
    PERCEPT_ASSIGN(sha256, base::sha256OfFile(target));
    if (sha256 == package.sha256)
        return target;
    fs::remove(target, problem);
    return base::refused("What was fetched is not the package that was to come: its hash differs.");
}

PackageFetcher::Step PackageFetcher::fetchFailed(const DesiredState& state, const base::Error& error)
{
    const std::lock_guard lock(m_mutex);
    if (m_stopping)
        return Step::Soon;
    spdlog::warn("version {} could not be fetched: {}", state.package->version, error.message);
    // It can only become better when the hub does something.
    const bool isFinal = error.code == base::ErrorCode::Refused || error.code == base::ErrorCode::NotFound;
    m_failures += m_isConnected ? 1 : 0;
    if (isFinal || m_failures >= kFailuresToReport) {
        m_fetchRefusal = protocol::Refusal { state.version, state.package->sha256, "fetch", error.message, base::nowMs() };
        m_workedThrough = state.version;
    }
    return Step::Later;
}

}
