#pragma once

#include <cstdint>
#include <filesystem>

namespace percept::training {

// Whether a file of so many bytes could be written into the folder now. Found out by reserving the room and giving it back, so
// that quotas and limits count as well as the size of the disk.
bool hasRoom(const std::filesystem::path& folder, std::uint64_t bytes);

}
