#include "core/interchange/coco_folder.h"

#include "core/interchange/text_fields.h"

#include <algorithm>
#include <fstream>

namespace percept::interchange {

namespace fs = std::filesystem;

namespace {

// By the first bytes: an object that names one of the three lists.
bool looksLikeCoco(const fs::path& file)
{
    std::error_code error;
    if (!fs::is_regular_file(file, error))
        return false;
    std::string start(64 * 1024, '\0');
    std::ifstream stream(file, std::ios::binary);
    stream.read(start.data(), static_cast<std::streamsize>(start.size()));
    start.resize(static_cast<std::size_t>(stream.gcount()));
    std::string_view text = start;
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3);
    const auto has = [&](std::string_view key) { return text.find(key) != std::string_view::npos; };
    return trimmed(text).starts_with('{') && (has("\"images\"") || has("\"annotations\"") || has("\"categories\""));
}

bool isJson(const fs::path& file) { return lowered(file.extension().string()) == ".json"; }
bool isNamedAnnotations(const fs::path& folder) { return lowered(folder.filename().string()) == "annotations"; }

std::vector<fs::path> jsonFilesIn(const fs::path& folder)
{
    std::vector<fs::path> files;
    std::error_code error;
    fs::recursive_directory_iterator walk(folder, fs::directory_options::skip_permission_denied, error), end;
    for (; !error && walk != end; walk.increment(error)) {
        std::error_code ignored;
        const std::string name = walk->path().filename().string();
        if (walk->is_directory(ignored) && (walk.depth() >= 2 || name.starts_with('.') || name.ends_with(".percept")))
            walk.disable_recursion_pending();
        else if (!walk->is_symlink(ignored) && isJson(walk->path()) && looksLikeCoco(walk->path()))
            files.push_back(walk->path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

// COCO ships captions and key points beside the boxes, about the same pictures.
std::vector<fs::path> boxFiles(std::vector<fs::path> files)
{
    const auto startsWith = [](std::string_view word) {
        return [word](const fs::path& file) { return lowered(file.filename().string()).starts_with(word); };
    };
    if (std::any_of(files.begin(), files.end(), startsWith("instances")))
        std::erase_if(files, [&](const fs::path& file) { return !startsWith("instances")(file); });
    for (const char* other : { "captions", "person_keypoints", "panoptic", "stuff" })
        if (!std::all_of(files.begin(), files.end(), startsWith(other)))
            std::erase_if(files, startsWith(other));
    return files;
}

CocoFile describe(const fs::path& json, const fs::path& root)
{
    CocoFile file { .json = json };
    const std::string stem = json.stem().string();
    const std::string subset = stem.substr(stem.find('_') + 1);
    const fs::path folder = json.parent_path();
    file.set = setFromName(stem);
    if (file.set == domain::SplitSet::None && folder != root)
        file.set = setFromName(folder.filename().string());
    const std::string beside = folder.lexically_relative(root).generic_string();
    file.folders = { "images/" + subset, subset, "images" };
    if (!beside.empty() && beside != "." && !beside.starts_with("..")) {
        file.folders.push_back(beside);
        file.folders.push_back(beside + "/images");
    }
    file.folders.emplace_back();
    return file;
}

}

CocoFolder findCocoFiles(const fs::path& given, const fs::path& mediaFolder)
{
    CocoFolder found;
    std::error_code error;
    const fs::path source = fs::canonical(given, error);
    if (error)
        return found;
    const bool isFile = fs::is_regular_file(source, error);
    const fs::path folder = isFile ? source.parent_path() : source;
    const fs::path root = isNamedAnnotations(folder) ? folder.parent_path() : folder;
    std::vector<fs::path> files;
    if (!isFile)
        files = boxFiles(jsonFilesIn(source));
    else if (isJson(source))
        files = { source };
    for (const fs::path& file : files)
        found.files.push_back(describe(file, root));
    found.root = mediaFolder.empty() ? root : mediaFolder;
    return found;
}

}
