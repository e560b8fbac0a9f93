#pragma once

#include <filesystem>
#include <string>

namespace percept::test {

// What is wrong with the slots of a state folder as they lie on the disk, before anything has looked at them or mended them; empty: nothing.
// At every moment record.json can be read by itself, names only files that are there with their hashes, and one of them has been healthy.
std::string faultOfSlots(const std::filesystem::path& state);

}
