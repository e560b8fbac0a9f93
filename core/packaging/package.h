#pragma once

#include "core/base/result.h"
#include "core/protocol/model_spec.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

namespace percept::packaging {

// The user's Ed25519 key, made on first use in configFolder()/keys (mode 0600), outside every project.
struct SigningKey { std::array<std::uint8_t, 32> publicKey {}; std::array<std::uint8_t, 64> secretKey {}; };
base::Result<SigningKey> loadOrMakeUserKey();
std::string publicKeyText(const std::array<std::uint8_t, 32>& key); // base64
base::Result<std::array<std::uint8_t, 32>> publicKeyFromText(std::string_view text);

struct FileEntry { std::string name; std::uint64_t size = 0; std::string sha256; };
// manifest.json. Everything that a person or a device must know without running the model.
struct Manifest {
    int format = 1;
    std::string name;            // project name
    std::string version;         // "1.3"; "draft" in a run directory
    protocol::ModelSpec spec;
    nlohmann::json metrics;      // evaluation documents by set: what this very model scored
    std::int64_t datasetVersion = 0;
    std::string datasetManifestSha256;
    std::string run, parent;
    std::int64_t createdMs = 0;
    std::int64_t releaseCounter = 0;
    std::string publicKey;       // base64 of the signer
    std::vector<FileEntry> files; // sorted by name; all but manifest.json and signature
};
nlohmann::json toJson(const Manifest& manifest);
base::Result<Manifest> manifestFromJson(const nlohmann::json& json);

// Error::detail where the signature is missing, does not fit, or is not that of the trusted key.
inline constexpr std::string_view kSignatureFault = "signature";

// A package in memory: verified bytes are the bytes that run.
class Package {
public:
    // A .ppkg file or the folder of a draft package. Verifies everything (see verifyPackage) before it returns.
    static base::Result<Package> open(const std::filesystem::path& path, const std::string& trustedKey = {});
    const Manifest& manifest() const { return m_manifest; }
    base::Result<std::span<const std::uint8_t>> file(std::string_view name) const;
    // Frees the bytes of one file: a device keeps no second copy of the model that its engine has taken.
    void release(std::string_view name);
    std::string sha256() const { return m_sha256; } // of the whole .ppkg; of the manifest for a draft folder

private:
    Manifest m_manifest;
    std::map<std::string, std::vector<std::uint8_t>, std::less<>> m_files;
    std::string m_sha256;
    friend struct PackageParser;
};

// The manifest alone, of a .ppkg file or a draft's folder, with nothing verified: for names and lists, never to run a model by.
base::Result<Manifest> readManifest(const std::filesystem::path& path);

// Signs and writes: canonical zip (stored, sorted, fixed headers) to `out`, atomically. `files`: name -> bytes.
base::Result<void> writePackage(const std::filesystem::path& out, Manifest manifest,
    const std::map<std::string, std::vector<std::uint8_t>>& files, const SigningKey& key);
// The same content as a folder (manifest.json, signature, files in place): a draft in runs/ID/model/.
base::Result<void> signDraft(const std::filesystem::path& folder, Manifest manifest, const SigningKey& key);

// Order: size caps -> zip is canonical (rebuilt from its entries and compared byte by byte) -> signature over manifest.json
// -> every file's size and hash, none missing, none extra -> spec ranges -> ONNX check. Refused, with a sentence, at the first fault.
// trustedKey (base64): the signer must be this one; empty: the key in the manifest.
base::Result<Manifest> verifyPackage(std::span<const std::uint8_t> bytes, const std::string& trustedKey = {});

// ONNX without external data, known operators and opset, bounded tensors, inputs and outputs as the spec says.
base::Result<void> checkOnnx(std::span<const std::uint8_t> onnx, const protocol::ModelSpec& spec);

}
