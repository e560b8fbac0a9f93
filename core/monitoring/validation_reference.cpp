#include "core/monitoring/validation_reference.h"

#include "core/evaluation/evaluation_document.h"
#include "core/runs/run_store.h"

#include <algorithm>
#include <fstream>
#include <map>

namespace percept::monitoring {

namespace fs = std::filesystem;

namespace {

void addAnswers(Tally& tally, const evaluation::EvaluationImage& image, const std::vector<protocol::SpecLabel>& classes)
{
    const std::int64_t before = tally.predictions;
    for (const auto& detection : image.detections) {
        const auto place = static_cast<std::size_t>(detection.label);
        if (detection.label < 0 || place >= classes.size() || !(detection.score >= classes[place].threshold))
            continue;
        ClassTally& entry = tally.classes[classes[place].name];
        const double bin = std::clamp(detection.score * kScoreBins, 0.0, kScoreBins - 1.0);
        ++entry.count;
        ++entry.scores[static_cast<std::size_t>(bin)];
        ++tally.predictions;
    }
    ++tally.frames;
    tally.emptyFrames += tally.predictions == before;
}

}

base::Result<Window> readValidation(const fs::path& project, const std::string& run, const std::vector<protocol::SpecLabel>& classes)
{
    const fs::path answers = runs::runFolder(project, run) / "predictions-validation.jsonl";
    std::error_code error;
    if (!fs::is_regular_file(answers, error))
        return base::notFound("Run " + run + " was not scored on the validation set.");
    std::ifstream in(answers, std::ios::binary);
    if (!in)
        return base::failed(answers.string() + " cannot be read.");
    std::map<std::pair<bool, std::int64_t>, Tally> groups; // by group, else by item
    for (std::string line; std::getline(in, line);) {
        if (line.empty())
            continue;
        PERCEPT_ASSIGN(image, evaluation::decodeImageLine(line));
        addAnswers(groups[{ image.group != 0, image.group != 0 ? image.group : image.item }], image, classes);
    }
    if (in.bad())
        return base::failed(answers.string() + " cannot be read.");
    Window window;
    for (auto& [key, tally] : groups)
        window.add(std::move(tally));
    return window;
}

}
