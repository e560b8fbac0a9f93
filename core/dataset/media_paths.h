#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>

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
    std::string storedFolder(const std::filesystem::path& folder) const;

    std::filesystem::path m_project; // canonical
    std::unordered_map<std::string, std::string> m_folders; // as stored, with the slash behind it: the disk is asked once
};

}
