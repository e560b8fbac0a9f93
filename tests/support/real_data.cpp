#include "tests/support/real_data.h"

#include <cstdlib>

namespace percept::test {

namespace fs = std::filesystem;

std::optional<fs::path> findRealData(const char* name)
{
    const char* given = std::getenv("PERCEPT_TEST_DATA");
    const fs::path source = PERCEPT_SOURCE_DIR;
    for (const fs::path& data : { fs::path(given ? given : ""), source.parent_path() / "shared/data", source.parent_path().parent_path() / "shared/data" })
        if (!data.empty() && fs::exists(data / name))
            return data / name;
    return std::nullopt;
}

}
