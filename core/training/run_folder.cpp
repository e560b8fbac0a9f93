#include "core/training/run_folder.h"

#include "core/base/files.h"
#include "core/base/time.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <unistd.h>

namespace percept::training {

namespace {

constexpr const char* kFinishedFile = "finished.json";

base::Result<nlohmann::json> readJson(const std::filesystem::path& file)
{
    PERCEPT_ASSIGN(text, base::readTextFile(file));
    auto json = nlohmann::json::parse(text, nullptr, false);
    if (json.is_discarded())
        return base::refused(fmt::format("{} is not JSON.", file.string()));
    return json;
}

base::Result<std::vector<protocol::SpecLabel>> readLabels(const std::filesystem::path& file)
{
    PERCEPT_ASSIGN(json, readJson(file));
    std::vector<protocol::SpecLabel> labels;
    if (!json.is_array() || json.empty())
        return base::refused(fmt::format("{} names no classes; draw boxes of at least one class first.", file.string()));
    for (const auto& entry : json) {
        if (!entry.is_object() || !entry.contains("id") || !entry["id"].is_number_integer() || !entry.contains("name")
            || !entry["name"].is_string())
            return base::refused(fmt::format("{}: a class without id or name.", file.string()));
        protocol::SpecLabel label;
        label.id = LabelId { entry["id"].get<std::int64_t>() };
        label.name = entry["name"].get<std::string>();
        labels.push_back(std::move(label));
    }
    return labels;
}

base::Result<std::vector<protocol::SnapshotItem>> readItems(const std::filesystem::path& file, std::size_t classes)
{
    PERCEPT_ASSIGN(text, base::readTextFile(file, 8ull << 30));
    std::vector<protocol::SnapshotItem> items;
    std::istringstream lines(text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.empty())
            continue;
        const auto json = nlohmann::json::parse(line, nullptr, false);
        if (json.is_discarded())
            return base::refused(fmt::format("{}, line {}: not JSON.", file.string(), number));
        PERCEPT_ASSIGN(item, protocol::snapshotItemFromJson(json));
        for (const auto& box : item.boxes)
            if (box.label < 0 || static_cast<std::size_t>(box.label) >= classes)
                return base::refused(fmt::format("{}, line {}: a box of a class that labels.json lacks.", file.string(), number));
        items.push_back(std::move(item));
    }
    return items;
}

TrainerTuning readTuning(const nlohmann::json& config)
{
    TrainerTuning tuning;
    if (!config.contains("trainer") || !config["trainer"].is_object())
        return tuning;
    const auto& json = config["trainer"];
    const auto number = [&](const char* key, double fallback) {
        return json.contains(key) && json[key].is_number() ? json[key].get<double>() : fallback;
    };
    tuning.checkpointSeconds = std::clamp(number("checkpointSeconds", tuning.checkpointSeconds), 0.0, 86400.0);
    tuning.heartbeatSeconds = std::clamp(number("heartbeatSeconds", tuning.heartbeatSeconds), 0.1, 5.0);
    tuning.roomSeconds = std::clamp(number("roomSeconds", tuning.roomSeconds), 0.05, 600.0);
    tuning.cacheBytes = static_cast<std::uint64_t>(std::clamp(number("cacheMegabytes", 0), 0.0, 1e6) * 1048576.0);
    return tuning;
}

bool isKept(const std::string& line, std::int64_t lastStep, std::int64_t lastValidated)
{
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("step") || !json["step"].is_number_integer() || !json.contains("name")
        || !json["name"].is_string())
        return false;
    const bool isValidation = json["name"].get_ref<const std::string&>().starts_with("val/");
    return json["step"].get<std::int64_t>() <= (isValidation ? lastValidated : lastStep);
}

}

