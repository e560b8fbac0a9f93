#include "core/packaging/package_files.h"

#include "core/base/files.h"
#include "core/base/hash.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace percept::packaging {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kGolden = "golden/", kPng = ".png";

base::Result<void> checkFiles(const Manifest& manifest, const EntryMap& entries)
{
    for (const auto& file : manifest.files) {
        const auto found = entries.find(file.name);
        if (found == entries.end())
            return base::refused(fmt::format("The package lists {} and does not hold it.", file.name));
        if (found->second.size() != file.size || base::sha256Hex(found->second) != file.sha256)
            return base::refused(fmt::format("In the package {} is not the file that was signed.", file.name));
    }
    // Both sides have each name once, and all listed ones are there: a surplus is what nobody signed.
    if (entries.size() != manifest.files.size() + 2)
        return base::refused("The package holds a file that its manifest does not list.");
    return {};
}

// Left by a crash while manifest or signature of a draft were replaced ("signature.a8Xk2q").
bool isLeftover(std::string_view name)
{
    const auto of = [name](std::string_view whole) {
        return name.size() == whole.size() + 7 && name.starts_with(whole) && name[whole.size()] == '.';
    };
    return of(kManifestName) || of(kSignatureName);
}

// golden/N.png comes with the raw outputs for it: N.scores.f32 (anchors x classes) and N.boxes.f32 (anchors x 4).
base::Result<void> checkGolden(const Manifest& manifest, const EntryMap& entries)
{
    const std::size_t classes = manifest.spec.labels.size();
    for (auto entry = entries.lower_bound(kGolden); entry != entries.end() && entry->first.starts_with(kGolden); ++entry) {
        if (!entry->first.ends_with(kPng))
            continue;
        const std::string stem = entry->first.substr(0, entry->first.size() - kPng.size());
        const auto scores = entries.find(stem + ".scores.f32"), boxes = entries.find(stem + ".boxes.f32");
        if (scores == entries.end() || boxes == entries.end())
            return base::refused(fmt::format("In the package {} has no outputs to compare with.", entry->first));
        const std::size_t anchors = boxes->second.size() / (4 * sizeof(float));
        if (anchors == 0 || boxes->second.size() != anchors * 4 * sizeof(float)
            || scores->second.size() != anchors * classes * sizeof(float))
            return base::refused(fmt::format("In the package the outputs for {} have the wrong size.", entry->first));
    }
    return {};
}

}

base::Result<void> checkContent(const Manifest& manifest, const EntryMap& entries)
{
    PERCEPT_TRY(checkFiles(manifest, entries));
    PERCEPT_TRY(checkGolden(manifest, entries));
    const auto model = entries.find(kModelName);
    if (model == entries.end())
        return base::refused("The package holds no model.onnx.");
    return checkOnnx(model->second, manifest.spec);
}

Manifest describeFiles(Manifest manifest, const EntryMap& files, const SigningKey& key)
{
    manifest.publicKey = publicKeyText(key.publicKey);
    manifest.files.clear();
    for (const auto& [name, bytes] : files) // sorted, as a map is
        if (name != kManifestName && name != kSignatureName)
            manifest.files.push_back({ name, bytes.size(), base::sha256Hex(bytes) });
    return manifest;
}

EntryMap viewsOf(const std::map<std::string, Bytes, std::less<>>& files)
{
    EntryMap views;
    for (const auto& [name, bytes] : files)
        views.emplace(name, ByteView(bytes));
    return views;
}

base::Result<std::map<std::string, Bytes, std::less<>>> readFolder(const fs::path& folder)
{
    std::map<std::string, Bytes, std::less<>> files;
    std::uint64_t total = 0;
    std::error_code problem;
    for (fs::recursive_directory_iterator it(folder, problem), end; it != end && !problem; it.increment(problem)) {
        const auto status = it->symlink_status(problem);
        if (problem || fs::is_directory(status))
            continue;
        const std::string name = it->path().lexically_relative(folder).generic_string();
        if (isLeftover(name) && fs::is_regular_file(status))
            continue;
        if (!fs::is_regular_file(status) || !isEntryName(name))
            return base::refused(folder.string() + " holds something that does not belong into a package: " + name);
        PERCEPT_ASSIGN(bytes, base::readFile(it->path(), kMaxZipBytes - total));
        total += bytes.size();
        files.emplace(name, std::move(bytes));
        if (files.size() > kMaxEntries)
            return base::refused(fmt::format("{} holds over {} files; a package must not.", folder.string(), kMaxEntries));
    }
    if (problem)
        return base::failed(fmt::format("{} cannot be read: {}.", folder.string(), problem.message()));
    return files;
}

}
