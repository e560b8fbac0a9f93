#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace percept::services {

// What is known of a package before it goes to a device.
struct PackageFacts {
    std::filesystem::path file;
    std::string name, version, run, parent;
    std::int64_t bytes = 0, datasetVersion = 0, releaseCounter = 0;
    std::string signer;   // public key, base64
    bool isOurs = false;  // signed by this user: only such are rolled out
    int goldenPictures = 0;
    double maxScoreDifference = 0, maxBoxDifference = 0; // between percept-edge and the training, box in pixels of the network
    int inputWidth = 0, inputHeight = 0; // pixels that the network looks at
    double medianMs = 0;  // of an answer, network only, on this computer
    struct Score { std::string set; double map50 = 0, low = 0, high = 0, found = -1; }; // found: share, at the thresholds that ship; -1: not said
    std::optional<Score> score; // of what ships: on test, else on validation
};

// What a package says it scores, by its manifest alone: for lists. Nothing: it says nothing, or cannot be read.
std::optional<PackageFacts::Score> readPackageScore(const std::filesystem::path& file);

// What to know of a model that finds next to nothing (AP50 under 0.05, or no object at the thresholds that ship): on a device that
// looks like a scene without objects. Empty: it finds some, or says nothing about it.
std::string warningAbout(const std::optional<PackageFacts::Score>& score);

// Verifies a package whole, without running it.
base::Result<PackageFacts> readPackageFacts(const std::filesystem::path& file);
// Verifies a package whole and has percept-edge answer its golden pictures. Refused: damaged, or it answers otherwise than in training.
base::Result<PackageFacts> checkPackage(const std::filesystem::path& file, const base::CancelToken& cancel = {});

}
