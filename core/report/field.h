#pragma once

#include "core/dataset/project_reader.h"
#include "core/evaluation/detection_metrics.h"

#include <string>
#include <vector>

// How right a model was where it works: the pictures that devices chose by chance and sent home, after people labeled them.
namespace percept::report {

// Of one version on the devices: what they answered then, at the thresholds of then, against the labels of today.
struct FieldVersion {
    std::string version;
    std::int64_t pictures = 0, objects = 0, marks = 0; // marks: answers
    evaluation::Interval found, marksRight; // shares; 95 %
    std::int64_t fromMs = 0, toMs = 0;      // when the first and the last of the pictures were taken
    double accepted = 0;                    // share of its objects whose label is a model's answer as it was
};
struct FieldAccuracy {
    std::vector<FieldVersion> versions; // in the order in which they came into the field
    std::int64_t pictures = 0;   // chosen by chance and finished
    std::int64_t unfinished = 0; // chosen by chance, in the project, not labeled yet
};
// Only pictures that were chosen by chance, are finished, and are in the test set count. An accuracy from the others would be that of the
// hard ones.
base::Result<FieldAccuracy> readFieldAccuracy(const dataset::ProjectReader& reader);

// "In the field version 1.1 finds 87 of 100 objects (81 to 92; 40 pictures by chance)." Empty without a picture. With what to think of it, where
// most labels are answers that somebody accepted.
std::string inWords(const FieldVersion& version);

}
