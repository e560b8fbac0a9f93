#pragma once

#include "tests/support/test_package.h"

#include <string>

namespace percept::test {

// A sound package of the test model with a version and a release counter of its own. `backbone`: see faulty_edge.cpp.
void makeVersion(const std::filesystem::path& path, const std::string& version, std::int64_t releaseCounter,
    const packaging::SigningKey& key = testKey(), const std::string& backbone = "test");

// What may be wrong with a package whose signature is right: its signer made it so.
enum class Fault { TruncatedGraph, UnsupportedOperator, WrongInput, WrongOutput, NanWeights, HugeTensor, TenTimesSlower, WrongGolden };
inline constexpr Fault kFaults[] { Fault::TruncatedGraph, Fault::UnsupportedOperator, Fault::WrongInput, Fault::WrongOutput,
    Fault::NanWeights, Fault::HugeTensor, Fault::TenTimesSlower, Fault::WrongGolden };
const char* nameOf(Fault fault);

// Ten variants of each, 0 to 9; where in the file, and by how much, is left to chance: PERCEPT_SEED gives others. Version "9.9",
// release counter 1000.
void makeBadPackage(const std::filesystem::path& path, Fault fault, int variant, const packaging::SigningKey& key = testKey());

}
