#include "core/interchange/voc_folder.h"

#include "core/base/files.h"
#include "core/interchange/text_fields.h"

#include <algorithm>
#include <sstream>

namespace percept::interchange {

namespace fs = std::filesystem;

namespace {

// A folder of this name, in any case; empty when there is none. It may be a link: that is its owner's choice of a disk.
fs::path childFolder(const fs::path& parent, std::string_view name)
{
    std::error_code error;
    for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (it->is_directory(ignored) && lowered(it->path().filename().string()) == lowered(name))
            return it->path();
    }
    return {};
}

std::vector<fs::path> xmlFilesIn(const fs::path& folder)
{
    std::vector<fs::path> files;
    std::error_code error;
    fs::recursive_directory_iterator walk(folder, fs::directory_options::skip_permission_denied, error), end;
    for (; !error && walk != end; walk.increment(error)) {
        std::error_code ignored;
        const std::string name = walk->path().filename().string();
        if (walk->is_directory(ignored) && (name.starts_with('.') || name.ends_with(".percept")))
            walk.disable_recursion_pending();
        else if (!walk->is_symlink(ignored) && walk->is_regular_file(ignored) && lowered(name).ends_with(".xml")
            && !name.starts_with('.'))
            files.push_back(walk->path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

VocFolder folderAt(const fs::path& root, const fs::path& mediaFolder)
{
    VocFolder folder { .root = root };
    const fs::path annotations = childFolder(root, "Annotations");
    folder.annotations = annotations.empty() ? root : annotations;
    folder.media = !mediaFolder.empty() ? mediaFolder : childFolder(root, "JPEGImages");
    if (folder.media.empty())
        folder.media = childFolder(root, "images");
    if (folder.media.empty())
        folder.media = root;
    if (const fs::path sets = childFolder(root, "ImageSets"); !sets.empty()) {
        const fs::path mainSets = childFolder(sets, "Main");
        folder.sets = mainSets.empty() ? sets : mainSets;
    }
    folder.xmlFiles = xmlFilesIn(folder.annotations);
    return folder;
}

}

std::vector<VocFolder> findVocFolders(const fs::path& given, const fs::path& mediaFolder)
{
    std::error_code error;
    const fs::path source = fs::canonical(given, error);
    if (error)
        return {};
    if (fs::is_regular_file(source, error)) {
        const fs::path parent = source.parent_path();
        if (lowered(source.extension().string()) != ".xml")
            return {};
        VocFolder folder = folderAt(lowered(parent.filename().string()) == "annotations" ? parent.parent_path() : parent, mediaFolder);
        folder.xmlFiles = { source };
        return { folder };
    }
    if (lowered(source.filename().string()) == "annotations" && !childFolder(source.parent_path(), "JPEGImages").empty())
        return { folderAt(source.parent_path(), mediaFolder) };
    if (childFolder(source, "Annotations").empty()) {
        std::vector<VocFolder> years;
        for (fs::directory_iterator it(source, error), end; !error && it != end; it.increment(error)) {
            std::error_code ignored;
            if (it->is_directory(ignored) && !it->is_symlink(ignored) && !childFolder(it->path(), "Annotations").empty()
                && !childFolder(it->path(), "JPEGImages").empty())
                years.push_back(folderAt(it->path(), mediaFolder));
        }
        std::sort(years.begin(), years.end(), [](const VocFolder& a, const VocFolder& b) { return a.root < b.root; });
        if (!years.empty())
            return years;
    }
    return { folderAt(source, mediaFolder) };
}

base::Result<VocSplit> readVocSplit(const fs::path& folder)
{
    VocSplit split;
    if (folder.empty())
        return split;
    // A name in several lists: the later one here wins, so that what is tested never trains.
    constexpr std::pair<const char*, domain::SplitSet> kLists[] = { { "train.txt", domain::SplitSet::Train },
        { "val.txt", domain::SplitSet::Validation }, { "valid.txt", domain::SplitSet::Validation },
        { "test.txt", domain::SplitSet::Test }, { "reserve.txt", domain::SplitSet::Reserve } };
    for (const auto& [list, set] : kLists) {
        std::error_code error;
        if (!fs::is_regular_file(folder / list, error))
            continue;
        PERCEPT_ASSIGN(text, base::readTextFile(folder / list, 256u << 20));
        split.listNames += (split.listNames.empty() ? "" : ", ") + std::string(list);
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            std::string name(trimmed(line));
            if (hasPictureExtension(name))
                name.erase(name.find_last_of('.'));
            if (name.empty())
                continue;
            const auto [place, isNew] = split.setOf.try_emplace(name, set);
            if (!isNew && place->second != set) {
                place->second = set;
                split.inSeveral.push_back(name);
            }
        }
    }
    return split;
}

}
