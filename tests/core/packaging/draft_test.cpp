#include "core/base/files.h"
#include "core/packaging/package_files.h"
#include "tests/support/full_disk.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"

#include <filesystem>
#include <gtest/gtest.h>

namespace percept::packaging {
namespace {

namespace fs = std::filesystem;

TEST(Package, writesTheSameBytesForTheSameContentAndReadsThemBack)
{
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestPackage(folder / "a.ppkg").hasValue());
    ASSERT_TRUE(test::makeTestPackage(folder / "b.ppkg").hasValue());
    EXPECT_EQ(base::readFile(folder / "a.ppkg").value(), base::readFile(folder / "b.ppkg").value());
    const auto package = Package::open(folder / "a.ppkg");
    ASSERT_TRUE(package.hasValue()) << package.error().message;
    EXPECT_EQ(package.value().manifest().name, "Coloured squares");
    EXPECT_EQ(package.value().manifest().version, "1.0");
    EXPECT_EQ(package.value().manifest().spec, test::testSpec());
    const auto files = test::testPackageFiles(test::testSpec());
    EXPECT_EQ(package.value().manifest().files.size(), files.size());
    const auto model = package.value().file("model.onnx");
    EXPECT_TRUE(std::equal(model.value().begin(), model.value().end(), files.at("model.onnx").begin(), files.at("model.onnx").end()));
    EXPECT_EQ(package.value().file("other").error().code, base::ErrorCode::NotFound);
}

TEST(Package, unzipReadsIt)
{
    if (std::system("unzip -v > /dev/null 2>&1") != 0)
        GTEST_SKIP() << "unzip is not installed (apt-get install unzip)";
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestPackage(folder / "a.ppkg").hasValue());
    EXPECT_EQ(std::system(("unzip -tq " + (folder / "a.ppkg").string() + " > /dev/null").c_str()), 0);
}

TEST(Package, namesTheFileThatIsMissingOrRefused)
{
    test::TemporaryFolder folder;
    EXPECT_EQ(Package::open(folder / "none.ppkg").error().code, base::ErrorCode::NotFound);
    ASSERT_TRUE(base::atomicWrite(folder / "bad.ppkg", std::string_view("hello")).hasValue());
    const auto opened = Package::open(folder / "bad.ppkg");
    EXPECT_EQ(opened.error().code, base::ErrorCode::Refused);
    EXPECT_NE(opened.error().message.find("bad.ppkg"), std::string::npos);
}

TEST(Package, whatADeviceWouldRefuseIsNotWritten)
{
    test::TemporaryFolder folder;
    auto files = test::testPackageFiles(test::testSpec());
    files["model.onnx"] = { 1, 2, 3 };
    EXPECT_TRUE(writePackage(folder / "a.ppkg", test::testManifest(test::testSpec()), files, test::testKey()).hasError());
    files = test::testPackageFiles(test::testSpec());
    files["../evil"] = { 1 };
    EXPECT_TRUE(writePackage(folder / "a.ppkg", test::testManifest(test::testSpec()), files, test::testKey()).hasError());
    auto manifest = test::testManifest(test::testSpec());
    manifest.name = "\xff\xfe";
    EXPECT_TRUE(writePackage(folder / "a.ppkg", manifest, test::testPackageFiles(test::testSpec()), test::testKey()).hasError());
    EXPECT_FALSE(fs::exists(folder / "a.ppkg"));
}

TEST(Draft, opensAndIsSignedAnewWithOtherThresholds)
{
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestDraft(folder.path()).hasValue());
    const auto draft = Package::open(folder.path());
    ASSERT_TRUE(draft.hasValue()) << draft.error().message;
    auto manifest = draft.value().manifest();
    EXPECT_EQ(manifest.version, "draft");
    manifest.spec.labels[0].threshold = 0.25;
    ASSERT_TRUE(signDraft(folder.path(), manifest, test::testKey()).hasValue());
    const auto changed = Package::open(folder.path());
    ASSERT_TRUE(changed.hasValue()) << changed.error().message;
    EXPECT_EQ(changed.value().manifest().spec.labels[0].threshold, 0.25);
    EXPECT_EQ(base::readFile(folder / "signature").value().size(), kSignatureBytes);
    EXPECT_NE(changed.value().sha256(), draft.value().sha256());
}

// The three writes of signDraft, stopped after each: the draft opens, as the old one or as the new one.
TEST(Draft, isValidAfterACrashBetweenAnyTwoWrites)
{
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestDraft(folder.path()).hasValue());
    const auto oldManifest = base::readFile(folder / "manifest.json").value(), oldSignature = base::readFile(folder / "signature").value();
    auto manifest = Package::open(folder.path()).value().manifest();
    manifest.spec.labels[0].threshold = 0.25;
    ASSERT_TRUE(signDraft(folder.path(), manifest, test::testKey()).hasValue());
    const auto newManifest = base::readFile(folder / "manifest.json").value(), newSignature = base::readFile(folder / "signature").value();
    Bytes both = newSignature;
    both.insert(both.end(), oldSignature.begin(), oldSignature.end());
    const auto thresholdOf = [&](const Bytes& manifestBytes, const Bytes& signatureBytes) {
        EXPECT_TRUE(base::atomicWrite(folder / "manifest.json", ByteView(manifestBytes)).hasValue());
        EXPECT_TRUE(base::atomicWrite(folder / "signature", ByteView(signatureBytes)).hasValue());
        const auto opened = Package::open(folder.path());
        return opened.hasValue() ? opened.value().manifest().spec.labels[0].threshold : -1;
    };
    EXPECT_EQ(thresholdOf(oldManifest, both), 0.5);
    EXPECT_EQ(thresholdOf(newManifest, both), 0.25);
    EXPECT_EQ(thresholdOf(newManifest, newSignature), 0.25);
    EXPECT_EQ(thresholdOf(newManifest, oldSignature), -1);
    // And with what an interrupted write leaves lying about.
    ASSERT_TRUE(base::atomicWrite(folder / "manifest.json.a8Xk2q", std::string_view("half")).hasValue());
    EXPECT_EQ(thresholdOf(newManifest, newSignature), 0.25);
}

// The first of the three writes succeeds, the second does not: the manifest that stays has its signature still.
TEST(Draft, staysTheOldOneWhenTheNewManifestCannotBeWritten)
{
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestDraft(folder.path()).hasValue());
    auto manifest = Package::open(folder.path()).value().manifest();
    manifest.spec.labels[0].threshold = 0.25;
    {
        const test::FullDisk roomForTwoSignatures(2 * kSignatureBytes);
        EXPECT_TRUE(signDraft(folder.path(), manifest, test::testKey()).hasError());
    }
    const auto opened = Package::open(folder.path());
    ASSERT_TRUE(opened.hasValue()) << opened.error().message;
    EXPECT_EQ(opened.value().manifest().spec.labels[0].threshold, 0.5);
}

TEST(Draft, refusesStrangersInItsFolder)
{
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestDraft(folder.path()).hasValue());
    fs::create_symlink("/etc/passwd", folder / "golden/2.png");
    EXPECT_EQ(Package::open(folder.path()).error().code, base::ErrorCode::Refused);
    fs::remove(folder / "golden/2.png");
    ASSERT_TRUE(Package::open(folder.path()).hasValue());
    ASSERT_TRUE(base::atomicWrite(folder / "extra.bin", std::string_view("x")).hasValue());
    EXPECT_EQ(Package::open(folder.path()).error().code, base::ErrorCode::Refused);
}

}
}
