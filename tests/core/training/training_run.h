#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace percept::test {

// A run directory of seconds: pictures of bright and dark squares, the tiny network, a canvas of 64.
struct TrainingRunOptions {
    int epochs = 6;
    int pictures = 8;             // for training; half as many for validation
    double timeLimitMinutes = 0;  // instead of epochs
    int seed = 3;
    double checkpointSeconds = 0; // after every step
    std::string weights;
    std::string startFrom;
    std::vector<int> classes { 1, 2 }; // ids in the order of labels.json; 1 is bright, 2 dark, others have no boxes
};
void makeTrainingRun(const std::filesystem::path& folder, const TrainingRunOptions& options = {});

}
