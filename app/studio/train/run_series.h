#pragma once

#include "widgets/plots/shaping.h"

#include <cstdint>
#include <filesystem>
#include <sys/types.h>

namespace percept::studio {

// The curves of one run. Each call reads what came since the last one; a record that was written anew (a run that is resumed
// drops what it had logged after its checkpoint) is read from its beginning.
class RunSeries {
public:
    void read(const std::filesystem::path& runFolder);

    plots::Points loss, validationLoss, map50;

private:
    std::uint64_t m_offset = 0;
    ino_t m_file = 0; // replaced, not changed, when it is written anew
};

}
