#pragma once

#include "core/fleet/fleet_store.h"
#include "core/packaging/package.h"

namespace percept::fleet {

// The packages that a hub gives out: FOLDER/packages/SHA256.ppkg, and what the store knows of them. find(): any thread; one at
// a time adds or reissues.
class PackageShelf {
public:
    explicit PackageShelf(FleetStore& store)
        : m_store(store)
    {
    }
    // Takes a package that this user's key has signed. When devices would refuse it as not newer than what was rolled out,
    // it is signed again as the next release; the model stays the same, byte for byte.
    base::Result<StoredPackage> add(const std::filesystem::path& file);
    // A package of the shelf as the next release: how an older model comes back to devices that never take an older one.
    base::Result<StoredPackage> reissue(const std::string& sha256);
    // Nothing for a hash that the shelf does not hold.
    std::optional<std::filesystem::path> find(const std::string& sha256) const;
    // The user's key, which packages are signed with and devices are told to trust.
    static base::Result<std::string> publicKey();

private:
    base::Result<StoredPackage> signAgain(packaging::Package& package, std::int64_t counter);
    base::Result<StoredPackage> keep(const std::filesystem::path& fresh, const packaging::Manifest& manifest);
    std::filesystem::path pathOf(const std::string& sha256) const { return m_store.folder() / "packages" / (sha256 + ".ppkg"); }

    FleetStore& m_store;
};

}
