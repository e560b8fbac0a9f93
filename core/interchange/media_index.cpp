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

base::Result<MediaIndex> MediaIndex::build(const fs::path& root, const std::vector<std::string>& linkedFolders)
{
    MediaIndex index;
    std::error_code error;
    index.m_root = fs::canonical(root, error);
    if (error)
        return base::notFound("The folder " + root.string() + " does not exist.");
    std::vector<std::string> paths;
    PERCEPT_TRY(index.walk({}, linkedFolders, paths));
    std::sort(paths.begin(), paths.end());
    index.m_paths.assign(std::make_move_iterator(paths.begin()), std::make_move_iterator(paths.end()));
    index.addNames();
    return index;
}

// To a folder that neither holds the set nor lies in it: what is in it is walked once.
bool MediaIndex::leadsOutside(const fs::path& link) const
{
    std::error_code error;
    const fs::path target = fs::canonical(link, error);
    const auto isIn = [](const fs::path& inner, const fs::path& outer) {
        return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
    };
    return !error && fs::is_directory(target, error) && !isIn(target, m_root) && !isIn(m_root, target);
}

base::Result<void> MediaIndex::walk(const std::string& folder, const std::vector<std::string>& linkedFolders, std::vector<std::string>& paths)
{
    const fs::path start = absolutePath(folder);
    const std::size_t prefix = start.string().size() + (start.string().ends_with('/') ? 0 : 1);
    std::error_code error;
    fs::recursive_directory_iterator walk(start, fs::directory_options::skip_permission_denied, error);
    for (const fs::recursive_directory_iterator end; !error && walk != end; walk.increment(error)) {
        const std::string relative = joined(folder, std::string_view(walk->path().native()).substr(prefix));
        const std::string name(baseName(relative));
        std::error_code ignored;
        if (walk->is_symlink(ignored)) {
            const bool isLinkedFolder = std::find(linkedFolders.begin(), linkedFolders.end(), relative) != linkedFolders.end();
            if (isLinkedFolder && leadsOutside(walk->path()))
                PERCEPT_TRY(this->walk(relative, linkedFolders, paths));
            else
                ++m_skippedLinks;
        } else if (walk->is_directory(ignored)) {
            if (isSkippedFolder(name))
                walk.disable_recursion_pending();
        } else if (!name.starts_with('.')) {
            paths.push_back(relative);
        }
    }
    if (error)
        return base::failed("The folder " + start.string() + " cannot be read: " + error.message() + ".");
    return {};
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
