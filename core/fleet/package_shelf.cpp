#include "core/fleet/package_shelf.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/time.h"
#include "core/protocol/fleet_fields.h"

namespace percept::fleet {

namespace fs = std::filesystem;

base::Result<std::string> PackageShelf::publicKey()
{
    PERCEPT_ASSIGN(key, packaging::loadOrMakeUserKey());
    return packaging::publicKeyText(key.publicKey);
}

std::optional<fs::path> PackageShelf::find(const std::string& sha256) const
{
    std::error_code error;
    if (!protocol::isSha256(sha256) || !fs::is_regular_file(pathOf(sha256), error))
        return std::nullopt;
    return pathOf(sha256);
}

base::Result<StoredPackage> PackageShelf::add(const fs::path& file)
{
    PERCEPT_ASSIGN(key, publicKey());
    PERCEPT_ASSIGN(package, packaging::Package::open(file, key));
    PERCEPT_ASSIGN(newest, m_store.readNewestRelease());
    if (package.manifest().releaseCounter <= newest)
        return signAgain(package, newest + 1);
    // A copy of our own first, and its bytes checked: the file given may change at any time.
    const fs::path fresh = m_store.folder() / "packages" / "incoming.ppkg";
    PERCEPT_ASSIGN(bytes, base::readFile(file));
    if (base::sha256Hex(bytes) != package.sha256())
        return base::refused(file.string() + " changed while it was read. Try again.");
    PERCEPT_TRY(base::atomicWrite(fresh, bytes));
    return keep(fresh, package.manifest());
}

base::Result<StoredPackage> PackageShelf::reissue(const std::string& sha256)
{
    const auto file = find(sha256);
    if (!file)
        return base::notFound("The hub has no package " + sha256 + ".");
    PERCEPT_ASSIGN(key, publicKey());
    PERCEPT_ASSIGN(package, packaging::Package::open(*file, key));
    PERCEPT_ASSIGN(newest, m_store.readNewestRelease());
    return signAgain(package, newest + 1);
}

base::Result<StoredPackage> PackageShelf::signAgain(packaging::Package& package, std::int64_t counter)
{
    packaging::Manifest manifest = package.manifest();
    manifest.releaseCounter = counter;
    std::map<std::string, std::vector<std::uint8_t>> files;
    for (const auto& entry : manifest.files) {
        PERCEPT_ASSIGN(bytes, package.file(entry.name));
        files[entry.name].assign(bytes.begin(), bytes.end());
    }
    PERCEPT_ASSIGN(key, packaging::loadOrMakeUserKey());
    const fs::path fresh = m_store.folder() / "packages" / "incoming.ppkg";
    PERCEPT_TRY(packaging::writePackage(fresh, manifest, files, key));
    return keep(fresh, manifest);
}

base::Result<StoredPackage> PackageShelf::keep(const fs::path& fresh, const packaging::Manifest& manifest)
{
    PERCEPT_ASSIGN(key, publicKey());
    PERCEPT_ASSIGN(sha256, base::sha256OfFile(fresh));
    std::error_code error;
    const auto bytes = static_cast<std::int64_t>(fs::file_size(fresh, error));
    if (!error)
        fs::rename(fresh, pathOf(sha256), error);
    if (error)
        return base::failed("The package cannot be kept in " + m_store.folder().string() + ": " + error.message() + ".");
    const StoredPackage stored { sha256, bytes, manifest.name, manifest.version, manifest.releaseCounter, key };
    PERCEPT_TRY(m_store.writePackage(stored, base::nowMs()));
    return stored;
}

}
