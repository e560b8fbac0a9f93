#include "core/device/slots.h"

#include "core/base/files.h"
#include "core/base/time.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <set>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace percept::device {

namespace fs = std::filesystem;

namespace {

constexpr const char *kRecord = "record.json", *kCopy = "record.copy.json";

base::Result<SlotRecord> readRecord(const fs::path& path)
{
    PERCEPT_ASSIGN(text, base::readTextFile(path, 1u << 20));
    return slotRecordFromText(text);
}

// The slot for a new package: never that of the only one that was healthy.
int targetIn(const SlotRecord& record)
{
    if (!record.running().has_value())
        return record.active;
    const bool replacesTrial = record.isTrial() && record.other().has_value() && record.other()->isHealthy;
    return replacesTrial ? record.active : 1 - record.active;
}

// The bytes of a file that is there, in the blocks that it has. Half of them may be there after an error.
base::Result<void> overwrite(const fs::path& path, std::string_view text)
{
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    const auto write = [&] {
        for (std::size_t at = 0; at < text.size();) {
            const ssize_t n = ::pwrite(fd, text.data() + at, text.size() - at, static_cast<off_t>(at));
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return false;
            at += static_cast<std::size_t>(n);
        }
        return ::ftruncate(fd, static_cast<off_t>(text.size())) == 0 && ::fsync(fd) == 0;
    };
    const bool done = fd >= 0 && write();
    const int problem = errno;
    if (fd >= 0)
        ::close(fd);
    if (!done)
        return base::failed(fmt::format("{} cannot be written: {}.", path.string(), base::describeErrno(problem)));
    return {};
}

// The other thing atomicWrite() does not do: to move what is on disk already.
base::Result<void> durableRename(const fs::path& from, const fs::path& to)
{
    bool done = ::rename(from.c_str(), to.c_str()) == 0;
    if (done) {
        const int folder = ::open(to.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        done = folder >= 0 && ::fsync(folder) == 0;
        const int problem = errno;
        ::close(folder);
        errno = problem;
    }
    if (!done)
        return base::failed(fmt::format("{} cannot be written: {}.", to.string(), base::describeErrno(errno)));
    return {};
}

}

Slots::Slots(fs::path folder)
    : m_folder(std::move(folder))
{
}

base::Result<std::unique_ptr<Slots>> Slots::open(const fs::path& state)
{
    std::error_code problem;
    fs::create_directories(state / "slots", problem);
    if (problem)
        return base::failed(fmt::format("The state folder {} cannot be used: {}.", state.string(),
            base::describeErrno(problem.value())));
    std::unique_ptr<Slots> slots(new Slots(state / "slots"));
    PERCEPT_TRY(slots->recover());
    return slots;
}

base::Result<void> Slots::recover()
{
    auto record = readRecord(m_folder / kRecord);
    const bool isNew = record.hasError() && record.error().code == base::ErrorCode::NotFound && !fs::exists(m_folder / kCopy);
    if (record.hasError() && !isNew) {
        spdlog::error("{}: {} Its copy is used.", (m_folder / kRecord).string(), record.error().message);
        record = readRecord(m_folder / kCopy);
        if (record.hasError())
            return base::failed(fmt::format("{} and its copy cannot be read, so it is not known which package is trusted. Give "
                "percept-edge a new state folder and --package.", (m_folder / kRecord).string()), record.error().message);
        if (const auto written = write(record.value()); written.hasError())
            spdlog::error("{}", written.error().message); // the copy says the same, and is tried again with the next change
    }
    if (record.hasValue())
        m_record = std::move(record).value();
    std::set<std::string> known { kRecord, kCopy };
    for (int slot = 0; slot < 2; ++slot)
        if (m_record.slots[static_cast<std::size_t>(slot)].has_value())
            known.insert(pathOf(slot).filename());
    std::error_code problem;
    for (fs::directory_iterator entry(m_folder, problem), end; !problem && entry != end; entry.increment(problem))
        if (std::error_code ignored; !known.contains(entry->path().filename()))
            fs::remove(entry->path(), ignored);
    return {};
}

base::Result<void> Slots::write(SlotRecord record)
{
    const std::string text = textOf(record);
    auto written = base::atomicWrite(m_folder / kCopy, text);
    if (written.hasValue())
        written = base::atomicWrite(m_folder / kRecord, text);
    if (written.hasError() && writeInPlace(text).hasError())
        return written;
    m_record = std::move(record);
    return {};
}

// A full disk has room for what replaces as much: to go back must be possible there. The one that is sound is left alone until
// the other is complete, so that one of them can be read whenever the power goes.
base::Result<void> Slots::writeInPlace(const std::string& text) const
{
    const bool isSound = readRecord(m_folder / kRecord).hasValue();
    const fs::path first = m_folder / (isSound ? kCopy : kRecord);
    if (const auto written = overwrite(first, text); written.hasError()) {
        (void)overwrite(first, textOf(m_record)); // what stood there, as far as that goes
        return written;
    }
    return overwrite(m_folder / (isSound ? kRecord : kCopy), text);
}

SlotRecord Slots::record() const
{
    const std::lock_guard lock(m_mutex);
    return m_record;
}

fs::path Slots::pathOf(int slot) const { return m_folder / (std::string(slotName(slot)) + ".ppkg"); }

base::Result<void> Slots::trust(const std::vector<std::string>& keys)
{
    const std::lock_guard lock(m_mutex);
    SlotRecord record = m_record;
    for (const auto& key : keys)
        if (std::find(record.trusted.begin(), record.trusted.end(), key) == record.trusted.end())
            record.trusted.push_back(key);
    if (record == m_record)
        return {};
    return write(std::move(record));
}

base::Result<fs::path> Slots::stage(std::span<const std::uint8_t> bytes)
{
    PERCEPT_TRY(base::atomicWrite(stagedPath(), bytes));
    return stagedPath();
}

void Slots::discardStaged()
{
    std::error_code problem;
    fs::remove(stagedPath(), problem);
}

base::Result<void> Slots::place(const SlotPackage& package, SlotRecord record)
{
    const int target = targetIn(record);
    auto& slot = record.slots[static_cast<std::size_t>(target)];
    if (slot.has_value()) { // the record never says of a file what is not so
        SlotRecord without = m_record;
        without.slots[static_cast<std::size_t>(target)].reset();
        if (without.other().has_value())
            without.active = 1 - target;
        PERCEPT_TRY(write(std::move(without)));
    }
    PERCEPT_TRY(durableRename(stagedPath(), pathOf(target)));
    slot = package;
    record.active = target;
    record.starts = package.isHealthy ? 0 : 1; // it is being served while this is written
    if (package.isHealthy)
        record.releaseFloor = std::max(record.releaseFloor, package.releaseCounter);
    return write(std::move(record));
}

base::Result<void> Slots::switchToStaged(const SlotPackage& package)
{
    const std::lock_guard lock(m_mutex);
    return place(package, m_record);
}

base::Result<void> Slots::giveByHand(SlotPackage package)
{
    const std::lock_guard lock(m_mutex);
    package.isHealthy = true;
    SlotRecord record = m_record;
    record.givenSha256 = package.sha256;
    return place(package, std::move(record));
}

base::Result<void> Slots::commit()
{
    const std::lock_guard lock(m_mutex);
    if (!m_record.isTrial())
        return {};
    SlotRecord record = m_record;
    auto& running = *record.slots[static_cast<std::size_t>(record.active)];
    running.isHealthy = true;
    record.starts = 0;
    record.releaseFloor = std::max(record.releaseFloor, running.releaseCounter);
    return write(std::move(record));
}

base::Result<void> Slots::countStart()
{
    const std::lock_guard lock(m_mutex);
    if (!m_record.isTrial())
        return {};
    SlotRecord record = m_record;
    if (record.starts >= kMaxTrialStarts && record.other().has_value() && record.other()->isHealthy)
        return base::refused(fmt::format("Version {} was started {} times and did not become healthy.",
            record.running()->version, record.starts));
    ++record.starts;
    return write(std::move(record));
}

base::Result<void> Slots::uncountStart()
{
    const std::lock_guard lock(m_mutex);
    if (!m_record.isTrial() || m_record.starts == 0)
        return {};
    SlotRecord record = m_record;
    --record.starts;
    return write(std::move(record));
}

base::Result<void> Slots::leave(Refusal refusal, const std::string& only)
{
    const std::lock_guard lock(m_mutex);
    SlotRecord record = m_record;
    if (!only.empty() && (!record.running().has_value() || record.running()->sha256 != only))
        return base::notFound("The version that was to be left does not run any more.");
    if (refusal.timeMs == 0)
        refusal.timeMs = base::nowMs();
    if (record.running().has_value()) {
        refusal.sha256 = record.running()->sha256;
        refusal.version = record.running()->version;
    }
    record.lastRefusal = std::move(refusal);
    const bool canLeave = record.other().has_value() && record.other()->isHealthy;
    const int left = record.active;
    const bool wasTrial = record.isTrial();
    if (canLeave) {
        auto& slot = record.slots[static_cast<std::size_t>(left)];
        if (wasTrial)
            slot.reset();
        else
            slot->isHealthy = false;
        record.active = 1 - left;
        record.starts = 0;
    }
    PERCEPT_TRY(write(std::move(record)));
    if (!canLeave)
        return base::notFound("The other slot holds no package that was healthy.");
    std::error_code problem;
    if (wasTrial)
        fs::remove(pathOf(left), problem);
    return {};
}

base::Result<void> Slots::remember(Refusal refusal)
{
    const std::lock_guard lock(m_mutex);
    SlotRecord record = m_record;
    if (refusal.timeMs == 0)
        refusal.timeMs = base::nowMs();
    record.lastRefusal = std::move(refusal);
    return write(std::move(record));
}

}
