#include "core/interchange/media_index.h"

#include "core/interchange/text_fields.h"

#include <algorithm>

namespace percept::interchange {

namespace fs = std::filesystem;

namespace {

std::string_view baseName(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }
std::string_view stemOf(std::string_view name)
{
    const auto dot = name.find_last_of('.');
    return dot == std::string_view::npos || dot == 0 ? name : name.substr(0, dot);
}
std::string joined(const std::string& folder, std::string_view name)
{
    return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

bool isAbsolute(std::string_view name)
{
    return name.starts_with('/') || name.find("://") != std::string_view::npos || (name.size() > 1 && name[1] == ':');
}

// "./a//b.jpg" -> "a/b.jpg"; empty when a part is "..".
std::string normalized(std::string_view name, bool& leaves)
{
    std::string out;
    while (!name.empty()) {
        const auto slash = name.find('/');
        const std::string_view part = name.substr(0, slash);
        name = slash == std::string_view::npos ? std::string_view() : name.substr(slash + 1);
        if (part == "..") {
            leaves = true;
            return {};
        }
        if (part.empty() || part == ".")
            continue;
        out = joined(out, part);
    }
    return out;
}

// Projects and hidden folders are not part of a set.
bool isSkippedFolder(const std::string& name) { return name.starts_with('.') || name.ends_with(".percept"); }

}

base::Result<MediaIndex> MediaIndex::build(const fs::path& root)
{
    MediaIndex index;
    std::error_code error;
    index.m_root = fs::canonical(root, error);
    if (error)
        return base::notFound("The folder " + root.string() + " does not exist.");
    fs::recursive_directory_iterator walk(index.m_root, fs::directory_options::skip_permission_denied, error);
    if (error)
        return base::failed("The folder " + root.string() + " cannot be read: " + error.message() + ".");
    std::vector<std::string> paths;
    const std::size_t prefix = index.m_root.string().size() + (index.m_root.string().ends_with('/') ? 0 : 1);
    for (const fs::recursive_directory_iterator end; walk != end; walk.increment(error)) {
        if (error)
            return base::failed("The folder " + root.string() + " cannot be read: " + error.message() + ".");
        const std::string path = walk->path().string();
        const std::string name(baseName(path));
        std::error_code ignored;
        if (walk->is_symlink(ignored)) {
            ++index.m_skippedLinks;
            continue;
        }
        if (walk->is_directory(ignored)) {
            if (isSkippedFolder(name))
                walk.disable_recursion_pending();
            continue;
        }
        if (!name.starts_with('.'))
            paths.push_back(path.substr(prefix));
    }
    std::sort(paths.begin(), paths.end());
    index.m_paths.assign(std::make_move_iterator(paths.begin()), std::make_move_iterator(paths.end()));
    index.addNames();
    return index;
}

void MediaIndex::addNames()
{
    m_byPath.reserve(m_paths.size());
    m_byBaseName.reserve(m_paths.size());
    m_byStem.reserve(m_paths.size());
    for (const std::string& path : m_paths) {
        m_byPath.emplace(path, &path);
        const std::string_view name = baseName(path);
        m_byBaseName[std::string(name)].push_back(&path);
        if (hasPictureExtension(name))
            m_byStem[std::string(stemOf(name))].push_back(&path);
    }
}

MediaIndex::Found MediaIndex::pick(const Names& names, const std::string& key, const std::vector<std::string>& folders) const
{
    const auto found = names.find(key);
    if (found == names.end())
        return {};
    std::vector<const std::string*> candidates = found->second;
    for (const std::string& folder : folders) {
        std::vector<const std::string*> inside;
        for (const std::string* path : candidates)
            if (!folder.empty() && path->starts_with(folder + "/"))
                inside.push_back(path);
        if (inside.size() == 1)
            return { Found::Kind::Yes, absolutePath(*inside.front()), {}, true };
    }
    if (candidates.size() == 1)
        return { Found::Kind::Yes, absolutePath(*candidates.front()), {}, true };
    return { Found::Kind::Ambiguous, {}, *candidates[0] + " and " + *candidates[1], true };
}

MediaIndex::Found MediaIndex::find(std::string_view name, const std::vector<std::string>& folders) const
{
    std::string slashed(name);
    std::replace(slashed.begin(), slashed.end(), '\\', '/');
    bool leaves = slashed.find('\0') != std::string::npos;
    const std::string relative = normalized(slashed, leaves);
    if (leaves)
        return { Found::Kind::Leaves, {}, {}, false };
    if (relative.empty())
        return {};
    if (!isAbsolute(slashed)) {
        for (const std::string& folder : folders)
            if (const auto found = m_byPath.find(joined(folder, relative)); found != m_byPath.end())
                return { Found::Kind::Yes, absolutePath(*found->second), {}, false };
        return pick(m_byBaseName, std::string(baseName(relative)), folders);
    }
    Found found = pick(m_byBaseName, std::string(baseName(relative)), folders);
    if (found.kind == Found::Kind::Missing)
        found.kind = Found::Kind::Leaves;
    return found;
}

MediaIndex::Found MediaIndex::findStem(std::string_view stem, const std::vector<std::string>& folders) const
{
    return pick(m_byStem, std::string(stem), folders);
}

}
