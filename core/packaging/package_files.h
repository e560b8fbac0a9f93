#pragma once

#include "core/packaging/canonical_zip.h"
#include "core/packaging/package.h"

// What reading and writing of packages share; nobody outside this folder needs it.
namespace percept::packaging {

inline constexpr std::string_view kManifestName = "manifest.json", kSignatureName = "signature", kModelName = "model.onnx";
inline constexpr std::size_t kSignatureBytes = 64;
inline constexpr std::uint64_t kMaxManifestBytes = 4u << 20;

base::Result<void> startSodium();
SigningKey keyFromSeed(ByteView seed32);
Bytes signatureOf(ByteView message, const SigningKey& key);
bool isSignatureOf(ByteView signature, ByteView message, const std::array<std::uint8_t, 32>& key);

// manifest.json as signed: one text per content (keys sorted, one indentation), so that a second reading cannot differ.
base::Result<std::string> manifestText(const Manifest& manifest);
base::Result<Manifest> parseManifest(ByteView text);

// Fills in the list of files and the signer.
Manifest describeFiles(Manifest manifest, const EntryMap& files, const SigningKey& key);

// All rules behind the container: signature (one of `signatures`, 64 bytes each), files as listed, model as specified.
// `entries` is everything in the package, manifest and signature included.
base::Result<Manifest> verifyEntries(const EntryMap& entries, const std::string& trustedKey, std::size_t maxSignatures);

// The content that a manifest may ship: files as listed, golden files complete, ONNX as the specification says.
base::Result<void> checkContent(const Manifest& manifest, const EntryMap& entries);

// Regular files below `folder`, read whole; names as in a package. Links and odd names are refused.
base::Result<std::map<std::string, Bytes, std::less<>>> readFolder(const std::filesystem::path& folder);
EntryMap viewsOf(const std::map<std::string, Bytes, std::less<>>& files);

}
