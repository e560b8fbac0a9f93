#pragma once

#include "core/packaging/package.h"
#include "tests/support/test_model.h"

namespace percept::test {

using PackageFiles = std::map<std::string, std::vector<std::uint8_t>>;

// A key that is the same in every run; another number gives another key.
packaging::SigningKey testKey(std::uint8_t number = 1);
packaging::Manifest testManifest(const protocol::ModelSpec& spec, const std::string& version = "1.0");
// model.onnx and two golden pictures with their outputs.
PackageFiles testPackageFiles(const protocol::ModelSpec& spec);

// The test model (see test_model.h), packaged or as the folder of a draft. Version "1.0" and "draft".
base::Result<void> makeTestPackage(const std::filesystem::path& path, const packaging::SigningKey& key = testKey(),
    const protocol::ModelSpec& spec = testSpec());
base::Result<void> makeTestDraft(const std::filesystem::path& folder, const packaging::SigningKey& key = testKey(),
    const protocol::ModelSpec& spec = testSpec());

// What the trainer leaves in a prepared run's model/: model.onnx, spec.json and golden/ of the test model, its first labels
// named as in the run's snapshot, thresholds at 0.5.
base::Result<protocol::ModelSpec> putTestModel(const std::filesystem::path& runFolder);

}
