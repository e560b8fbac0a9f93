#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace percept::test {

// A sound JPEG of 96 x 64 that makes a decoder with decode_fault preloaded do `what`: crash, abort, exit, hang, babble, bloat
// (more memory than it may have; then sound) or canary (tries to break out, and ends the process when it can; then sound).
std::vector<std::uint8_t> faultyJpeg(const std::string& what);

}
