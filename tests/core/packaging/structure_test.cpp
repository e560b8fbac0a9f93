#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/packaging/package_files.h"
#include "tests/core/packaging/zip_builder.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>

namespace percept::packaging {
namespace {

using test::ZipEntry;
using test::ZipShape;
using nlohmann::json;

// A sound package in parts, which a case spoils in one place. `resign` says whether the attacker has the key.
struct Parts {
    std::map<std::string, Bytes> files = test::testPackageFiles(test::testSpec({ "a", "b" }, 32, 32));
    json manifest;
    SigningKey key = test::testKey();

    Parts()
    {
        EntryMap views;
        for (const auto& [name, bytes] : files)
            views.emplace(name, ByteView(bytes));
        manifest = toJson(describeFiles(test::testManifest(test::testSpec({ "a", "b" }, 32, 32)), views, key));
    }
    std::string text() const { return manifest.dump(1) + "\n"; }
    std::vector<ZipEntry> entries(std::string manifestText = {}, std::optional<Bytes> signature = {}) const
    {
        if (manifestText.empty())
            manifestText = text();
        const Bytes manifestBytes(manifestText.begin(), manifestText.end());
        std::vector<ZipEntry> list;
        for (const auto& [name, bytes] : files)
            list.push_back({ name, bytes });
        list.push_back({ "manifest.json", manifestBytes });
        list.push_back({ "signature", signature.value_or(signatureOf(manifestBytes, key)) });
        std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
        return list;
    }
};

ZipEntry& find(std::vector<ZipEntry>& entries, const std::string& name)
{
    return *std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.name == name; });
}

void drop(std::vector<ZipEntry>& entries, const std::string& name)
{
    std::erase_if(entries, [&](const auto& entry) { return entry.name == name; });
}

// The file of that name in the manifest.
json& listed(Parts& parts, const std::string& name)
{
    for (auto& file : parts.manifest["files"])
        if (file["name"] == name)
            return file;
    throw std::runtime_error(name);
}

void replaceFile(Parts& parts, const std::string& name, Bytes bytes)
{
    listed(parts, name)["size"] = bytes.size();
    listed(parts, name)["sha256"] = base::sha256Hex(bytes);
    parts.files[name] = std::move(bytes);
}

struct Case {
    const char* name;
    std::function<Bytes(Parts&)> make;
};

Bytes withEntries(Parts& parts, const std::function<void(std::vector<ZipEntry>&)>& spoil, const ZipShape& shape = {})
{
    auto entries = parts.entries();
    spoil(entries);
    return test::buildZip(entries, shape);
}

Bytes withManifest(Parts& parts, const std::function<void(json&)>& spoil)
{
    spoil(parts.manifest);
    return test::buildZip(parts.entries());
}

Bytes withText(Parts& parts, const std::function<void(std::string&)>& spoil)
{
    std::string text = parts.text();
    spoil(text);
    return test::buildZip(parts.entries(text));
}

void nothing(std::vector<ZipEntry>&) { }

