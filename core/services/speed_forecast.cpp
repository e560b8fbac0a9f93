#include "core/services/speed_forecast.h"

#include "core/fleet/rollout_view.h"
#include "core/protocol/device_limits.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace percept::services {

namespace {

constexpr double kClearlySlower = 1.3;   // less is lost in how different pictures and machines are
constexpr double kNearLimit = 0.9;       // of kMaxSlowdown: machines do not scale to the per cent

// "4", "2.4"
std::string timesText(double times)
{
    const double rounded = std::round(times * 10) / 10;
    return rounded == std::round(rounded) || rounded >= 10 ? fmt::format("{:.0f}", rounded) : fmt::format("{:.1f}", rounded);
}

std::string rateText(double picturesPerSecond) { return picturesPerSecond < 10 ? timesText(picturesPerSecond) : fmt::format("{:.0f}", picturesPerSecond); }

double area(const PackageFacts& facts) { return static_cast<double>(facts.inputWidth) * facts.inputHeight; }

std::string refusalWords()
{
    return fmt::format(" Devices refuse a model that takes more than {:g} times as long as the one before, so some may refuse it; `percept-edge run --max-slowdown` changes that on a device, "
                       "and a smaller picture size trains a faster model.",
        protocol::kMaxSlowdown);
}

// What it means where it matters most.
std::string deviceWords(const DeviceSpeed& slowest, double times)
{
    const double laterMs = slowest.answerMs * times, most = 1000 / laterMs;
    const std::string now = fmt::format(" {} needs {:.0f} ms for an answer now and would need about {:.0f} ms", slowest.name, slowest.answerMs, laterMs);
    return slowest.framesPerSecond > most
        ? fmt::format("{}: of the {} pictures a second that it answers now it would reach about {}.", now, rateText(slowest.framesPerSecond), rateText(most))
        : fmt::format("{}, which is enough for the {} pictures a second that it answers now.", now, rateText(slowest.framesPerSecond));
}

}

std::vector<DeviceSpeed> speedsOf(const fleet::FleetState& fleet, const std::string& sha256)
{
    std::vector<DeviceSpeed> speeds;
    for (const auto& device : fleet.devices)
        if (device.running && device.running->sha256 == sha256 && device.latencyMs > 0)
            speeds.push_back({ device.name, device.framesPerSecond, device.latencyMs });
    return speeds;
}

SpeedForecast forecastSpeed(const PackageFacts& now, const PackageFacts& against, const std::vector<DeviceSpeed>& devices)
{
    SpeedForecast forecast;
    if (area(now) <= 0 || area(against) <= 0)
        return forecast;
    forecast.times = area(now) / area(against);
    if (forecast.times < kClearlySlower)
        return forecast;
    const auto slowest = std::max_element(devices.begin(), devices.end(), [](const auto& a, const auto& b) { return a.answerMs < b.answerMs; });
    const bool isFast = slowest != devices.end() && slowest->answerMs * forecast.times <= protocol::kSlowFloorMs;
    forecast.mayBeRefused = forecast.times > kNearLimit * protocol::kMaxSlowdown && !isFast;
    forecast.words = fmt::format("Answers take about {} times as long as those of version {}, which runs: version {} looks at {} x {} pixels, that one at {} x {}.", timesText(forecast.times),
        against.version, now.version, now.inputWidth, now.inputHeight, against.inputWidth, against.inputHeight);
    if (slowest != devices.end())
        forecast.words += deviceWords(*slowest, forecast.times);
    if (forecast.mayBeRefused)
        forecast.words += refusalWords();
    return forecast;
}

SpeedForecast forecastRollout(const std::filesystem::path& package, const fleet::FleetState& fleet, const std::filesystem::path& hubFolder, const fleet::IsOwn& isOwn)
{
    const auto now = readPackageFacts(package);
    const auto running = now.hasValue() ? fleet::runningModel(fleet, isOwn ? isOwn : fleet::isCalled(now->name)) : std::nullopt;
    if (!running || running->sha256.empty() || running->version == now->version)
        return {};
    const auto against = readPackageFacts(hubFolder / "packages" / (running->sha256 + ".ppkg"));
    return against.hasValue() ? forecastSpeed(*now, *against, speedsOf(fleet, running->sha256)) : SpeedForecast();
}

std::string slowerWords(int longSide, int againstSide, const std::string& againstVersion)
{
    if (longSide <= 0 || againstSide <= 0)
        return {};
    const double times = std::pow(static_cast<double>(longSide) / againstSide, 2);
    if (times < kClearlySlower)
        return {};
    return fmt::format("Devices take about {} times as long for an answer as with version {}, which looks at {} pixels.", timesText(times), againstVersion, againstSide)
        + (times > kNearLimit * protocol::kMaxSlowdown ? fmt::format(" They may refuse it: more than {:g} times is too slow for them.", protocol::kMaxSlowdown) : std::string());
}

}
