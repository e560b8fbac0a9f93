#pragma once

#include "core/dataset/project_store.h"
#include "core/services/loop.h"

namespace percept::services {

// The finished pictures of a project by set: what can train, whatever else the project holds.
struct DoneItems {
    std::vector<ItemId> train, validation, test, withoutSet;
    std::int64_t total() const
    {
        return static_cast<std::int64_t>(train.size() + validation.size() + test.size() + withoutSet.size());
    }
};
base::Result<DoneItems> readDoneItems(const dataset::ProjectReader& reader);

// How pictures without a set get one when training starts; nullopt: they get none (a split that came with the data stands).
base::Result<std::optional<dataset::SplitOptions>> splitForTraining(const dataset::ProjectReader& reader, const DoneItems& done);
// Remembered in the project once Percept itself has split it: later pictures are then shared out the same way.
inline constexpr const char* kSplitByPerceptFact = "services.split-by-percept";

}
