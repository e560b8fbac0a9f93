#pragma once

#include "core/base/result.h"

#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace percept::interchange {

// The files of a set, walked once. Names out of annotation files are looked up here and nowhere else: what the walk did not
// find cannot be reached, whatever an annotation says. Links are not followed, but for the root itself and for folders at
// `linkedFolders` (relative to the root): large sets often keep their pictures on another disk, linked to where they belong.
class MediaIndex {
public:
    static base::Result<MediaIndex> build(const std::filesystem::path& root, const std::vector<std::string>& linkedFolders = {});

    struct Found {
        enum class Kind { Yes, Missing, Ambiguous, Leaves } kind = Kind::Missing;
        std::filesystem::path file; // absolute
        std::string candidates;     // when ambiguous: "train/a.jpg and val/a.jpg"
        bool byBaseName = false;
    };
    // `name` as the annotation file spells it, relative to one of `folders` (relative to the root, in this order), else by its
    // base name if only one file has it. Names with ".." leave the set; absolute ones only count by their base name.
    Found find(std::string_view name, const std::vector<std::string>& folders) const;
    // The picture that has this name but for its extension.
    Found findStem(std::string_view stem, const std::vector<std::string>& folders) const;

    const std::filesystem::path& root() const { return m_root; }
    const std::deque<std::string>& relativePaths() const { return m_paths; } // sorted, '/' between parts
    std::int64_t skippedLinks() const { return m_skippedLinks; }
    std::filesystem::path absolutePath(std::string_view relative) const { return m_root / std::string(relative); }

private:
    using Names = std::unordered_map<std::string, std::vector<const std::string*>>;
    Found pick(const Names& names, const std::string& key, const std::vector<std::string>& folders) const;
    bool leadsOutside(const std::filesystem::path& link) const;
    base::Result<void> walk(const std::string& folder, const std::vector<std::string>& linkedFolders, std::vector<std::string>& paths);
    void addNames();

    std::filesystem::path m_root;
    std::deque<std::string> m_paths;
    std::unordered_map<std::string_view, const std::string*> m_byPath;
    Names m_byBaseName, m_byStem;
    std::int64_t m_skippedLinks = 0;
};

}
