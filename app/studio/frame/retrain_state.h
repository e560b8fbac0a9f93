#pragma once

#include "core/dataset/project_reader.h"

#include <QString>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace percept::studio {

// That people kept the version that runs, after this run was compared with it.
struct KeptVersion {
    std::string version;
    std::int64_t timeMs = 0;
};
// decision.json in the folder of a run. Any thread.
std::optional<KeptVersion> readKept(const std::filesystem::path& runFolder);
base::Result<void> writeKept(const std::filesystem::path& runFolder, const KeptVersion& kept);

// Where the loop stands: what is due next for the model that the devices run.
struct RetrainState {
    enum class Step {
        Nothing,
        Train,  // enough was labeled, or the field has changed and something was
        Compare // `run` is trained and checked; nobody has said yet whether it takes the place of `version`
    } step = Step::Nothing;
    QString words;
    QString version, run; // the newest version; Train: the run that it came from
};
// `hasDrift`: an alert says that the field is not what it was. Any thread.
RetrainState readRetrainState(const dataset::ProjectReader& reader, bool hasDrift);

}
