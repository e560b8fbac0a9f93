#include "core/monitoring/validation_reference.h"

#include "core/base/files.h"
#include "core/evaluation/evaluation_document.h"
#include "core/runs/run_store.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

namespace percept::monitoring {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::uint64_t kMaxDocumentBytes = 64ull << 20;

struct ScoredClass {
    std::string name;
    double threshold = 0.5;
};

base::Error damaged(const fs::path& file) { return base::failed(file.string() + " is damaged. Evaluate the run again to write it anew."); }

base::Result<std::vector<ScoredClass>> readClasses(const fs::path& file)
{
    PERCEPT_ASSIGN(text, base::readTextFile(file, kMaxDocumentBytes));
    const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!document.is_object() || !document.contains("per_class") || !document["per_class"].is_array())
        return damaged(file);
    std::vector<ScoredClass> classes;
    for (const json& row : document["per_class"]) {
        if (!row.is_object() || !row.contains("label") || !row["label"].is_string())
            return damaged(file);
        const auto threshold = row.find("threshold");
        classes.push_back({ row["label"].get<std::string>(), threshold != row.end() && threshold->is_number() ? threshold->get<double>() : 0.5 });
    }
    return classes;
}

void addAnswers(Tally& tally, const evaluation::EvaluationImage& image, const std::vector<ScoredClass>& classes)
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

base::Result<Window> readValidation(const fs::path& project, const std::string& run)
{
    const fs::path folder = runs::runFolder(project, run), document = folder / "evaluation-validation.json",
                   answers = folder / "predictions-validation.jsonl";
    std::error_code error;
    if (!fs::is_regular_file(document, error) || !fs::is_regular_file(answers, error))
        return base::notFound("Run " + run + " was not scored on the validation set.");
    PERCEPT_ASSIGN(classes, readClasses(document));
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
