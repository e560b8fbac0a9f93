#pragma once

#include "core/base/ids.h"
#include "core/domain/annotation.h"

#include <cstdint>
#include <string>
#include <vector>

// Pictures that devices sent home and that joined the project.
namespace percept::dataset {

// What the device answered; label: the class's name in the package that it ran.
struct FieldAnswer {
    std::string label;
    double score = 0;
    domain::Box box; // in the frame of the picture
    bool operator==(const FieldAnswer&) const = default;
};

// As it came. Facts: no edit changes them.
struct FieldSample {
    std::string id;     // 32 lower-case hex digits
    std::string device;
    std::string version, packageSha256; // of the model that answered
    std::string reason; // "random", "unsure", "edge"
    std::int64_t timeMs = 0;
    std::vector<FieldAnswer> answers;
    // Chosen by chance alone: an unbiased look at the field, so it tests and never trains.
    bool isRandom() const { return reason == "random"; }
    bool operator==(const FieldSample&) const = default;
};

// Pictures of one device that follow each other within this time show one moment: they are one group, whatever chose them.
inline constexpr std::int64_t kMomentMs = 10'000;
// And no longer than this in all: a device that sends a picture every few seconds for hours would otherwise have one moment, and a single
// test picture would keep all of it from being learned.
inline constexpr std::int64_t kLongestMomentMs = 60'000;

// A sample of the project and what became of its picture. One in the trash, or without a set that fits, counts nowhere.
struct StoredFieldSample {
    FieldSample sample;
    ItemId item;
    domain::ItemState state = domain::ItemState::ToDo;
    domain::SplitSet set = domain::SplitSet::None;
    bool trashed = false;
};

}
