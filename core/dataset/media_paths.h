#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace percept::dataset {

// How the file of an item is named in the store: relative to the project's folder where the two have more than the root
// in common, so that project and pictures can move together; absolute otherwise. Links in folder names are followed, so
// that one file has one name.
class MediaPaths
{
public:
    explicit MediaPaths(const std::filesystem::path& project);
    std::string stored(const std::filesystem::path& file);
    std::filesystem::path absolute(const std::string& stored) const;

private:
    std::filesystem::path m_project; // canonical
    std::map<std::filesystem::path, std::filesystem::path>
        m_folders; // canonical names, to ask the disk once per folder
};

}
