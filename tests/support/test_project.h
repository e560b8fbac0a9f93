#pragma once

#include <filesystem>

namespace percept::test {

// Makes PROJECT with `pictures` finished pictures of red and blue squares (80 x 60, in FOLDER) and exact boxes, shared out
// over train, validation and test in turn, and labels "red" and "blue". Every tenth picture shows nothing.
void makeSquaresProject(const std::filesystem::path& project, const std::filesystem::path& folder, int pictures, bool withSets = true);

// The same with twelve pictures of 1280 x 960, whose red objects are small: 40 pixels, but 400 on those of the test set, and a crowd of 5.
void makeSpecksProject(const std::filesystem::path& project, const std::filesystem::path& folder);

}
