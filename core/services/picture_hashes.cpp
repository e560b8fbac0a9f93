#include "core/services/picture_hashes.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/time.h"

#include <cerrno>
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace percept::services {

namespace {

constexpr int kPage = 500;
constexpr std::size_t kMostWaiting = 200;
constexpr double kMostSeconds = 0.5; // that a hash waits to be written
constexpr int kLowPriority = 15;

// As base::sha256OfFile, but a large file on a slow disk can be left in its middle.
base::Result<std::string> hashOf(const std::filesystem::path& file, const base::CancelToken& cancel)
{
    const auto failed = [&](const std::string& why) { return base::failed(file.string() + " " + why); };
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return failed("cannot be read: " + base::describeErrno(errno) + ".");
    const std::shared_ptr<void> closer(nullptr, [fd](void*) { ::close(fd); });
    struct stat info { };
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        return failed("is not a regular file.");
    base::Sha256 hash;
    std::vector<std::uint8_t> piece(1 << 18);
    while (!cancel.isCancelled()) {
        const ssize_t n = ::read(fd, piece.data(), piece.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failed("cannot be read: " + base::describeErrno(errno) + ".");
        if (n == 0)
            return hash.hexDigest();
        hash.add(std::span(piece).first(static_cast<std::size_t>(n)));
    }
    return base::cancelled();
}

// Hashes on their way into the store.
class HashWriter {
public:
    explicit HashWriter(ProjectSession& session) : m_session(session) { }
    base::Result<void> add(dataset::ItemHash hash)
    {
        m_waiting.push_back(std::move(hash));
        return m_waiting.size() < kMostWaiting && base::monotonicSeconds() < m_lastWrite + kMostSeconds ? base::Result<void>() : write();
    }
    base::Result<void> write()
    {
        if (m_waiting.empty())
            return {};
        m_lastWrite = base::monotonicSeconds();
        return m_session.call([hashes = std::exchange(m_waiting, {})](dataset::ProjectStore& store) { return store.writeContentHashes(hashes); },
            ProjectSession::Priority::Background);
    }

private:
    ProjectSession& m_session;
    std::vector<dataset::ItemHash> m_waiting;
    double m_lastWrite = base::monotonicSeconds();
};

}

base::Result<HashesRead> readMissingHashes(ProjectSession& session, const dataset::ProjectReader& reader, const dataset::ItemFilter& filter,
    const base::ProgressFn& progress, const base::CancelToken& cancel, UnreadablePictures unreadable)
{
    HashWriter writer(session);
    HashesRead all;
    std::int64_t looked = 0;
    const auto read = [&](const domain::Item& item) -> base::Result<void> {
        auto hash = hashOf(reader.mediaPath(item), cancel);
        if (hash.hasValue()) {
            ++all.read;
            return writer.add({ item.id, std::move(hash).value() });
        }
        if (hash.error().code == base::ErrorCode::Cancelled)
            return {};
        ++all.unreadable;
        if (unreadable == UnreadablePictures::Skip)
            return {};
        return session.call([&](dataset::ProjectStore& store) { return store.writeItemProblem(item.id, hash.error().message); });
    };
    ItemId after;
    while (!cancel.isCancelled()) {
        PERCEPT_ASSIGN(items, reader.readItems(filter, after, kPage));
        if (items.empty())
            break;
        after = items.back().id;
        for (const auto& item : items) {
            if (cancel.isCancelled())
                break;
            if (progress)
                progress({ ++looked, 0, "Reading pictures" });
            if (item.contentHash.empty())
                PERCEPT_TRY(read(item));
        }
    }
    PERCEPT_TRY(writer.write()); // also what was read before it was broken off
    if (cancel.isCancelled())
        return base::cancelled();
    return all;
}

HashKeeper::HashKeeper(ProjectSession& session, double patienceSeconds)
    : m_session(session)
    , m_patience(patienceSeconds)
    , m_thread([this] { run(); })
{
}

HashKeeper::~HashKeeper()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_isClosing = true;
        m_cancel.cancel();
        m_changed.notify_all();
    }
    m_thread.join();
}

std::shared_ptr<void> HashKeeper::hold()
{
    const std::scoped_lock lock(m_mutex);
    ++m_held;
    m_cancel.cancel();
    return std::shared_ptr<void>(this, [this](void*) {
        const std::scoped_lock inner(m_mutex);
        --m_held;
        m_isWanted = true;
        m_changed.notify_all();
    });
}

void HashKeeper::run()
{
    ::setpriority(PRIO_PROCESS, 0, kLowPriority); // of this thread
    std::unique_lock lock(m_mutex);
    while (!m_isClosing) {
        m_changed.wait(lock, [this] { return m_isClosing || (m_isWanted && m_held == 0); });
        m_isWanted = false;
        if (m_changed.wait_for(lock, m_patience, [this] { return m_isClosing || m_held > 0; }))
            continue; // whoever holds it asks again
        m_cancel = {};
        lock.unlock();
        readWhatIsMissing();
        lock.lock();
    }
}

void HashKeeper::readWhatIsMissing()
{
    const auto reader = m_session.openReader();
    if (reader.hasError())
        return;
    const auto missing = reader.value()->readFact(dataset::kMissingHashesFact);
    if (missing.hasError() || missing->value_or("").empty())
        return;
    const auto read = readMissingHashes(m_session, **reader, {}, {}, m_cancel, UnreadablePictures::Skip);
    if (read.hasError()) {
        if (read.error().code != base::ErrorCode::Cancelled)
            spdlog::warn("Pictures could not be read in the background: {}", read.error().message);
        return;
    }
    if (read->unreadable > 0)
        return; // tried again when the project is opened next
    // Unless another import has left some meanwhile.
    const auto said = m_session.call([&](dataset::ProjectStore& store) -> base::Result<void> {
        PERCEPT_ASSIGN(now, store.readFact(dataset::kMissingHashesFact));
        return now == *missing ? store.writeFact(dataset::kMissingHashesFact, "") : base::Result<void>();
    }, ProjectSession::Priority::Background);
    if (said.hasError())
        spdlog::warn("{}", said.error().message);
}

}