base::Result<RunFolder> readRunFolder(const std::filesystem::path& path)
{
    RunFolder run;
    run.path = path;
    PERCEPT_ASSIGN(config, readJson(path / "config.json"));
    PERCEPT_ASSIGN(parsed, protocol::runConfigFromJson(config));
    run.config = parsed;
    if (run.config.task != domain::Task::Detection || run.config.recipe != "full")
        return base::usage("recipe: this version trains detection with the recipe 'full' only.");
    run.tuning = readTuning(config);
    PERCEPT_ASSIGN(labels, readLabels(path / "snapshot" / "labels.json"));
    run.labels = std::move(labels);
    PERCEPT_ASSIGN(items, readItems(path / "snapshot" / "items.jsonl", run.labels.size()));
    for (auto& item : items)
        (item.set == domain::SplitSet::Train ? run.train : run.validation).push_back(std::move(item));
    if (run.train.empty())
        return base::refused("The snapshot has no training pictures; finish some pictures and put them into the training set.");
    if (config.contains("plan") && config["plan"].is_object()) {
        PERCEPT_ASSIGN(plan, planFromJson(config["plan"]));
        run.plan = std::move(plan);
    }
    return run;
}

TrainerTuning readTrainerTuning(const std::filesystem::path& run)
{
    const auto config = readJson(run / "config.json");
    return config.hasValue() && config->is_object() ? readTuning(*config) : TrainerTuning {};
}

base::Result<void> writePlan(const RunFolder& run, const Plan& plan)
{
    const auto file = run.path / "config.json";
    PERCEPT_ASSIGN(config, readJson(file));
    config["plan"] = toJson(plan);
    return base::atomicWrite(file, config.dump(1) + "\n");
}

base::Result<void> writeSample(const RunFolder& run, const protocol::SampleMessage& sample)
{
    const auto folder = run.path / "samples";
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    return base::atomicWrite(folder / fmt::format("{}.json", sample.epoch), protocol::encode(sample, 0) + "\n");
}

base::Result<void> writeFinished(const std::filesystem::path& run, const protocol::FinishedMessage& finished)
{
    const nlohmann::json json { { "type", "finished" }, { "status", finished.status }, { "message", finished.message },
        { "time", base::nowMs() } };
    return base::atomicWrite(run / kFinishedFile, json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void removeFinished(const std::filesystem::path& run)
{
    std::error_code error;
    std::filesystem::remove(run / kFinishedFile, error);
}

MetricsLog::~MetricsLog()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

base::Result<void> MetricsLog::open(const RunFolder& run, std::int64_t lastStep, std::int64_t lastValidated)
{
    m_path = run.path / "metrics.jsonl";
    std::string kept;
    if (std::filesystem::exists(m_path)) {
        PERCEPT_ASSIGN(text, base::readTextFile(m_path));
        for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
            const std::string line = text.substr(at, end - at);
            if (isKept(line, lastStep, lastValidated))
                kept += line + "\n";
        }
    }
    PERCEPT_TRY(base::atomicWrite(m_path, kept));
    m_fd = ::open(m_path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    if (m_fd < 0)
        return base::failed(fmt::format("{} cannot be written: {}.", m_path.string(), base::describeErrno(errno)));
    return {};
}

base::Result<void> MetricsLog::append(const protocol::MetricMessage& metric)
{
    nlohmann::json line { { "name", metric.name }, { "step", metric.step }, { "epoch", metric.epoch }, { "value", nullptr },
        { "time", base::nowMs() } };
    if (metric.value.has_value() && std::isfinite(*metric.value))
        line["value"] = *metric.value;
    const std::string text = line.dump() + "\n";
    const auto before = ::lseek(m_fd, 0, SEEK_END);
    std::size_t done = 0;
    while (done < text.size()) {
        const auto written = ::write(m_fd, text.data() + done, text.size() - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written > 0) {
            done += static_cast<std::size_t>(written);
            continue;
        }
        const int error = errno;
        if (::ftruncate(m_fd, before) != 0) // half a line would spoil the one that is written when there is room again
            return base::failed(fmt::format("{} cannot be written: {}.", m_path.string(), base::describeErrno(errno)));
        return base::failed(fmt::format("{} cannot be written: {}. Free some space, then resume the run.", m_path.string(),
            base::describeErrno(error)));
    }
    return {};
}

}
