#include "core/interchange/coco_folder.h"

#include "core/interchange/text_fields.h"

#include <algorithm>
#include <fstream>

namespace percept::interchange {

namespace fs = std::filesystem;

namespace {

std::string firstBytes(const fs::path& file)
{
    std::string start(64 * 1024, '\0');
    std::ifstream stream(file, std::ios::binary);
    stream.read(start.data(), static_cast<std::streamsize>(start.size()));
    start.resize(static_cast<std::size_t>(stream.gcount()));
    return start;
}

bool namesCocoLists(std::string_view text)
{
    const auto has = [&](std::string_view key) { return text.find(key) != std::string_view::npos; };
    return has("\"images\"") || has("\"annotations\"") || has("\"categories\"");
}

// By the first bytes: empty for an object that names one of the three lists, else why it is no COCO data set.
std::string whyNotCoco(const std::string& name, std::string_view text)
{
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") || (text.size() > 1 && (text[0] == 0 || text[1] == 0)))
        return name + " is UTF-16 text. Save it as UTF-8 and import again.";
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3);
    if (trimmed(text).empty())
        return name + " is empty.";
    if (!trimmed(text).starts_with('{'))
        return name + " does not begin with {: it is no COCO data set.";
    return namesCocoLists(text) ? std::string() : name + " is no COCO data set: it has no list of images.";
}

bool isJson(const fs::path& file) { return lowered(file.extension().string()) == ".json"; }
bool isNamedAnnotations(const fs::path& folder) { return lowered(folder.filename().string()) == "annotations"; }

// Whether a file that cannot be read as COCO is one that people take for annotations.
bool isMeantAsCoco(const fs::path& file, std::string text)
{
    const std::string stem = lowered(file.stem().string());
    for (const char* word : { "annotation", "instances", "coco", "label" })
        if (stem.find(word) != std::string::npos)
            return true;
    for (const char* set : { "train", "training", "val", "valid", "validation", "test", "testing" })
        if (stem == set)
            return true;
    std::erase(text, '\0'); // UTF-16 becomes readable
    return isNamedAnnotations(file.parent_path()) || namesCocoLists(text);
}

struct JsonFiles {
    std::vector<fs::path> coco;
    std::vector<OtherJson> others;
};

JsonFiles jsonFilesIn(const fs::path& folder)
{
    JsonFiles files;
    std::error_code error;
    fs::recursive_directory_iterator walk(folder, fs::directory_options::skip_permission_denied, error), end;
    for (; !error && walk != end; walk.increment(error)) {
        std::error_code ignored;
        const std::string name = walk->path().filename().string();
        if (walk->is_directory(ignored) && (walk.depth() >= 2 || name.starts_with('.') || name.ends_with(".percept")))
            walk.disable_recursion_pending();
        else if (!walk->is_symlink(ignored) && walk->is_regular_file(ignored) && isJson(walk->path()) && !name.starts_with("._")) {
            const std::string start = firstBytes(walk->path());
            if (std::string why = whyNotCoco(name, start); why.empty())
                files.coco.push_back(walk->path());
            else
                files.others.push_back({ walk->path(), std::move(why), isMeantAsCoco(walk->path(), start) });
        }
    }
    std::sort(files.coco.begin(), files.coco.end());
    std::sort(files.others.begin(), files.others.end(), [](const OtherJson& a, const OtherJson& b) { return a.json < b.json; });
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
    if (!isFile) {
        JsonFiles all = jsonFilesIn(source);
        files = boxFiles(std::move(all.coco));
        found.others = std::move(all.others);
    } else if (isJson(source))
        files = { source };
    for (const fs::path& file : files)
        found.files.push_back(describe(file, root));
    found.root = mediaFolder.empty() ? root : mediaFolder;
    return found;
}

}
