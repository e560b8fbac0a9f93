#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"
#include "core/fleet/rollout_view.h"

#include <cstdint>
#include <filesystem>
#include <string>

// Whether what is about to be rolled out is worse than what runs. A roll-out is never forbidden for it: people decide, and are told.
namespace percept::services {

struct RolloutCaution {
    std::string now, against;  // versions ("1.2") or runs
    bool isLower = false;      // it scores lower where both were asked, or finds clearly less or has clearly more false alarms as it ships
    bool isProven = false;     // beyond chance: the 95 % interval of the paired difference is below 0
    double points = 0, low = 0, high = 0; // AP50 of now less that of against, in hundredths; low, high: 95 %, NaN where the pictures are too few to tell
    double foundNow = -1, foundAgainst = -1; // shares of the objects, at the thresholds that each ships with; -1: not known
    std::int64_t pictures = 0; // that both have answered; 0: each has only the score of its own package
    std::string words;         // what to know; empty where it is not lower
};

// Both models on today's test set, pair by pair, and on the field's part of it; asks them first about pictures that they have not
// answered. `now`, `against`: versions or runs of the project. NotFound: one of them is not there. Blocks.
base::Result<RolloutCaution> compareBeforeRollout(const std::filesystem::path& project, const std::string& now, const std::string& against,
    const base::ProgressFn& progress, const base::CancelToken& cancel);

// By the scores that two packages carry, where their project is not at hand: each on the test set of its own day, so nothing is proven.
base::Result<RolloutCaution> comparePackages(const std::filesystem::path& now, const std::filesystem::path& against);

// What has to make way that is none of the project's: "Another project's model runs there (Blood cells, version 1.2, signed on 3 May
// 2026): this one takes its place." Of the devices that get it first, where one runs such a model. Empty: none does.
std::string otherModelWords(const fleet::FleetState& fleet, const std::filesystem::path& hubFolder, const fleet::IsOwn& isOwn);

// The project that a package file lies in (NAME.percept/packages/FILE.ppkg); empty: in none.
std::filesystem::path projectOfPackage(const std::filesystem::path& file);

}
