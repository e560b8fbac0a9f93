#pragma once

#include "core/monitoring/tally.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace percept::monitoring {

// What is watched for drift. Nobody tells a device what is right, so these say only that something changed, not that the
// model is worse: drift sends pictures to be labeled, and labels decide.
enum class Measure {
    Confidence, // mean score of all predictions; of a calibrated model the share that is right, as long as what it sees means
                // the same (CBPE, NannyML)
    Scores,     // how the scores are spread
    Classes,    // shares of the classes among all predictions
    Empty,      // share of pictures with nothing found
    Brightness,
    Sharpness,
};
inline constexpr std::array kMeasures { Measure::Confidence, Measure::Scores, Measure::Classes, Measure::Empty, Measure::Brightness, Measure::Sharpness };
std::string_view nameOf(Measure measure); // "confidence", "scores", ... as in documents
// What pictures tell without a prediction: Empty, Brightness, Sharpness.
constexpr bool isOfPictures(Measure measure) { return measure >= Measure::Empty; }

// Telemetry between two moments: its sum, and the parts (hours, or pictures of a test set) whose differences tell what
// neighbouring pictures have in common.
struct Window {
    std::int64_t fromMs = 0, toMs = 0;
    Tally total;
    std::vector<Tally> parts;
    void add(Tally part);
};

struct Limits {
    double warn = 0, act = 0;
};
// Size from which on a change is worth a look, and worth doing something: for Confidence in shares of 1 (0.025
// and 0.05: two and a half and five points of estimated accuracy), for the rest in PSI (0.1 and 0.25: reference/platforms.md 5).
Limits limitsOf(Measure measure);

struct Reading {
    Measure measure = Measure::Confidence;
    // Never negative. PSI over merged bins less chancePsi(); for Confidence |now - before|.
    double effect = 0;
    // What it is on average without any change: chancePsi(), which was taken off; for Confidence sqrt(2 / pi) standard errors.
    double chance = 0;
    double before = 0, now = 0;  // mean score, brightness, sharpness; share of empty pictures; for Scores and Classes the mean score
    double p = 1;                // of this test alone: Kolmogorov-Smirnov for what is ordered, chi-square for shares, z for Confidence
    // Filled in by judge(), Holm-corrected over all tests of all devices in the same period: of this window alone, and of both
    // this one and the one before being so far off by chance, max(p, p before)^2; 1 when they are to different sides.
    double pCorrected = 1, pTwice = 1;
    double distance = 0;         // Jensen-Shannon
    double deviations = 0;       // Wasserstein in standard deviations of the reference; 0 where bins have no order
    bool byValidation = false;   // compared with the validation set, not with the device's first windows; filled in by judge()
    std::int64_t fromMs = 0, toMs = 0; // of the window; filled in by judge()
    double independent = 0, referenceIndependent = 0; // observations, after dispersion()
};

// Nothing when one side holds nothing of it. Both sides are scaled to independent observations by their own dispersion, and
// half an observation is added to every bin (Krichevsky and Trofimov), so that bins seen for the first time weigh what
// the size of the samples lets them.
std::optional<Reading> compare(Measure measure, const Window& reference, const Window& window);

}
