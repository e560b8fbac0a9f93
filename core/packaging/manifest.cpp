#include "core/base/hash.h"
#include "core/packaging/package_files.h"
#include "core/protocol/json_fields.h"

#include <algorithm>
#include <fmt/format.h>

namespace percept::packaging {

namespace {

constexpr int kFormat = 1;
constexpr std::size_t kMaxNameBytes = 200;
constexpr std::int64_t kMaxCount = 1ll << 53; // what every reader of JSON holds exactly

base::Error bad(std::string_view field, std::string_view why)
{
    return base::refused(fmt::format("The package's manifest is not valid: {} {}.", field, why));
}

bool isHex(std::string_view text, std::size_t length)
{
    return text.size() == length
        && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// "1.0", "12.3.1", "draft"
bool isVersion(std::string_view text)
{
    if (text == "draft")
        return true;
    std::size_t start = 0;
    for (int part = 0; part < 3; ++part) {
        const std::size_t end = std::min(text.find('.', start), text.size());
        const std::string_view digits = text.substr(start, end - start);
        const bool number = !digits.empty() && digits.size() <= 6
            && std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!number)
            return false;
        if (end == text.size())
            return true;
        start = end + 1;
    }
    return false;
}

bool hasControlCharacters(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

base::Result<FileEntry> fileFromJson(const nlohmann::json& json)
{
    protocol::JsonFields fields(json, "A file of the package's manifest");
    FileEntry file;
    file.name = fields.requiredText("name", kMaxNameBytes);
    file.size = static_cast<std::uint64_t>(fields.requiredInteger("size", 0, kMaxZipBytes));
    file.sha256 = fields.requiredText("sha256", 64);
    if (fields.hasFault())
        return fields.fault();
    if (!isEntryName(file.name) || file.name == kManifestName || file.name == kSignatureName)
        return bad("files", "has a name that a package must not have");
    if (!isHex(file.sha256, 64))
        return bad("files", "has a hash that cannot be");
    return file;
}

base::Result<std::vector<FileEntry>> filesFromJson(const nlohmann::json& json)
{
    std::vector<FileEntry> files;
    for (const auto& element : json) {
        PERCEPT_ASSIGN(file, fileFromJson(element));
        if (!files.empty() && !(files.back().name < file.name))
            return bad("files", "must be sorted, each name once");
        files.push_back(std::move(file));
    }
    return files;
}

base::Result<void> checkIdentity(const Manifest& manifest)
{
    if (manifest.name.empty() || hasControlCharacters(manifest.name))
        return bad("name", "is empty or not printable");
    if (hasControlCharacters(manifest.run + manifest.parent) || manifest.run.size() + manifest.parent.size() > 2 * kMaxNameBytes)
        return bad("run", "or parent is not a name");
    if (!isVersion(manifest.version))
        return bad("version", "must be a number such as 1.3, or draft");
    if (!manifest.datasetManifestSha256.empty() && !isHex(manifest.datasetManifestSha256, 64))
        return bad("datasetManifestSha256", "is not a SHA-256");
    PERCEPT_TRY(publicKeyFromText(manifest.publicKey));
    return {};
}

}

nlohmann::json toJson(const Manifest& manifest)
{
    nlohmann::json files = nlohmann::json::array();
    for (const auto& file : manifest.files)
        files.push_back({ { "name", file.name }, { "size", file.size }, { "sha256", file.sha256 } });
    return { { "format", manifest.format }, { "name", manifest.name }, { "version", manifest.version },
        { "spec", protocol::toJson(manifest.spec) },
        { "metrics", manifest.metrics.is_null() ? nlohmann::json::object() : manifest.metrics },
        { "datasetVersion", manifest.datasetVersion }, { "datasetManifestSha256", manifest.datasetManifestSha256 },
        { "run", manifest.run }, { "parent", manifest.parent }, { "createdMs", manifest.createdMs },
        { "releaseCounter", manifest.releaseCounter }, { "publicKey", manifest.publicKey }, { "files", std::move(files) } };
}

base::Result<Manifest> manifestFromJson(const nlohmann::json& json)
{
    protocol::JsonFields fields(json, "The package's manifest");
    Manifest manifest;
    manifest.format = static_cast<int>(fields.requiredInteger("format", 1, 1 << 20));
    if (!fields.hasFault() && manifest.format > kFormat)
        return base::refused(fmt::format("The package was written by a newer Percept (format {}; this one reads {}). "
                                         "Update Percept to use it.", manifest.format, kFormat));
    manifest.name = fields.requiredText("name", kMaxNameBytes);
    manifest.version = fields.requiredText("version", kMaxNameBytes);
    manifest.datasetVersion = fields.requiredInteger("datasetVersion", 0, kMaxCount);
    manifest.datasetManifestSha256 = fields.text("datasetManifestSha256");
    manifest.run = fields.text("run");
    manifest.parent = fields.text("parent");
    manifest.createdMs = fields.requiredInteger("createdMs", 0, kMaxCount);
    manifest.releaseCounter = fields.requiredInteger("releaseCounter", 0, kMaxCount);
    manifest.publicKey = fields.requiredText("publicKey", kMaxNameBytes);
    if (fields.object("metrics") == nullptr || fields.object("spec") == nullptr)
        fields.setFault("metrics", "or spec is missing");
    const auto* files = fields.array("files", kMaxEntries);
    if (files == nullptr || files->empty())
        fields.setFault("files", "is missing or empty");
    if (fields.hasFault())
        return fields.fault();
    manifest.metrics = json["metrics"];
    PERCEPT_TRY(checkIdentity(manifest));
    PERCEPT_ASSIGN(spec, protocol::modelSpecFromJson(json["spec"]));
    manifest.spec = std::move(spec);
    PERCEPT_ASSIGN(entries, filesFromJson(*files));
    manifest.files = std::move(entries);
    return manifest;
}

base::Result<std::string> manifestText(const Manifest& manifest)
{
    try {
        std::string text = toJson(manifest).dump(1) + "\n";
        if (text.size() > kMaxManifestBytes)
            return base::refused("The manifest of the package would be over 4 MiB. Ship fewer metrics or files.");
        // What cannot be read back must not be signed.
        PERCEPT_TRY(parseManifest(ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())));
        return text;
    } catch (const nlohmann::json::exception& e) {
        return base::refused("The manifest of the package cannot be written: a name in it is not valid text.", e.what());
    }
}

base::Result<Manifest> parseManifest(ByteView bytes)
{
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    PERCEPT_ASSIGN(json, protocol::parseJson(text, "The package's manifest", kMaxManifestBytes));
    try {
        // One text per content: a number written oddly or a space more could be read in two ways.
        if (json.dump(1) + "\n" != text)
            return base::refused("The package's manifest was not written by Percept.");
        return manifestFromJson(json);
    } catch (const nlohmann::json::exception& e) {
        return base::refused("The package's manifest is not valid JSON.", e.what());
    }
}

}
