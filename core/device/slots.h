#pragma once

#include "core/device/slot_record.h"

#include <filesystem>
#include <mutex>
#include <span>

namespace percept::device {

inline constexpr int kMaxTrialStarts = 3;

// The packages of a device: STATE/slots/ holds a.ppkg, b.ppkg and record.json, which says what they are and which of them
// runs. Every change is one file replaced by rename, the file and its folder synchronised, and every moment between two
// changes is a state that open() knows how to go on from: whatever is not in the record is removed. record.copy.json holds
// the same as record.json, for a disk that loses one of them; on a full disk both are written in place, one after the other.
// A new package runs on trial until commit(); it is left when it was started kMaxTrialStarts times without that.
// Any thread. The owner of the state folder's lock only.
class Slots {
public:
    static base::Result<std::unique_ptr<Slots>> open(const std::filesystem::path& state);

    SlotRecord record() const;
    std::filesystem::path pathOf(int slot) const;

    // Keys that are trusted from now on, beside those that are.
    base::Result<void> trust(const std::vector<std::string>& keys);
    // Writes a candidate beside the slots, which stay as they are. Gives its place.
    base::Result<std::filesystem::path> stage(std::span<const std::uint8_t> bytes);
    void discardStaged();
    // The candidate takes the place of the package that does not run, and is the one that runs from now on.
    base::Result<void> switchToStaged(const SlotPackage& package);
    // The same for a package that was given by hand, and compared: it needs no trial.
    base::Result<void> giveByHand(SlotPackage package);
    // The running package is healthy.
    base::Result<void> commit();
    // Before a package is started. An error: it was started too often without becoming healthy, and has to be left.
    base::Result<void> countStart();
    // After an orderly end: that start said nothing about the package.
    base::Result<void> uncountStart();
    // The other slot runs from now on, when it holds a healthy package; else NotFound, and nothing but the reason changes.
    // A package on trial is removed; one that was healthy stays, but is not gone back to. `only`: where this is what runs (its
    // hash); else NotFound, and nothing changes.
    base::Result<void> leave(Refusal refusal, const std::string& only = {});
    base::Result<void> remember(Refusal refusal);

private:
    explicit Slots(std::filesystem::path folder);
    base::Result<void> recover();
    base::Result<void> write(SlotRecord record);                             // the lock is held
    base::Result<void> writeInPlace(const std::string& text) const;          // likewise
    base::Result<void> place(const SlotPackage& package, SlotRecord record); // likewise
    std::filesystem::path stagedPath() const { return m_folder / "incoming.ppkg"; }

    std::filesystem::path m_folder;
    mutable std::mutex m_mutex;
    SlotRecord m_record;
};

}
