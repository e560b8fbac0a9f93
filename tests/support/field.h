#pragma once

#include "core/base/random.h"
#include "core/protocol/fleet_telemetry.h"

#include <string>
#include <vector>

namespace percept::test {

// What a camera shows and how sure the model is of it. Scores of a class are Beta distributed with this mean; the model is
// calibrated (a prediction of score s is right with probability s), so its accuracy is the mean score over all predictions:
// sum of share times meanScore.
struct FieldClass {
    std::string label;
    double share = 0, meanScore = 0;
};
struct Field {
    std::vector<FieldClass> classes;
    double emptyShare = 0.1;
    double brightness = 0.5, sharpness = 2.5; // means over a day; both go up and down with it

    double accuracy() const;
};
// Three classes, accuracy 0.895.
Field usualField();
// A shift that costs five points of accuracy: the hard class goes from 15 to 23 % of the predictions at the cost of the
// others (1.85 points), and every class is a bit harder (3.15 points). Everything else stays.
Field harderField();
Field darkerField();

// One hour of a camera's telemetry as one window, `predictions` objects in it, drawn from the field. What is seen is
// seen in `repeats` frames that follow each other, as a camera does it: only one of so many is independent. Light and sharpness go with
// the time of day, and each hour is a little different.
struct FieldHour {
    std::int64_t fromMs = 0;
    std::int64_t predictions = 0;
    int repeats = 3;
    std::string version = "1.0", packageSha256 = std::string(64, 'f');
    std::int64_t frames = 0; // 0: two objects a picture
};
protocol::TelemetryWindow drawHour(const Field& field, const FieldHour& hour, base::Random& random);

}