const std::vector<Case>& cases()
{
    static const std::vector<Case> list {
        // the container
        { "empty", [](Parts&) { return Bytes(); } },
        { "onlyTheEndOfAZip", [](Parts&) { return test::buildZip({}); } },
        { "textBeforeIt", [](Parts& p) { return withEntries(p, nothing, { .prefix = "#!/bin/sh\n" }); } },
        { "dataBehindIt", [](Parts& p) { return withEntries(p, nothing, { .suffix = "x" }); } },
        { "aGapBeforeTheDirectory", [](Parts& p) { return withEntries(p, nothing, { .gap = "gap" }); } },
        { "aComment", [](Parts& p) { return withEntries(p, nothing, { .comment = "hello" }); } },
        { "moreEntriesCountedThanThere", [](Parts& p) { return withEntries(p, nothing, { .countChange = 1 }); } },
        { "fewerEntriesCountedThanThere", [](Parts& p) { return withEntries(p, nothing, { .countChange = -1 }); } },
        { "notSorted", [](Parts& p) { return withEntries(p, [](auto& e) { std::swap(e[0], e[1]); }); } },
        { "anEntryTwice", [](Parts& p) { return withEntries(p, [](auto& e) { e.insert(e.begin(), e[0]); }); } },
        { "twoManifests", [](Parts& p) { return withEntries(p, [](auto& e) { e.push_back(find(e, "manifest.json")); }); } },
        { "twinInCapitals",
            [](Parts& p) { return withEntries(p, [](auto& e) { e.insert(e.begin(), { "Model.onnx", { 1 } }); }); } },
        { "missingInTheDirectory", [](Parts& p) { return withEntries(p, [](auto& e) { e[0].inCentral = false; }); } },
        { "otherNameInTheDirectory", [](Parts& p) { return withEntries(p, [](auto& e) { e[0].centralName = "x/y"; }); } },
        { "deflated", [](Parts& p) { return withEntries(p, [](auto& e) { e[0].method = 8; }); } },
        { "encrypted", [](Parts& p) { return withEntries(p, [](auto& e) { e[0].flags = 1; }); } },
        { "sizesAfterTheData", [](Parts& p) { return withEntries(p, [](auto& e) { e[0].flags = 8; }); } },
        { "aTime", [](Parts& p) { return withEntries(p, [](auto& e) { e[0].time = 1; }); } },
        { "aDate", [](Parts& p) { return withEntries(p, [](auto& e) { e[0].date = 0x5555; }); } },
        { "anExtraField", [](Parts& p) { return withEntries(p, [](auto& e) { e[0].extraBytes = 4; }); } },
        { "aLinkByItsMode", [](Parts& p) { return withEntries(p, [](auto& e) { e[0].attributes = 0120777u << 16; }); } },
        { "anExecutableByItsMode", [](Parts& p) { return withEntries(p, [](auto& e) { e[0].attributes = 0100755u << 16; }); } },
        { "madeOnAnotherSystem", [](Parts& p) { return withEntries(p, [](auto& e) { e[0].versionMadeBy = 20; }); } },
        { "aWrongChecksum", [](Parts& p) { return withEntries(p, [](auto& e) { e[0].crcChange = 1; }); } },
        { "aSizeOverTheEnd", [](Parts& p) { return withEntries(p, [](auto& e) { e.back().sizeChange = 1u << 30; }); } },
        { "zip64Sizes", [](Parts& p) { return withEntries(p, [](auto& e) {
             e.back().sizeChange = 0xffffffffu - static_cast<std::uint32_t>(e.back().bytes.size()); }); } },
        { "aNameThatClimbs", [](Parts& p) { return withEntries(p, [](auto& e) { e.insert(e.begin(), { "../evil", { 1 } }); }); } },
        { "anAbsoluteName", [](Parts& p) { return withEntries(p, [](auto& e) { e.insert(e.begin(), { "/evil", { 1 } }); }); } },
        { "aBackslash", [](Parts& p) { return withEntries(p, [](auto& e) { e.push_back({ "x\\evil", { 1 } }); }); } },
        { "aNulInAName",
            [](Parts& p) { return withEntries(p, [](auto& e) { e.push_back({ std::string("x\0y", 3), { 1 } }); }); } },
        { "anEmptyName", [](Parts& p) { return withEntries(p, [](auto& e) { e.insert(e.begin(), { "", { 1 } }); }); } },
        { "aFolderEntry", [](Parts& p) { return withEntries(p, [](auto& e) { e.insert(e.begin(), { "golden/", {} }); }); } },
        // the signature
        { "noManifest", [](Parts& p) { return withEntries(p, [](auto& e) { drop(e, "manifest.json"); }); } },
        { "notSigned", [](Parts& p) { return withEntries(p, [](auto& e) { drop(e, "signature"); }); } },
        { "anEmptySignature", [](Parts& p) { return test::buildZip(p.entries({}, Bytes())); } },
        { "aSignatureOfZeros", [](Parts& p) { return test::buildZip(p.entries({}, Bytes(64, 0))); } },
        { "aShortSignature", [](Parts& p) { return withEntries(p, [](auto& e) { find(e, "signature").bytes.pop_back(); }); } },
        { "twoSignatures", [](Parts& p) { return withEntries(p, [](auto& e) {
             auto& bytes = find(e, "signature").bytes; const Bytes copy = bytes; bytes.insert(bytes.end(), copy.begin(), copy.end()); }); } },
        { "signedByAnotherKey", [](Parts& p) { p.key = test::testKey(2); return test::buildZip(p.entries()); } },
        { "signatureOfAnOldManifest", [](Parts& p) {
             const std::string old = p.text();
             p.manifest["version"] = "1.1";
             return test::buildZip(p.entries({}, signatureOf(Bytes(old.begin(), old.end()), p.key))); } },
        { "signatureOfTheWholeInsteadOfTheManifest", [](Parts& p) {
             return test::buildZip(p.entries({}, signatureOf(p.files["model.onnx"], p.key))); } },
        // the files, signed by their maker
        { "aListedFileIsMissing", [](Parts& p) { return withEntries(p, [](auto& e) { drop(e, "golden/1.png"); }); } },
        { "aFileThatIsNotListed", [](Parts& p) { return withEntries(p, [](auto& e) { e.insert(e.begin(), { "aaa", { 1 } }); }); } },
        { "noModel", [](Parts& p) {
             auto& files = p.manifest["files"];
             files.erase(std::find_if(files.begin(), files.end(), [](const json& f) { return f["name"] == "model.onnx"; }));
             p.files.erase("model.onnx");
             return test::buildZip(p.entries()); } },
        { "twoFilesExchanged", [](Parts& p) {
             std::swap(p.files["golden/0.boxes.f32"], p.files["golden/1.boxes.f32"]);
             return test::buildZip(p.entries()); } },
        { "aWrongSize", [](Parts& p) { listed(p, "model.onnx")["size"] = 17; return test::buildZip(p.entries()); } },
        { "aNegativeSize", [](Parts& p) { listed(p, "model.onnx")["size"] = -1; return test::buildZip(p.entries()); } },
        { "aHashInCapitals", [](Parts& p) {
             std::string hash = listed(p, "model.onnx")["sha256"];
             std::transform(hash.begin(), hash.end(), hash.begin(), ::toupper);
             listed(p, "model.onnx")["sha256"] = hash;
             return test::buildZip(p.entries()); } },
        { "filesNotSorted", [](Parts& p) { return withManifest(p, [](json& m) { std::swap(m["files"][0], m["files"][1]); }); } },
        { "aFileListedTwice", [](Parts& p) { return withManifest(p, [](json& m) { m["files"].push_back(m["files"].back()); }); } },
        { "theManifestListsItself", [](Parts& p) { return withManifest(p, [](json& m) {
             m["files"].push_back({ { "name", "signature" }, { "size", 64 }, { "sha256", std::string(64, '0') } }); }); } },
        { "aListedNameThatClimbs", [](Parts& p) { return withManifest(p, [](json& m) { m["files"][0]["name"] = "../x"; }); } },
        { "goldenWithoutScores", [](Parts& p) {
             auto& files = p.manifest["files"];
             files.erase(std::find_if(files.begin(), files.end(), [](const json& f) { return f["name"] == "golden/0.scores.f32"; }));
             p.files.erase("golden/0.scores.f32");
             return test::buildZip(p.entries()); } },
        { "goldenOfTheWrongSize", [](Parts& p) { replaceFile(p, "golden/0.scores.f32", Bytes(12)); return test::buildZip(p.entries()); } },
        { "aModelThatIsNoOnnx", [](Parts& p) { replaceFile(p, "model.onnx", Bytes(100, 'x')); return test::buildZip(p.entries()); } },
        { "anEmptyModel", [](Parts& p) { replaceFile(p, "model.onnx", {}); return test::buildZip(p.entries()); } },
        // the manifest, signed by its maker
        { "anEmptyManifest", [](Parts& p) { return withText(p, [](std::string& t) { t = " "; }); } },
        { "aManifestThatIsAList", [](Parts& p) { return withText(p, [](std::string& t) { t = "[]\n"; }); } },
        { "aSpaceMore", [](Parts& p) { return withText(p, [](std::string& t) { t += " "; }); } },
        { "aKeyTwice", [](Parts& p) { return withText(p, [](std::string& t) { t.insert(1, "\n \"name\": \"other\","); }); } },
        { "nestedDeeply", [](Parts& p) { return withText(p, [](std::string& t) {
             t = std::string(100'000, '[') + std::string(100'000, ']') + "\n"; }); } },
        { "aHugeNumber", [](Parts& p) { return withText(p, [](std::string& t) {
             t.replace(t.find("\"createdMs\": 1"), 14, "\"createdMs\": 1e400, \"a\": 1"); }); } },
        { "aNewerFormat", [](Parts& p) { return withManifest(p, [](json& m) { m["format"] = 2; }); } },
        { "noFormat", [](Parts& p) { return withManifest(p, [](json& m) { m.erase("format"); }); } },
        { "aVersionThatIsNone", [](Parts& p) { return withManifest(p, [](json& m) { m["version"] = "1.0; rm -rf"; }); } },
        { "anEmptyName2", [](Parts& p) { return withManifest(p, [](json& m) { m["name"] = ""; }); } },
        { "aNameOverSeveralLines", [](Parts& p) { return withManifest(p, [](json& m) { m["name"] = "a\nb"; }); } },
        { "aReleaseCounterBelowZero", [](Parts& p) { return withManifest(p, [](json& m) { m["releaseCounter"] = -1; }); } },
        { "aReleaseCounterWithAFraction", [](Parts& p) { return withManifest(p, [](json& m) { m["releaseCounter"] = 1.5; }); } },
        { "aKeyThatIsNone", [](Parts& p) { return withManifest(p, [](json& m) { m["publicKey"] = "AAAA"; }); } },
        { "aKeyOfSmallOrder", [](Parts& p) { // with it a signature of zeros fits any message
             p.manifest["publicKey"] = base::toBase64(Bytes(32, 0));
             return test::buildZip(p.entries({}, Bytes(64, 0))); } },
        { "noLabels", [](Parts& p) { return withManifest(p, [](json& m) { m["spec"]["labels"] = json::array(); }); } },
        { "aLabelMoreThanTheModelHas", [](Parts& p) { return withManifest(p, [](json& m) {
             m["spec"]["labels"].push_back(m["spec"]["labels"][0]); }); } },
        { "aThresholdOverOne", [](Parts& p) { return withManifest(p, [](json& m) { m["spec"]["labels"][0]["threshold"] = 1.5; }); } },
        { "aThresholdThatIsNoNumber", [](Parts& p) { return withManifest(p, [](json& m) { m["spec"]["labels"][0]["threshold"] = "x"; }); } },
        { "aCanvasOfAnotherSize", [](Parts& p) { return withManifest(p, [](json& m) { m["spec"]["input"]["width"] = 64; }); } },
        { "anUnknownResize", [](Parts& p) { return withManifest(p, [](json& m) { m["spec"]["input"]["resize"] = "magic"; }); } },
    };
    return list;
}

class Structure : public ::testing::TestWithParam<Case> { };

TEST_P(Structure, isRefused)
{
    Parts parts;
    const auto verified = verifyPackage(GetParam().make(parts));
    ASSERT_TRUE(verified.hasError());
    EXPECT_EQ(verified.error().code, base::ErrorCode::Refused) << verified.error().message;
    EXPECT_FALSE(verified.error().message.empty());
}

INSTANTIATE_TEST_SUITE_P(Package, Structure, ::testing::ValuesIn(cases()), [](const auto& info) { return info.param.name; });

TEST(StructureControl, theUnspoiledPackageOfTheseCasesIsAccepted)
{
    Parts parts;
    const auto verified = verifyPackage(test::buildZip(parts.entries()));
    ASSERT_TRUE(verified.hasValue()) << verified.error().message;
    EXPECT_GE(cases().size(), 50u);
}

TEST(StructureControl, anotherTrustedKeyRefusesAndTheRightOneAccepts)
{
    Parts parts;
    const Bytes bytes = test::buildZip(parts.entries());
    EXPECT_TRUE(verifyPackage(bytes, publicKeyText(test::testKey(1).publicKey)).hasValue());
    const auto other = verifyPackage(bytes, publicKeyText(test::testKey(2).publicKey));
    ASSERT_TRUE(other.hasError());
    EXPECT_EQ(other.error().code, base::ErrorCode::Refused);
    EXPECT_TRUE(verifyPackage(bytes, "not a key").hasError());
    EXPECT_EQ(verifyPackage(bytes, "not a key").error().code, base::ErrorCode::Refused);
}

}
}
