#pragma once

#include "core/interchange/reader.h"

#include <map>

namespace percept::interchange {

// Where the parts of a Pascal VOC set lie.
struct VocFolder {
    std::filesystem::path root;        // what holds Annotations/, JPEGImages/, ImageSets/; or a flat folder
    std::filesystem::path annotations = {}; // XML files, here and below
    std::filesystem::path media = {};       // pictures, here and below
    std::filesystem::path sets = {};        // folder of train.txt, ...; empty: none
    std::vector<std::filesystem::path> xmlFiles = {}; // sorted
};

// The set at `source` (its root, its Annotations folder, an XML file, or a VOCdevkit with several years).
std::vector<VocFolder> findVocFolders(const std::filesystem::path& source, const std::filesystem::path& mediaFolder);

// The source's own split: picture name without extension -> set.
struct VocSplit {
    std::map<std::string, domain::SplitSet, std::less<>> setOf;
    std::vector<std::string> inSeveral; // names that stand in more than one list
    std::string listNames;              // "train.txt, val.txt"
};
base::Result<VocSplit> readVocSplit(const std::filesystem::path& folder);

}
