#include "tests/support/test_package.h"

#include "core/base/files.h"
#include "core/media/picture.h"
#include "core/packaging/package_files.h"

#include <cstring>
#include <stdexcept>

namespace percept::test {

namespace {

std::vector<std::uint8_t> bytesOf(const std::vector<float>& values)
{
    std::vector<std::uint8_t> bytes(values.size() * sizeof(float));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

void addGolden(PackageFiles& files, const std::string& number, const protocol::ModelSpec& spec, const cv::Mat& canvas)
{
    const TestOutputs outputs = testOutputs(spec, canvas);
    const auto png = media::encodePng(canvas);
    if (png.hasError())
        throw std::runtime_error(png.error().message);
    files["golden/" + number + ".png"] = png.value();
    files["golden/" + number + ".scores.f32"] = bytesOf(outputs.scores);
    files["golden/" + number + ".boxes.f32"] = bytesOf(outputs.boxes);
}

}

packaging::SigningKey testKey(std::uint8_t number)
{
    if (packaging::startSodium().hasError())
        throw std::runtime_error("libsodium does not start");
    return packaging::keyFromSeed(std::vector<std::uint8_t>(32, number));
}

packaging::Manifest testManifest(const protocol::ModelSpec& spec, const std::string& version)
{
    packaging::Manifest manifest;
    manifest.name = "Coloured squares";
    manifest.version = version;
    manifest.spec = spec;
    manifest.metrics = { { "test", { { "items", 10 }, { "metrics", { { "map50", { { "value", 0.5 } } } } } } } };
    manifest.datasetVersion = 1;
    manifest.run = "r0001";
    manifest.createdMs = 1'790'000'000'000;
    manifest.releaseCounter = 1;
    return manifest;
}

PackageFiles testPackageFiles(const protocol::ModelSpec& spec)
{
    PackageFiles files;
    files["model.onnx"] = testOnnx(spec);
    addGolden(files, "0", spec, testPicture(spec.inputWidth, spec.inputHeight, { { 16, 16, 16, 0 }, { 60, 30, 20, 1 } }));
    addGolden(files, "1", spec, testPicture(spec.inputWidth, spec.inputHeight, {}));
    return files;
}

base::Result<void> makeTestPackage(
    const std::filesystem::path& path, const packaging::SigningKey& key, const protocol::ModelSpec& spec)
{
    return packaging::writePackage(path, testManifest(spec), testPackageFiles(spec), key);
}

base::Result<void> makeTestDraft(
    const std::filesystem::path& folder, const packaging::SigningKey& key, const protocol::ModelSpec& spec)
{
    for (const auto& [name, bytes] : testPackageFiles(spec)) {
        std::filesystem::create_directories((folder / name).parent_path());
        PERCEPT_TRY(base::atomicWrite(folder / name, std::span<const std::uint8_t>(bytes)));
    }
    return packaging::signDraft(folder, testManifest(spec, "draft"), key);
}

base::Result<protocol::ModelSpec> putTestModel(const std::filesystem::path& runFolder)
{
    auto spec = testSpec();
    PERCEPT_ASSIGN(text, base::readTextFile(runFolder / "snapshot" / "labels.json"));
    const auto labels = nlohmann::json::parse(text);
    for (std::size_t i = 0; i < spec.labels.size(); ++i)
        spec.labels[i] = { LabelId { labels.at(i).at("id").get<std::int64_t>() }, labels.at(i).at("name").get<std::string>(), 0.5 };
    for (const auto& [name, bytes] : testPackageFiles(spec)) {
        const auto file = runFolder / "model" / name;
        std::filesystem::create_directories(file.parent_path());
        PERCEPT_TRY(base::atomicWrite(file, bytes));
    }
    PERCEPT_TRY(base::atomicWrite(runFolder / "model" / "spec.json", protocol::toJson(spec).dump()));
    return spec;
}

}
