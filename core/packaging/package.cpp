#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/packaging/package_files.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace percept::packaging {

namespace fs = std::filesystem;

namespace {

// In a draft's folder manifest and signature are two files that cannot change in one step. While it is signed anew the
// signature file holds both signatures, so that whichever manifest a crash leaves behind has its own.
constexpr std::size_t kDraftSignatures = 2;

base::Result<void> checkSignature(ByteView manifest, ByteView signatures, std::size_t maxSignatures,
    const std::array<std::uint8_t, 32>& key)
{
    if (signatures.empty() || signatures.size() % kSignatureBytes != 0 || signatures.size() / kSignatureBytes > maxSignatures)
        return base::refused("The package is not signed.", std::string(kSignatureFault));
    for (std::size_t at = 0; at < signatures.size(); at += kSignatureBytes)
        if (isSignatureOf(signatures.subspan(at, kSignatureBytes), manifest, key))
            return {};
    return base::refused("The package's signature does not fit: it was changed after signing, or another key signed it.",
        std::string(kSignatureFault));
}

base::Error inFile(base::Error error, const fs::path& path)
{
    error.message = path.string() + ": " + error.message;
    return error;
}

}

// Makes a Package of parts that were verified.
struct PackageParser {
    static Package assemble(Manifest manifest, std::map<std::string, Bytes, std::less<>> files, std::string sha256)
    {
        Package package;
        package.m_manifest = std::move(manifest);
        package.m_files = std::move(files);
        package.m_sha256 = std::move(sha256);
        return package;
    }
};

base::Result<Manifest> verifyEntries(const EntryMap& entries, const std::string& trustedKey, std::size_t maxSignatures)
{
    const auto manifestEntry = entries.find(kManifestName), signature = entries.find(kSignatureName);
    if (manifestEntry == entries.end())
        return base::refused("It has no manifest.json, so it is not a Percept package.");
    if (signature == entries.end())
        return base::refused("The package is not signed.", std::string(kSignatureFault));
    PERCEPT_TRY(startSodium());
    if (!trustedKey.empty()) { // nothing of a stranger's manifest is read before its signature was
        PERCEPT_ASSIGN(key, publicKeyFromText(trustedKey));
        PERCEPT_TRY(checkSignature(manifestEntry->second, signature->second, maxSignatures, key));
    }
    PERCEPT_ASSIGN(manifest, parseManifest(manifestEntry->second));
    if (!trustedKey.empty() && manifest.publicKey != trustedKey)
        return base::refused("The package names another signer than the trusted one.", std::string(kSignatureFault));
    PERCEPT_ASSIGN(key, publicKeyFromText(manifest.publicKey));
    PERCEPT_TRY(checkSignature(manifestEntry->second, signature->second, maxSignatures, key));
    PERCEPT_TRY(checkContent(manifest, entries));
    return manifest;
}

base::Result<Manifest> verifyPackage(std::span<const std::uint8_t> bytes, const std::string& trustedKey)
{
    PERCEPT_ASSIGN(entries, readCanonicalZip(bytes));
    return verifyEntries(entries, trustedKey, 1);
}

base::Result<Manifest> readManifest(const fs::path& path)
{
    std::error_code problem;
    if (!fs::exists(path, problem))
        return base::notFound("There is no package " + path.string() + ".");
    if (fs::is_directory(path, problem)) {
        PERCEPT_ASSIGN(text, base::readFile(path / kManifestName, kMaxManifestBytes));
        return parseManifest(text);
    }
    PERCEPT_ASSIGN(bytes, base::readFile(path, kMaxZipBytes));
    const auto entries = readCanonicalZip(bytes);
    if (entries.hasError())
        return inFile(entries.error(), path);
    const auto manifest = entries->find(kManifestName);
    if (manifest == entries->end())
        return base::refused(path.string() + " has no manifest.json, so it is not a Percept package.");
    return parseManifest(manifest->second);
}

base::Result<Package> Package::open(const fs::path& path, const std::string& trustedKey)
{
    std::error_code problem;
    if (!fs::exists(path, problem))
        return base::notFound("There is no package " + path.string() + ".");
    std::map<std::string, Bytes, std::less<>> files;
    std::string sha256;
    base::Result<Manifest> manifest = base::failed("");
    if (fs::is_directory(path, problem)) {
        PERCEPT_ASSIGN(folder, readFolder(path));
        files = std::move(folder);
        manifest = verifyEntries(viewsOf(files), trustedKey, kDraftSignatures);
        if (manifest.hasValue())
            sha256 = base::sha256Hex(files.find(kManifestName)->second);
    } else {
        PERCEPT_ASSIGN(bytes, base::readFile(path, kMaxZipBytes));
        const auto entries = readCanonicalZip(bytes);
        if (entries.hasError())
            return inFile(entries.error(), path);
        manifest = verifyEntries(entries.value(), trustedKey, 1);
        // Copied out of the very bytes that were verified: the file is not read a second time.
        for (const auto& [name, view] : entries.value())
            files.emplace(name, Bytes(view.begin(), view.end()));
        sha256 = base::sha256Hex(bytes);
    }
    if (manifest.hasError())
        return inFile(manifest.error(), path);
    return PackageParser::assemble(std::move(manifest).value(), std::move(files), std::move(sha256));
}

void Package::release(std::string_view name)
{
    if (const auto found = m_files.find(name); found != m_files.end())
        m_files.erase(found);
}

base::Result<std::span<const std::uint8_t>> Package::file(std::string_view name) const
{
    const auto found = m_files.find(name);
    if (found == m_files.end())
        return base::notFound(fmt::format("The package has no file {}.", name));
    return ByteView(found->second);
}

}
