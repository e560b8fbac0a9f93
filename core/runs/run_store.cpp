#include "core/runs/run_store.h"

#include "core/base/files.h"
#include "core/runs/run_status.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

namespace percept::runs {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::uint64_t kMaxMetricsBytes = 256ull << 20;

base::Result<json> readConfig(const fs::path& folder)
{
    const auto file = folder / "config.json";
    PERCEPT_ASSIGN(text, base::readTextFile(file, 16 << 20));
    auto parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (parsed.is_discarded())
        return base::failed(file.string() + " is damaged, so this run cannot be read.");
    return parsed;
}

std::optional<protocol::MetricMessage> metricFromLine(std::string_view line)
{
    const auto j = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!j.is_object() || !j.contains("name") || !j["name"].is_string())
        return std::nullopt;
    const auto number = [&](const char* key) { return j.contains(key) && j[key].is_number() ? j[key].get<double>() : 0.0; };
    protocol::MetricMessage metric;
    metric.name = j["name"].get<std::string>();
    metric.step = static_cast<std::int64_t>(number("step"));
    metric.epoch = number("epoch");
    if (j.contains("value") && j["value"].is_number())
        metric.value = j["value"].get<double>();
    return metric;
}

// Complete lines from `offset` on; offset moves behind the last newline, so a torn line is read again when it is whole.
base::Result<std::string> completeLines(const fs::path& file, std::uint64_t& offset)
{
    // A pipe by that name would be waited for without end.
    if (std::error_code ec; !fs::is_regular_file(file, ec))
        return fs::exists(file, ec) ? base::Result<std::string>(base::refused(file.string() + " is not a regular file, so it is not the record of a training."))
                                    : base::Result<std::string>(std::string());
    std::ifstream in(file, std::ios::binary);
    if (!in)
        return std::string();
    in.seekg(0, std::ios::end);
    const auto size = static_cast<std::uint64_t>(in.tellg());
    if (size < offset)
        offset = 0; // begun anew
    if (size - offset > kMaxMetricsBytes)
        return base::failed(file.string() + " is too large to be the record of a training.");
    std::string text(size - offset, '\0');
    in.seekg(static_cast<std::streamoff>(offset));
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    text.resize(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
    offset += text.size();
    return text;
}

template <typename F>
void eachLine(std::string_view text, F use)
{
    while (!text.empty()) {
        const auto end = text.find('\n');
        use(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

// Fills in the scores of the run's validations and returns its last metric.
std::optional<protocol::MetricMessage> readScores(RunInfo& run)
{
    std::uint64_t offset = 0;
    const auto text = completeLines(run.folder / "metrics.jsonl", offset);
    if (text.hasError() || text->size() < 2)
        return std::nullopt;
    eachLine(text.value(), [&](std::string_view line) {
        if (line.find("\"val/map") == std::string_view::npos) // most lines are losses: not worth parsing here
            return;
        const auto metric = metricFromLine(line);
        if (!metric || !metric->value)
            return;
        if (metric->name == "val/map50") {
            run.lastMap50 = metric->value;
            run.bestMap50 = std::max(run.bestMap50.value_or(0), *metric->value);
        } else if (metric->name == "val/map") {
            run.bestMap = std::max(run.bestMap.value_or(0), *metric->value);
        }
    });
    return metricFromLine(std::string_view(*text).substr(text->rfind('\n', text->size() - 2) + 1));
}

struct PlannedSteps { std::int64_t steps = 0, perEpoch = 1; };

PlannedSteps plannedSteps(const json& config)
{
    try {
        const auto& plan = config.at("plan");
        if (plan.at("stages").empty())
            return {};
        return { plan.at("stages").back().at("steps").get<std::int64_t>(), std::max<std::int64_t>(1, plan.at("stepsPerEpoch").get<std::int64_t>()) };
    } catch (const json::exception&) {
        return {}; // not planned yet
    }
}

// What its trainer has left in the run's folder.
struct OnDisk {
    json config; // with the plan, once there is one
    std::optional<protocol::MetricMessage> lastMetric;
};

// How far a run is that nobody follows: its last metric, and the plan that its trainer has stored.
std::optional<protocol::ProgressMessage> progressOnDisk(const RunInfo& run, const OnDisk& disk)
{
    const auto& last = disk.lastMetric;
    if (!last)
        return std::nullopt;
    protocol::ProgressMessage progress;
    progress.step = last->step;
    progress.epoch = static_cast<int>(std::ceil(last->epoch));
    progress.epochs = run.config.epochs.value_or(0);
    if (const auto steps = plannedSteps(disk.config); steps.steps > 0) {
        progress.steps = steps.steps;
        progress.epochs = static_cast<int>((steps.steps + steps.perEpoch - 1) / steps.perEpoch);
    }
    return progress;
}

void applyStatus(RunInfo& run, const RunStatus& status, const OnDisk& disk)
{
    run.status = status.status;
    run.message = status.message;
    run.createdMs = status.createdMs;
    run.startedMs = status.startedMs;
    run.endedMs = status.endedMs;
    run.progress = status.progress;
    if (run.status == "running" && isAlive(status.process)) {
        if (status.detached) {
            const auto said = readProgress(run.folder);
            run.progress = said && said->steps > 0 ? said : progressOnDisk(run, disk);
        }
    } else if (run.status == "running") {
        if (const auto end = readTrainerEnd(run.folder)) {
            run.status = end->message.status;
            run.message = end->message.message;
            run.endedMs = end->timeMs;
            run.progress = progressOnDisk(run, disk);
            return;
        }
        run.status = "crashed";
        run.message = "The training ended without a word (killed, or the machine was restarted). It can be continued from its last checkpoint.";
    }
}

// Of the document of `evaluate` only what every list of runs shows.
std::optional<double> readScoredMap50(const fs::path& folder)
{
    const auto text = base::readTextFile(folder / "evaluation-validation.json", 16 << 20);
    const auto document = text.hasValue() ? json::parse(text.value(), nullptr, /*allow_exceptions=*/false) : json();
    try {
        return document.at("metrics").at("map50").at("value").get<double>();
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

RunInfo unreadableRun(const fs::path& folder, const base::Error& error)
{
    RunInfo run;
    run.id = folder.filename().string();
    run.folder = folder;
    run.status = "failed";
    run.message = error.message;
    return run;
}

}

std::filesystem::path runFolder(const fs::path& project, const std::string& id) { return project / "runs" / id; }

base::Result<RunInfo> readRun(const fs::path& folder)
{
    std::error_code ec;
    if (!fs::is_directory(folder, ec))
        return base::notFound("There is no run " + folder.filename().string() + " in this project. `percept runs` lists them.");
    PERCEPT_ASSIGN(stored, readConfig(folder));
    PERCEPT_ASSIGN(config, protocol::runConfigFromJson(stored));
    RunInfo run;
    run.id = folder.filename().string();
    run.folder = folder;
    run.config = std::move(config);
    run.status = "prepared";
    const auto lastMetric = readScores(run);
    const OnDisk disk { std::move(stored), lastMetric };
    if (const auto status = readStatus(folder); status.hasValue()) {
        applyStatus(run, status.value(), disk);
    } else if (fs::exists(folder / "status.json", ec)) {
        run.status = "crashed";
        run.message = status.error().message;
    }
    run.hasModel = fs::is_regular_file(folder / "model" / "model.onnx", ec) && fs::is_regular_file(folder / "model" / "spec.json", ec);
    if (run.hasModel && run.status != "running")
        run.scoredMap50 = readScoredMap50(folder);
    return run;
}

bool isRunId(std::string_view id)
{
    return id.size() >= 2 && id.size() <= 20 && id[0] == 'r' && id.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

base::Result<RunInfo> findRun(const fs::path& project, const std::string& id)
{
    if (!isRunId(id))
        return base::notFound("'" + id + "' is no run of this project. `percept runs` lists them.");
    return readRun(runFolder(project, id));
}

std::vector<RunInfo> readAllRuns(const fs::path& project)
{
    std::vector<RunInfo> runs;
    std::error_code ec;
    for (fs::directory_iterator it(project / "runs", ec), end; !ec && it != end; it.increment(ec)) {
        std::error_code ignored;
        if (!it->is_directory(ignored) || it->path().filename().string().starts_with('.'))
            continue;
        auto run = readRun(it->path());
        runs.push_back(run.hasValue() ? std::move(run).value() : unreadableRun(it->path(), run.error()));
    }
    std::sort(runs.begin(), runs.end(), [](const RunInfo& a, const RunInfo& b) {
        return a.id.size() != b.id.size() ? a.id.size() > b.id.size() : a.id > b.id; // r10000 is newer than r9999
    });
    return runs;
}

base::Result<std::vector<protocol::MetricMessage>> readMetrics(const fs::path& folder, std::uint64_t& offset)
{
    PERCEPT_ASSIGN(text, completeLines(folder / "metrics.jsonl", offset));
    std::vector<protocol::MetricMessage> metrics;
    eachLine(text, [&](std::string_view line) {
        if (auto metric = metricFromLine(line))
            metrics.push_back(std::move(*metric));
    });
    return metrics;
}

base::Result<std::vector<protocol::SampleMessage>> readSamples(const fs::path& folder)
{
    std::vector<protocol::SampleMessage> samples;
    std::error_code ec;
    for (fs::directory_iterator it(folder / "samples", ec), end; !ec && it != end; it.increment(ec)) {
        if (it->path().extension() != ".json")
            continue;
        const auto text = base::readTextFile(it->path(), 16 << 20);
        auto frame = text.hasValue() ? json::parse(text.value(), nullptr, false) : json();
        if (!frame.is_object())
            continue; // being written, or of a crash: the next epoch brings another
        frame["type"] = "sample";
        auto message = protocol::decodeTrainerMessage(frame.dump());
        if (message.hasValue() && std::holds_alternative<protocol::SampleMessage>(message.value()))
            samples.push_back(std::get<protocol::SampleMessage>(std::move(message).value()));
    }
    std::sort(samples.begin(), samples.end(), [](const auto& a, const auto& b) { return a.epoch < b.epoch; });
    return samples;
}

}
