#include "core/fleet/own_packages.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/packaging/package.h"

#include <fmt/format.h>
#include <mutex>

namespace percept::fleet {

namespace fs = std::filesystem;

namespace {

struct ReadKey {
    std::uintmax_t bytes = 0;
    fs::file_time_type changed;
    std::string key;
};
std::mutex readMutex;
std::map<fs::path, ReadKey> readKeys; // packages are megabytes, and asked about every few seconds

std::string keyOf(const packaging::Manifest& m)
{
    std::string key = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", m.name, m.version, m.run, m.createdMs, m.datasetVersion, m.datasetManifestSha256);
    for (const auto& file : m.files)
        key += "\n" + file.name + " " + file.sha256;
    return base::sha256Hex(key);
}

}

std::string modelKeyOf(const fs::path& package)
{
    std::error_code error;
    const auto bytes = fs::file_size(package, error);
    const auto changed = error ? fs::file_time_type() : fs::last_write_time(package, error);
    if (error)
        return {};
    {
        const std::lock_guard lock(readMutex);
        if (const auto at = readKeys.find(package); at != readKeys.end() && at->second.bytes == bytes && at->second.changed == changed)
            return at->second.key;
    }
    const auto manifest = packaging::readManifest(package);
    std::string key = manifest.hasValue() ? keyOf(*manifest) : std::string();
    const std::lock_guard lock(readMutex);
    readKeys[package] = { bytes, changed, key };
    return key;
}

base::Result<void> OwnPackages::read(const dataset::ProjectReader& reader)
{
    PERCEPT_ASSIGN(info, reader.readInfo());
    PERCEPT_ASSIGN(versions, reader.readModelVersions());
    std::map<std::string, std::string> files;
    for (const auto& version : versions)
        files[version.version] = version.file;
    if (m_project == reader.folder() && m_name == info.name && m_files == files && m_keys.size() == files.size())
        return {};
    m_project = reader.folder();
    m_name = info.name;
    m_files = std::move(files);
    m_keys.clear();
    m_hashes.reset();
    m_known.clear();
    for (const auto& [version, file] : m_files)
        if (const auto path = base::safePath(m_project, file); path.hasValue())
            if (const auto key = modelKeyOf(*path); !key.empty())
                m_keys[key] = version;
    return {};
}

const std::map<std::string, std::string>& OwnPackages::hashes() const
{
    if (m_hashes)
        return *m_hashes;
    m_hashes.emplace();
    for (const auto& [version, file] : m_files)
        if (const auto path = base::safePath(m_project, file); path.hasValue())
            if (const auto hash = base::sha256OfFile(*path); hash.hasValue())
                (*m_hashes)[*hash] = version;
    return *m_hashes;
}

std::optional<std::string> OwnPackages::find(const NamedModel& told) const
{
    if (const auto key = modelKeyOf(m_fleet / "packages" / (told.sha256 + ".ppkg")); !key.empty()) {
        const auto at = m_keys.find(key);
        return at == m_keys.end() ? std::nullopt : std::optional(at->second);
    }
    if (const auto at = hashes().find(told.sha256); at != hashes().end())
        return at->second;
    return !told.name.empty() && told.name == m_name ? std::optional(told.version) : std::nullopt;
}

std::optional<std::string> OwnPackages::versionOf(const NamedModel& told) const
{
    const std::string asked = told.sha256 + "\n" + told.version + "\n" + told.name;
    if (const auto at = m_known.find(asked); at != m_known.end())
        return at->second;
    return m_known[asked] = find(told);
}

IsOwn OwnPackages::test() const
{
    return [this](const NamedModel& told) { return has(told); };
}

}
