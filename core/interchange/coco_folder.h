#pragma once

#include "core/domain/annotation.h"

#include <filesystem>
#include <string>
#include <vector>

namespace percept::interchange {

// One annotation file of a COCO set and where its pictures may lie.
struct CocoFile {
    std::filesystem::path json;
    domain::SplitSet set = domain::SplitSet::None; // by the name of the file or its folder
    std::vector<std::string> folders = {};         // relative to the root, in the order to look
};

// A JSON file that is no COCO data set, and why, as a sentence about it.
struct OtherJson {
    std::filesystem::path json;
    std::string why;
    bool isMeantAsCoco = false; // by its name, its place or what its text says
};

struct CocoFolder {
    std::filesystem::path root; // pictures are looked for here and below
    std::vector<CocoFile> files;
    std::vector<OtherJson> others;
};

// The COCO files at `source`: a JSON file, a folder with some, or a set with annotations/.
CocoFolder findCocoFiles(const std::filesystem::path& source, const std::filesystem::path& mediaFolder);

}
