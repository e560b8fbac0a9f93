#pragma once

#include <filesystem>

namespace percept::test {

// Makes PROJECT with `pictures` finished pictures of red and blue squares (80 x 60, in FOLDER) and exact boxes, shared out
// over train, validation and test in turn, and labels "red" and "blue". Every tenth picture shows nothing.
void makeSquaresProject(const std::filesystem::path& project, const std::filesystem::path& folder, int pictures, bool withSets = true);

}
