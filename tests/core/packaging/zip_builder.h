#pragma once

#include "core/packaging/canonical_zip.h"

#include <cstdint>
#include <string>
#include <vector>

namespace percept::test {

// Writes zips as others do, with every field free, so that each deviation from the canonical one can be tried alone.
struct ZipEntry {
    std::string name;
    std::vector<std::uint8_t> bytes;
    std::string centralName = {}; // empty: the same
    std::uint16_t method = 0, flags = 0, time = 0, date = 0x21, versionMadeBy = (3 << 8) | 20, extraBytes = 0;
    std::uint32_t attributes = 0100644u << 16, crcChange = 0, sizeChange = 0;
    bool inCentral = true;
};
struct ZipShape {
    std::string prefix = {}, gap = {}, suffix = {}, comment = {};
    int countChange = 0;
};
std::vector<std::uint8_t> buildZip(const std::vector<ZipEntry>& entries, const ZipShape& shape = {});

}
