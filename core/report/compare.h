#pragma once

#include "core/report/report.h"

#include <filesystem>
#include <string>

namespace percept::report {

// A model against another one, on the same pictures with the labels of today: all that both have answered of the test set, and of
// them those that devices sent home by chance.
struct ModelComparison {
    std::string before, now; // "version 1.0", "draft of run 3"
    Comparison test, field;  // present: there are pictures
    std::string words;       // what to make of it
    // By AP50, which asks for no threshold. Not worse anywhere where it can be told, and better somewhere.
    bool isBetter() const;
    bool isWorse() const; // somewhere, beyond chance
    // As people will see it, each model at its own thresholds, beyond chance: finds less for no fewer false alarms, somewhere; or finds more for no
    // more of them, and nowhere less.
    bool shipsWorse() const;
    bool shipsBetter() const;
};
// `before`, `now`: versions ("1.1") or runs ("r0002"). NotFound: no such model, or one that was not scored on the test set.
base::Result<ModelComparison> compareModels(const dataset::ProjectReader& reader, const std::filesystem::path& project, const std::string& before,
    const std::string& now);

}
