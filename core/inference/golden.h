#pragma once

#include "core/inference/engine.h"
#include "core/packaging/package.h"

namespace percept::inference {

// How far an engine may be from what the training process computed, in float32 (DESIGN: |dp| <= 1e-4; boxes in canvas pixels).
inline constexpr double kGoldenScoreTolerance = 1e-4, kGoldenBoxTolerance = 0.5;

struct GoldenDifference {
    int pictures = 0;
    double maxScoreDifference = 0, maxBoxDifference = 0;
    double medianMs = 0; // of one run of the engine, over the pictures
    bool isWithinTolerance() const
    {
        return maxScoreDifference <= kGoldenScoreTolerance && maxBoxDifference <= kGoldenBoxTolerance;
    }
};

// Runs golden/N.png of the package, which are canvases, and compares the raw outputs with golden/N.{scores,boxes}.f32.
// Refused: a package without golden pictures, pictures of another size, outputs that are not numbers.
base::Result<GoldenDifference> goldenCheck(const packaging::Package& package, Engine& engine);

}
