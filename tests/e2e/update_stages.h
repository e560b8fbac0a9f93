#pragma once

#include <filesystem>
#include <string>

namespace percept::test {

// Where an update of a device is. At rest: nothing is under way; also while a refusal is written down.
enum class UpdateStage { AtRest, Download, Verify, Switch, Health, Commit };
const char* nameOf(UpdateStage stage);

// Follows the updates of a percept-edge by what the kernel tells of its state folder (inotify): the files that are written and
// renamed are the stages. It costs the device nothing and comes within a fraction of a millisecond, which the short ones need.
class StageWatch {
public:
    explicit StageWatch(const std::filesystem::path& state);
    ~StageWatch();
    StageWatch(const StageWatch&) = delete;
    StageWatch& operator=(const StageWatch&) = delete;

    // Until this stage begins, or is on already; false when it has not in time.
    bool waitFor(UpdateStage stage, double seconds);

private:
    bool takeNext(double seconds); // one event; false when none came
    void take(int watch, unsigned mask, const std::string& name);

    int m_fd, m_slots, m_download;
    std::string m_events; // that were read and not taken yet
    UpdateStage m_stage = UpdateStage::AtRest;
    bool m_isPlaced = false; // the new file is in its slot
};

// Where it was when percept-edge was killed, as the files say that it has left.
UpdateStage stageAtDeath(const std::filesystem::path& state);

}
