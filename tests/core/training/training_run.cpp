#include "tests/core/training/training_run.h"

#include "core/base/files.h"
#include "core/base/random.h"
#include "core/media/picture.h"
#include "core/protocol/run_config.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace percept::test {

namespace {

void must(const base::Result<void>& result)
{
    if (result.hasError())
        throw std::runtime_error(result.error().message);
}

int rowOf(const std::vector<int>& classes, int id) { return static_cast<int>(std::ranges::find(classes, id) - classes.begin()); }

protocol::SnapshotItem makeItem(const std::filesystem::path& folder, int number, domain::SplitSet set, const std::vector<int>& classes)
{
    base::Random random(77, 0, static_cast<std::uint64_t>(number));
    cv::Mat picture(72, 96, CV_8UC3, cv::Scalar(120, 120, 120));
    protocol::SnapshotItem item;
    item.id = number + 1;
    item.group = item.id;
    item.set = set;
    item.width = picture.cols;
    item.height = picture.rows;
    for (int label = 0; label < 2; ++label) {
        const int size = 16 + static_cast<int>(random.below(16)), x = static_cast<int>(random.below(16)) + label * 48,
                  y = static_cast<int>(random.below(40));
        picture(cv::Rect(x, y, size, size)).setTo(label == 0 ? cv::Scalar(250, 230, 30) : cv::Scalar(10, 20, 90));
        item.boxes.push_back({ rowOf(classes, label + 1), { double(x), double(y), double(size), double(size) }, false, false });
    }
    const auto file = folder / fmt::format("picture-{}.png", number);
    const auto png = media::encodePng(picture);
    if (png.hasError())
        throw std::runtime_error(png.error().message);
    must(base::atomicWrite(file, png.value()));
    item.path = file.string();
    return item;
}

}

void makeTrainingRun(const std::filesystem::path& folder, const TrainingRunOptions& options)
{
    std::filesystem::create_directories(folder / "snapshot");
    std::filesystem::create_directories(folder / "pictures");
    protocol::RunConfig config;
    config.run = "r0001";
    config.seed = static_cast<std::uint64_t>(options.seed);
    config.threads = 2;
    if (options.timeLimitMinutes > 0)
        config.timeLimitMinutes = options.timeLimitMinutes;
    else
        config.epochs = options.epochs;
    config.longSide = 64;
    config.backbone = "tiny";
    config.weights = options.weights;
    config.startFrom = options.startFrom;
    auto json = protocol::toJson(config);
    json["trainer"] = { { "checkpointSeconds", options.checkpointSeconds }, { "heartbeatSeconds", 0.2 }, { "roomSeconds", 0.2 } };
    must(base::atomicWrite(folder / "config.json", json.dump()));
    auto labels = nlohmann::json::array();
    for (const int id : options.classes)
        labels.push_back({ { "id", id }, { "name", id == 1 ? "bright" : id == 2 ? "dark" : fmt::format("class {}", id) } });
    must(base::atomicWrite(folder / "snapshot" / "labels.json", labels.dump()));
    std::string lines;
    for (int i = 0; i < options.pictures + options.pictures / 2; ++i) {
        const auto set = i < options.pictures ? domain::SplitSet::Train : domain::SplitSet::Validation;
        lines += protocol::toJson(makeItem(folder / "pictures", i, set, options.classes)).dump() + "\n";
    }
    must(base::atomicWrite(folder / "snapshot" / "items.jsonl", lines));
}

}
