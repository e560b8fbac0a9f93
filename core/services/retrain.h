#pragma once

#include "core/dataset/project_reader.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace percept::services {

// What people have labeled since the newest version was trained.
struct RetrainAdvice {
    std::string version, run;    // the newest packaged model and the run it came from
    std::int64_t trainedOn = 0;  // pictures of its training set
    std::int64_t added = 0;      // finished for training since; pictures that have no set yet count too
    std::int64_t changed = 0;    // with other boxes than it was trained on
    std::int64_t removed = 0;    // that it learned from and that would not train today
    bool isDue = false;          // enough for a training to be worth its time
    std::int64_t fresh() const { return added + changed; }
};
// A training is proposed from this many pictures that the model does not know as they are: a tenth of what it learned from,
// at least 20. Our rule of thumb: what more data brings grows with the logarithm of their number, and less than a tenth is
// lost in the spread between seeds.
inline constexpr std::int64_t kFewestFreshPictures = 20;
inline constexpr double kFreshShare = 0.1;

// nullopt: nothing was packaged yet. NotFound: the run of the newest version is gone.
base::Result<std::optional<RetrainAdvice>> adviseRetraining(const dataset::ProjectReader& reader);
// "Since version 1.1: 30 pictures labeled, 2 corrected. Time to train again." Empty when nothing changed.
std::string inWords(const RetrainAdvice& advice);

}
