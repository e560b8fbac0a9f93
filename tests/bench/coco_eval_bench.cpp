// coco_eval_bench PREDICTIONS.jsonl CLASSES [ROUNDS]: scores the lines of a predictions file and prints one JSON document
// with the twelve numbers and how long each part took. coco_eval_against_pycocotools.py runs it beside its peer.
#include "core/base/time.h"
#include "core/evaluation/evaluation_document.h"

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

namespace {

using namespace percept;
using namespace percept::evaluation;

template <typename F>
std::vector<double> timed(int rounds, F f)
{
    std::vector<double> seconds;
    for (int i = 0; i < rounds; ++i) {
        const double start = base::monotonicSeconds();
        f(i);
        seconds.push_back(base::monotonicSeconds() - start);
    }
    return seconds;
}

long peakKib()
{
    rusage usage {};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

std::vector<EvaluationImage> readLines(const char* path)
{
    std::vector<EvaluationImage> images;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        auto image = decodeImageLine(line);
        if (image.hasError()) {
            std::cerr << image.error().message << '\n';
            std::exit(1);
        }
        images.push_back(std::move(image).value());
    }
    return images;
}

}

int main(int argc, char** argv)
{
    if (argc < 3) {
        std::cerr << "usage: coco_eval_bench PREDICTIONS.jsonl CLASSES [ROUNDS]\n";
        return 2;
    }
    const int classes = std::atoi(argv[2]), rounds = argc > 3 ? std::atoi(argv[3]) : 3;
    std::vector<EvaluationImage> images;
    const auto load = timed(1, [&](int) { images = readLines(argv[1]); });
    CocoSummary s;
    const auto coco = timed(rounds, [&](int) { s = evaluateCoco(images, classes); });
    const long peak = peakKib();

    // What the Validate page does, on the first hundred pictures.
    std::vector<EvaluationImage> page(images.begin(), images.begin() + std::min<std::ptrdiff_t>(100, std::ssize(images)));
    const MatchTable table(page, classes);
    const auto slider = timed(51, [&](int i) { (void)table.at(std::vector<double>(static_cast<std::size_t>(classes), i / 51.0)); });
    const auto thresholds = timed(1, [&](int) { (void)cheapestThresholds(table, 2); });
    const auto bootstrap = timed(1, [&](int) { (void)bootstrapCoco(page, classes, 2000, 1); });

    std::size_t detections = 0, truths = 0;
    for (const auto& image : images) {
        detections += image.detections.size();
        truths += image.truths.size();
    }
    const nlohmann::json document { { "images", images.size() }, { "truths", truths }, { "detections", detections },
        { "stats", { s.map, s.map50, s.map75, s.mapSmall, s.mapMedium, s.mapLarge, s.ar1, s.ar10, s.ar100, s.arSmall,
                       s.arMedium, s.arLarge } },
        { "load_seconds", load[0] }, { "seconds", coco }, { "peak_kib", peak },
        { "page", { { "images", page.size() }, { "slider_seconds", slider }, { "cheapest_thresholds_seconds", thresholds[0] },
                      { "bootstrap_2000_seconds", bootstrap[0] } } } };
    std::cout << document.dump() << '\n';
    return 0;
}
