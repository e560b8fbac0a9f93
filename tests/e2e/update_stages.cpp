#include "tests/e2e/update_stages.h"

#include "core/base/files.h"
#include "core/base/time.h"
#include "core/device/slots.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <poll.h>
#include <stdexcept>
#include <sys/inotify.h>
#include <unistd.h>

namespace percept::test {

namespace fs = std::filesystem;

namespace {

std::optional<device::SlotRecord> readRecord(const fs::path& path)
{
    const auto record = device::slotRecordFromText(base::readTextFile(path).valueOr(""));
    return record.hasValue() ? std::optional(record.value()) : std::nullopt;
}

// The name without its ending of what is being fetched: its hash.
std::string partOf(const fs::path& state)
{
    std::error_code problem;
    for (fs::directory_iterator entry(state / "fleet/download", problem), end; !problem && entry != end; entry.increment(problem))
        return entry->path().stem();
    return {};
}

bool holdsUnknownSlot(const fs::path& slots, const device::SlotRecord& record)
{
    for (int slot = 0; slot < 2; ++slot)
        if (!record.slots[static_cast<std::size_t>(slot)].has_value() && fs::exists(slots / (std::string(device::slotName(slot)) + ".ppkg")))
            return true;
    return false;
}

}

const char* nameOf(UpdateStage stage)
{
    constexpr const char* kNames[] { "at rest", "download", "verify", "switch", "health", "commit" };
    return kNames[static_cast<std::size_t>(stage)];
}

StageWatch::StageWatch(const fs::path& state)
    : m_fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK))
{
    fs::create_directories(state / "fleet/download");
    m_slots = ::inotify_add_watch(m_fd, (state / "slots").c_str(), IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE);
    m_download = ::inotify_add_watch(m_fd, (state / "fleet/download").c_str(), IN_CREATE | IN_MODIFY);
    if (m_slots < 0 || m_download < 0)
        throw std::runtime_error("the state folder cannot be watched");
    if (const auto record = readRecord(state / "slots/record.json"); record && record->isTrial())
        m_stage = UpdateStage::Health;
}

StageWatch::~StageWatch() { ::close(m_fd); }

// See Slots::place(): the record forgets the target, the file is renamed to it, the record names it, its copy always first.
void StageWatch::take(int watch, unsigned mask, const std::string& name)
{
    if (watch == m_download) {
        m_stage = m_stage == UpdateStage::AtRest ? UpdateStage::Download : m_stage;
    } else if (name == "incoming.ppkg") {
        m_isPlaced = (mask & IN_MOVED_FROM) != 0;
        m_stage = m_isPlaced ? UpdateStage::Switch : (mask & IN_MOVED_TO) != 0 ? UpdateStage::Verify : UpdateStage::AtRest;
    } else if (name == "record.copy.json" && (mask & IN_MOVED_TO) != 0) {
        m_stage = m_stage == UpdateStage::Verify ? UpdateStage::Switch : m_stage == UpdateStage::Health ? UpdateStage::Commit : m_stage;
    } else if (name == "record.json" && (mask & IN_MOVED_TO) != 0) {
        m_stage = m_stage == UpdateStage::Switch && m_isPlaced ? UpdateStage::Health : m_stage == UpdateStage::Commit ? UpdateStage::AtRest : m_stage;
    }
}

bool StageWatch::takeNext(double seconds)
{
    if (m_events.empty()) {
        alignas(inotify_event) char block[16 << 10];
        pollfd waiting { m_fd, POLLIN, 0 };
        const bool isReady = ::poll(&waiting, 1, static_cast<int>(std::ceil(std::max(0.0, seconds) * 1000))) > 0;
        const ssize_t size = isReady ? ::read(m_fd, block, sizeof(block)) : 0;
        if (size <= 0)
            return false;
        m_events.assign(block, static_cast<std::size_t>(size));
    }
    inotify_event event;
    std::memcpy(&event, m_events.data(), sizeof(event));
    take(event.wd, event.mask, event.len > 0 ? m_events.data() + sizeof(event) : "");
    m_events.erase(0, sizeof(event) + event.len);
    return true;
}

bool StageWatch::waitFor(UpdateStage stage, double seconds)
{
    while (takeNext(0)) { } // what was while nobody waited
    const double deadline = base::monotonicSeconds() + seconds;
    while (m_stage != stage && base::monotonicSeconds() < deadline)
        (void)takeNext(deadline - base::monotonicSeconds());
    return m_stage == stage;
}

UpdateStage stageAtDeath(const fs::path& state)
{
    const fs::path slots = state / "slots";
    const auto record = readRecord(slots / "record.json"), copy = readRecord(slots / "record.copy.json");
    const std::string part = partOf(state);
    if (!record)
        throw std::runtime_error("the record of the slots is damaged");
    if (copy && *copy != *record && record->isTrial()) // kept or taken back
        return UpdateStage::Commit;
    if (copy && *copy != *record && (copy->isTrial() || !copy->other()))
        return UpdateStage::Switch;
    if (holdsUnknownSlot(slots, *record))
        return UpdateStage::Switch;
    if (record->isTrial())
        return UpdateStage::Health;
    if (fs::exists(slots / "incoming.ppkg"))
        return UpdateStage::Verify;
    if (part.empty() || (record->lastRefusal && record->lastRefusal->sha256 == part))
        return UpdateStage::AtRest;
    return record->running() && record->running()->sha256 == part ? UpdateStage::Commit : UpdateStage::Download; // it is removed after the commit
}

}
