#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "core/base/time.h"
#include "core/fleet/hub_address.h"
#include "core/monitoring/overview.h"

#include <cmath>
#include <fmt/format.h>

namespace percept::cli {

using nlohmann::json;

namespace {

struct MonitorArguments {
    std::string project, state = fleet::defaultFleetFolder().string(), reference = "auto";
    int days = 7, period = 24;
    std::int64_t atLeast = 500;
};

std::string figure(double value, int digits) { return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : "-"; }

std::string rowText(const monitoring::Track& track, const monitoring::JudgedTrack& judged, std::int64_t fromMs, const monitoring::WindowRules& rules)
{
    const auto total = monitoring::totalSince(track, fromMs);
    auto text = fmt::format("{:<20} {:<7} {:>12} pictures {:>12} objects  mean score {}  {} a second  half within {} ms, 19 of 20 within {} ms", track.device, track.version,
        base::groupedCount(total.frames), base::groupedCount(total.predictions), figure(monitoring::meanScore(total.scores()), 3),
        figure(total.framesPerSecond(), 1), figure(total.latencyP50Ms(), 0), figure(total.latencyP95Ms(), 0));
    if (total.failedFrames > 0)
        text += fmt::format(", {} failed", base::groupedCount(total.failedFrames));
    for (const auto& [label, entry] : total.classes)
        text += fmt::format("\n    {:<24} {:>12}  score {}", label, base::groupedCount(entry.count), figure(monitoring::meanScore(entry.scores), 3));
    if (!judged.reference)
        text += fmt::format("\n    compared with its first {} once they have been told, with {} objects each: {} so far", monitoring::periodsText(rules, rules.referenceWindows),
            base::groupedCount(rules.leastPredictions), judged.fieldWindows);
    return text;
}

std::string alertText(const monitoring::Alert& alert)
{
    const char* word = alert.level == monitoring::Level::Watch ? "watched" : alert.endedMs != 0 ? "closed" : alert.level == monitoring::Level::Act ? "ALERT" : "WARNING";
    auto text = fmt::format("{} {}. {}", word, alert.title, alert.text);
    if (alert.sinceMs != 0)
        text += " Since " + base::isoUtc(alert.sinceMs);
    if (alert.endedMs != 0)
        return text + ", until " + base::isoUtc(alert.endedMs) + ".";
    text += (alert.sinceMs != 0 ? "." : "") + ("\n    " + alert.next);
    return alert.details.empty() ? text : text + "\n    For engineers: " + alert.details;
}

std::string overviewText(const monitoring::Overview& overview, std::int64_t fromMs)
{
    std::string text;
    const auto add = [&](const std::string& line) { text += (text.empty() ? "" : "\n") + line; };
    for (const auto& device : overview.devices)
        if (!device.online)
            add(fmt::format("{:<20} {}", device.name, device.seenMs == 0 ? std::string("never heard of") : "offline since " + base::isoUtc(device.seenMs)));
    for (std::size_t i = 0; i < overview.tracks.size(); ++i)
        add(rowText(overview.tracks[i], overview.judged[i], fromMs, overview.rules.windows));
    if (overview.tracks.empty())
        add("No device has told anything of this project's models yet. `percept fleet deploy FILE.ppkg` rolls one out.");
    for (const auto& alert : overview.alerts)
        add(alertText(alert));
    if (overview.unreadable > 0)
        add(plural(overview.unreadable, "report in the memory of the hub could not be read.", "reports in the memory of the hub could not be read."));
    return text;
}

monitoring::Rules rulesFrom(const MonitorArguments& a)
{
    monitoring::Rules rules;
    rules.windows.periodMs = a.period * monitoring::kHourMs;
    rules.windows.leastPredictions = rules.windows.leastFrames = a.atLeast;
    rules.reference = a.reference == "field" ? monitoring::ReferenceChoice::Field
        : a.reference == "validation"        ? monitoring::ReferenceChoice::Validation
                                             : monitoring::ReferenceChoice::Auto;
    return rules;
}

base::Result<Outcome> monitor(Context& context, const MonitorArguments& a)
{
    PERCEPT_ASSIGN(reader, openReader(a.project));
    monitoring::FleetMonitor fleet(a.state, projectFolder(a.project));
    const std::int64_t now = base::nowMs(), from = now - a.days * 24 * monitoring::kHourMs;
    PERCEPT_ASSIGN(overview, fleet.read(*reader, rulesFrom(a), now, context.progress(), context.cancel));
    return Outcome { monitoring::overviewDocument(overview, from), overviewText(overview, from) };
}

}

void addMonitorCommand(CLI::App& app, Action& chosen)
{
    auto* command = app.add_subcommand("monitor", "What devices tell of the project's models: counts, confidence, latency, alerts");
    auto a = std::make_shared<MonitorArguments>();
    command->add_option("PROJECT", a->project, "Folder of the project")->required();
    command->add_option("--state", a->state, "Folder of the hub");
    command->add_option("--days", a->days, "Counts of so many days; alerts look at everything")->check(CLI::Range(1, 3650));
    command->add_option("--period", a->period, "Compare so many hours with as many before; 24: day by day")->check(CLI::Range(1, 24 * 28));
    command->add_option("--at-least", a->atLeast, "Objects that must have been found in that time (pictures, for what they tell without any); else the next is added to it")->check(CLI::Range(1, 1000000000));
    command->add_option("--reference", a->reference, "Compare with what the model was tested on (validation), with the first days of the device (field), or both (auto)")
        ->check(CLI::IsMember({ "auto", "validation", "field" }));
    command->callback([=, &chosen] { chosen = [=](Context& context) { return monitor(context, *a); }; });
}

}
