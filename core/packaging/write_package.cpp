#include "core/base/files.h"
#include "core/packaging/package_files.h"

#include <filesystem>

namespace percept::packaging {

namespace fs = std::filesystem;

namespace {

ByteView bytesOf(std::string_view text) { return { reinterpret_cast<const std::uint8_t*>(text.data()), text.size() }; }

base::Result<void> refuseReservedNames(const EntryMap& files)
{
    if (files.contains(kManifestName) || files.contains(kSignatureName))
        return base::refused("manifest.json and signature of a package are made by Percept; they cannot be given.");
    return {};
}

// A draft that was signed before: its signatures go on being valid for the manifest that lies there until it is replaced.
Bytes signaturesThere(const std::map<std::string, Bytes, std::less<>>& files, const SigningKey& key)
{
    const auto manifest = files.find(kManifestName), signature = files.find(kSignatureName);
    if (manifest == files.end() || signature == files.end())
        return {};
    for (std::size_t at = 0; at + kSignatureBytes <= signature->second.size(); at += kSignatureBytes) {
        const ByteView one = ByteView(signature->second).subspan(at, kSignatureBytes);
        if (isSignatureOf(one, manifest->second, key.publicKey))
            return Bytes(one.begin(), one.end());
    }
    return {};
}

}

base::Result<void> writePackage(const fs::path& out, Manifest manifest,
    const std::map<std::string, std::vector<std::uint8_t>>& files, const SigningKey& key)
{
    EntryMap entries;
    for (const auto& [name, bytes] : files)
        entries.emplace(name, ByteView(bytes));
    PERCEPT_TRY(refuseReservedNames(entries));
    PERCEPT_TRY(startSodium());
    PERCEPT_ASSIGN(text, manifestText(describeFiles(std::move(manifest), entries, key)));
    const Bytes signature = signatureOf(bytesOf(text), key);
    entries.emplace(kManifestName, bytesOf(text));
    entries.emplace(kSignatureName, ByteView(signature));
    PERCEPT_ASSIGN(zip, writeCanonicalZip(entries));
    // What a device would refuse must not leave the desk.
    PERCEPT_TRY(verifyPackage(zip, publicKeyText(key.publicKey)));
    return base::atomicWrite(out, zip);
}

base::Result<void> signDraft(const fs::path& folder, Manifest manifest, const SigningKey& key)
{
    PERCEPT_TRY(startSodium());
    PERCEPT_ASSIGN(files, readFolder(folder));
    const Bytes before = signaturesThere(files, key);
    files.erase(std::string(kManifestName));
    files.erase(std::string(kSignatureName));
    EntryMap entries = viewsOf(files);
    PERCEPT_ASSIGN(text, manifestText(describeFiles(std::move(manifest), entries, key)));
    const Bytes signature = signatureOf(bytesOf(text), key);
    entries.emplace(kManifestName, bytesOf(text));
    entries.emplace(kSignatureName, ByteView(signature));
    PERCEPT_TRY(verifyEntries(entries, publicKeyText(key.publicKey), 1));
    Bytes both = signature;
    both.insert(both.end(), before.begin(), before.end());
    PERCEPT_TRY(base::atomicWrite(folder / kSignatureName, both));
    PERCEPT_TRY(base::atomicWrite(folder / kManifestName, text));
    return base::atomicWrite(folder / kSignatureName, signature);
}

}
