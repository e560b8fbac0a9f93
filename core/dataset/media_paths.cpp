#include "core/dataset/media_paths.h"

namespace percept::dataset {

namespace {
std::filesystem::path canonicalFolder(const std::filesystem::path& folder)
{
    std::error_code error;
    std::filesystem::path path = std::filesystem::weakly_canonical(folder, error);
    return error ? std::filesystem::absolute(folder, error).lexically_normal() : path;
}
}

MediaPaths::MediaPaths(const std::filesystem::path& project)
    : m_project(canonicalFolder(project))
{
}

std::string MediaPaths::stored(const std::filesystem::path& file)
{
    const std::string& name = file.native();
    const std::size_t base = name.rfind('/') + 1;
    const std::string folder = name.substr(0, base);
    auto found = m_folders.find(folder);
    if (found == m_folders.end())
        found = m_folders.emplace(folder, storedFolder(file.parent_path())).first;
    return found->second + name.substr(base);
}

std::string MediaPaths::storedFolder(const std::filesystem::path& folder) const
{
    const std::filesystem::path absolute = canonicalFolder(folder);
    // A name that begins alike below the root is enough: /home/ann/x.percept and /home/ann/pictures move together.
    const auto below = [](const std::filesystem::path& path) {
        return path.begin() == path.end() ? path.begin() : std::next(path.begin());
    };
    const auto a = below(absolute), p = below(m_project);
    if (a == absolute.end() || p == m_project.end() || *a != *p)
        return (absolute / "").string();
    const std::filesystem::path relative = absolute.lexically_relative(m_project);
    return relative == "." ? std::string() : (relative / "").string();
}

std::filesystem::path MediaPaths::absolute(const std::string& stored) const
{
    const std::filesystem::path path(stored);
    return path.is_absolute() ? path : (m_project / path).lexically_normal();
}

}
