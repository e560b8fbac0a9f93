#pragma once

#include <filesystem>
#include <optional>

namespace percept::test {

// A data set of real pictures for tests that need one: PERCEPT_TEST_DATA/NAME, else shared/data/NAME beside the checkout; nullopt
// where it is absent: such a test says so and skips.
std::optional<std::filesystem::path> findRealData(const char* name);

}
