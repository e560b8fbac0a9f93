#pragma once

#include <filesystem>
#include <string>

namespace percept::test {

// The first page that would stand on nothing in this project, and what is missing: "Train: no run has a curve and pictures
// yet". Empty when every page has something to show.
std::string emptyPage(const std::filesystem::path& project);

}
