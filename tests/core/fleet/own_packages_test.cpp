// Whose a model is, where two projects have the same name and the same versions.
#include "core/fleet/own_packages.h"

#include "core/dataset/project_store.h"
#include "core/fleet/package_shelf.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"

#include <cstdlib>
#include <gtest/gtest.h>

namespace percept::fleet {
namespace {

namespace fs = std::filesystem;

class OwnPackagesTest : public ::testing::Test {
protected:
    OwnPackagesTest()
    {
        ::setenv("PERCEPT_CONFIG_DIR", (folder / "config").c_str(), 1);
        store = FleetStore::open(state, "test").value();
    }
    // A project called "Blood cells" with a version 1.0 that was made at this time.
    std::unique_ptr<dataset::ProjectStore> makeProject(const char* name, std::int64_t createdMs)
    {
        const fs::path at = folder / name;
        auto project = dataset::ProjectStore::create(at, "Blood cells", domain::Task::Detection, { "red" }).value();
        fs::create_directories(at / "packages");
        auto manifest = test::testManifest(test::testSpec());
        manifest.name = "Blood cells";
        manifest.createdMs = createdMs;
        manifest.releaseCounter = 1;
        EXPECT_TRUE(packaging::writePackage(at / "packages" / "a.ppkg", manifest, test::testPackageFiles(test::testSpec()), packaging::loadOrMakeUserKey().value()).hasValue());
        EXPECT_TRUE(project->addModelVersion("r0001", "packages/a.ppkg").hasValue());
        return project;
    }
    NamedModel deployed(const char* name)
    {
        const auto package = PackageShelf(*store).add(folder / name / "packages" / "a.ppkg").value();
        EXPECT_TRUE(store->beginRollout(package.sha256, 1).hasValue());
        EXPECT_TRUE(store->stopRollout("enough", 2).hasValue());
        return { package.name, package.version, package.sha256 };
    }

    test::TemporaryFolder folder;
    fs::path state = folder / "fleet";
    std::unique_ptr<FleetStore> store;
};

}

TEST_F(OwnPackagesTest, aModelIsThatOfItsProjectAsWhicheverRelease)
{
    const auto mine = makeProject("a.percept", 1'000), others = makeProject("b.percept", 2'000);
    const NamedModel first = deployed("a.percept"), second = deployed("b.percept");
    EXPECT_EQ(first.name, second.name);
    EXPECT_EQ(first.version, second.version);
    const auto again = PackageShelf(*store).reissue(first.sha256).value();
    ASSERT_NE(again.sha256, first.sha256);
    OwnPackages own(state), theirs(state);
    ASSERT_TRUE(own.read(*mine).hasValue());
    ASSERT_TRUE(theirs.read(*others).hasValue());
    EXPECT_EQ(own.versionOf(first), "1.0");
    EXPECT_EQ(own.versionOf({ again.name, again.version, again.sha256 }), "1.0") << "signed again it is the same model";
    EXPECT_FALSE(own.has(second));
    EXPECT_FALSE(theirs.has(first));
    EXPECT_TRUE(theirs.has(second));
    EXPECT_TRUE(own.test()(first));
}

// Whoever replaces the 1.0 of another project by the own 1.0 can go back to it; the same model once more is nothing to go back to.
TEST_F(OwnPackagesTest, aRollBackKnowsModelsThatAreCalledTheSame)
{
    const auto mine = makeProject("a.percept", 1'000), others = makeProject("b.percept", 2'000);
    PackageShelf shelf(*store);
    const auto rollOut = [&](const StoredPackage& package) {
        const auto begun = store->beginRollout(package.sha256, 1).value().rollout;
        EXPECT_TRUE(store->promoteRollout(2).hasValue() && store->promoteRollout(3).hasValue());
        return begun;
    };
    const auto first = shelf.add(folder / "a.percept" / "packages" / "a.ppkg").value();
    EXPECT_EQ(rollOut(first).previous, "");
    EXPECT_EQ(rollOut(shelf.reissue(first.sha256).value()).previous, "");
    const auto before = store->readCurrentRollout().value()->package.sha256;
    EXPECT_EQ(rollOut(shelf.add(folder / "b.percept" / "packages" / "a.ppkg").value()).previous, before);
}

TEST_F(OwnPackagesTest, whatAHubHasNoFileOfIsKnownByItsBytesThenByItsName)
{
    const auto mine = makeProject("a.percept", 1'000);
    OwnPackages own(state);
    ASSERT_TRUE(own.read(*mine).hasValue());
    const auto bytes = packaging::Package::open(folder / "a.percept" / "packages" / "a.ppkg").value().sha256();
    EXPECT_EQ(own.versionOf({ "", "1.0", bytes }), "1.0") << "a device got it by hand";
    EXPECT_FALSE(own.has({ "", "1.0", std::string(64, 'a') }));
    EXPECT_FALSE(own.has({ "Parts", "1.0", std::string(64, 'a') }));
    EXPECT_TRUE(own.has({ "Blood cells", "1.0", std::string(64, 'a') })) << "nothing else is known of it";
}

}
