#include "app/edge/ask_edge.h"

#include "core/base/printable.h"
#include "core/base/time.h"
#include "core/device/control_socket.h"

#include <cstdio>
#include <fmt/format.h>

namespace percept::edge_app {

using nlohmann::json;

namespace {

constexpr int kRefused = base::exitStatus(base::ErrorCode::Refused);

void printJson(json answer)
{
    answer.erase("ok");
    fmt::print("{}\n", answer.dump());
}

std::string nameOf(const json& model) { return fmt::format("{} {}", model.value("name", ""), model.value("version", "")); }

std::string updateInWords(const json& result)
{
    const std::string status = result.value("status", "");
    if (status == "healthy")
        return nameOf(result["model"]) + " runs now.";
    if (status == "unchanged")
        return nameOf(result["model"]) + " runs already.";
    if (status == "on-trial")
        return nameOf(result["model"]) + " runs on trial; percept-edge was stopped before it was decided.";
    const std::string why = result["refusal"].value("message", "");
    return status == "rolled-back" ? nameOf(result["model"]) + " was taken back: " + why : "It is refused: " + why;
}

std::string temperatureInWords(const json& status)
{
    return status["temperatureC"].is_number() ? fmt::format(", {:.0f} degrees", status["temperatureC"].get<double>()) : "";
}

std::string videoInWords(const json& video)
{
    const std::string state = video.value("state", ""), message = video.value("message", "");
    return fmt::format("{} {}: {} of its pictures answered, {} left out to keep pace, {} damaged.{}\n", video.value("file", ""),
        state == "playing" ? "plays" : state == "ended" ? "is over" : state == "failed" ? "cannot be played on" : "waits",
        base::groupedCount(video.value("answered", std::int64_t(0))), base::groupedCount(video.value("dropped", std::int64_t(0))),
        base::groupedCount(video.value("damaged", std::int64_t(0))), message.empty() ? "" : " " + message);
}

std::string statusInWords(const json& status)
{
    const json& running = status["running"];
    std::string text = running.is_null() ? "No model answers at the moment.\n"
                                         : fmt::format("{} answers (sha256 {}).\n", nameOf(running), running.value("sha256", ""));
    if (status.value("activity", "") == "trial")
        text += "It is on trial.\n";
    if (status.value("activity", "") == "checking")
        text += "Another package is being checked beside it.\n";
    text += fmt::format("{:.1f} pictures a second, {:.0f} ms each (19 of 20 within {:.0f} ms), {} answered, {} failed.\n",
        status.value("framesPerSecond", 0.0), status.value("latencyMs", 0.0), status.value("latencyP95Ms", 0.0),
        base::groupedCount(status.value("predictions", std::int64_t(0))), base::groupedCount(status.value("errors", std::int64_t(0))));
    text += fmt::format("Up for {}, {} MiB{}.\n", base::describeDuration(status.value("uptimeSeconds", 0.0)),
        status.value("memoryBytes", std::int64_t(0)) >> 20, temperatureInWords(status));
    for (const json& video : status.value("videos", json::array()))
        text += videoInWords(video);
    if (const json fleet = status.value("fleet", json()); fleet.is_object())
        text += fmt::format("In its fleet as \"{}\", {}; {} waiting to be sent.\n", fleet.value("device", ""),
            fleet.value("connected", false) ? "connected" : "not connected", base::groupedCount(fleet.value("outbox", std::int64_t(0))));
    if (const json& refusal = status["lastRefusal"]; refusal.is_object())
        text += fmt::format("Last refused: {}, {}: {} ({})\n", base::isoUtc(refusal.value("timeMs", std::int64_t(0))),
            refusal.value("version", "").empty() ? "unknown version" : "version " + refusal.value("version", ""),
            refusal.value("message", ""), refusal.value("kind", ""));
    return text;
}

}

int report(const base::Error& error)
{
    fmt::print(stderr, "percept-edge: {}\n", base::printable(error.message));
    return base::exitStatus(error.code);
}

int enrolEdge(const device::EnrolOptions& options, bool asJson)
{
    const auto enrolled = device::enrol(options);
    if (enrolled.hasError())
        return report(enrolled.error());
    if (asJson)
        fmt::print("{}\n", json { { "device", enrolled->device }, { "broker", fmt::format("{}:{}", enrolled->brokerHost, enrolled->brokerPort) },
                               { "packages", enrolled->packageServer }, { "trusted", enrolled->trust } }.dump());
    else
        fmt::print("This device is \"{}\" now. percept-edge run --state {} connects it.\n", enrolled->device, options.state.string());
    return 0;
}

int updateEdge(const std::filesystem::path& state, const std::filesystem::path& package, bool asJson)
{
    std::error_code problem;
    const auto path = std::filesystem::absolute(package, problem);
    const auto answer = device::askEdge(state, { { "type", "update" }, { "package", path.string() } });
    if (answer.hasError())
        return report(answer.error());
    const std::string status = answer.value().value("status", "");
    const bool runs = status == "healthy" || status == "unchanged";
    if (asJson)
        printJson(answer.value());
    else
        fmt::print(runs ? stdout : stderr, "{}\n", base::printable(updateInWords(answer.value())));
    return runs ? 0 : status == "on-trial" ? 1 : kRefused;
}

int rollBackEdge(const std::filesystem::path& state, bool asJson)
{
    const auto answer = device::askEdge(state, { { "type", "rollback" } });
    if (answer.hasError())
        return report(answer.error());
    if (asJson)
        printJson(answer.value());
    else
        fmt::print("{} runs now.\n", base::printable(nameOf(answer.value()["model"])));
    return 0;
}

int showEdge(const std::filesystem::path& state, bool asJson)
{
    const auto answer = device::askEdge(state, { { "type", "status" } });
    if (answer.hasError())
        return report(answer.error());
    if (asJson)
        printJson(answer.value());
    else
        fmt::print("{}", base::printable(statusInWords(answer.value())));
    return 0;
}

}
