// fleet devices, acl, enroll, remove, ring, status, deploy, promote, stop, rollback, samples, rules.
#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "core/base/time.h"
#include "core/fleet/hub_client.h"
#include "core/fleet/own_packages.h"
#include "core/packaging/package.h"
#include "core/services/check_package.h"
#include "core/services/rollout_caution.h"
#include "core/services/speed_forecast.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <set>

namespace percept::cli {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

struct FleetArguments {
    std::string state = fleet::defaultFleetFolder().string();
    std::string device, ring = "test", file, project, why;
    std::optional<double> randomShare, belowScore;
    std::optional<bool> eventEdges;
    std::optional<int> perDay, windowSeconds, liveFrames, promoteLater;
    bool onlyWaiting = false, showsPasswords = false;
    int most = 100, hours = 24, promoteAfter = 0;
};

base::Result<json> ask(const FleetArguments& a, const char* path)
{
    PERCEPT_ASSIGN(hub, fleet::HubClient::find(a.state));
    return hub.get(path);
}

base::Result<json> tell(const FleetArguments& a, const char* path, const json& body)
{
    PERCEPT_ASSIGN(hub, fleet::HubClient::find(a.state));
    return hub.post(path, body);
}

std::string ago(const json& ms)
{
    if (!ms.is_number_integer())
        return "never";
    const double seconds = static_cast<double>(base::nowMs() - ms.get<std::int64_t>()) / 1000;
    return seconds < 1 ? "now" : base::describeDuration(seconds) + " ago";
}

// Models that are called the same and are none the less different ones (of two projects, say) are told apart by a few digits.
class ModelNames {
public:
    explicit ModelNames(fs::path hubFolder)
        : m_folder(std::move(hubFolder))
    {
    }
    void add(const json& device)
    {
        for (const char* key : { "running", "desired" })
            if (device.contains(key) && device[key].is_object())
                m_models[device[key].value("version", "?")].insert(digitsOf(device[key]));
    }
    std::string of(const json& device, const char* key) const
    {
        if (!device.contains(key) || !device[key].is_object())
            return "-";
        const auto version = device[key].value("version", "?");
        const auto at = m_models.find(version);
        return at == m_models.end() || at->second.size() < 2 ? version : fmt::format("{} ({})", version, digitsOf(device[key]));
    }

private:
    std::string digitsOf(const json& model) const
    {
        const auto sha256 = model.value("sha256", "");
        const auto key = fleet::modelKeyOf(m_folder / "packages" / (sha256 + ".ppkg")); // that of every release of it
        return (key.empty() ? sha256 : key).substr(0, 6);
    }
    fs::path m_folder;
    std::map<std::string, std::set<std::string>> m_models; // by version
};

std::string deviceLine(const json& d, const ModelNames& names)
{
    auto line = fmt::format("{:<20} {:<5} {:<8} runs {:<8} to run {:<8} seen {}", d.value("device", ""), d.value("ring", ""),
        d.value("online", false) ? "online" : "offline", names.of(d, "running"), names.of(d, "desired"), ago(d.value("seen_ms", json())));
    if (d.contains("refusal") && d["refusal"].is_object())
        line += "\n    refused: " + d["refusal"].value("message", "");
    return line;
}

base::Result<Outcome> listDevices(const FleetArguments& a)
{
    PERCEPT_ASSIGN(document, ask(a, "/api/devices"));
    std::string text;
    ModelNames names(a.state);
    for (const auto& device : document.at("devices"))
        names.add(device);
    for (const auto& device : document.at("devices"))
        text += (text.empty() ? "" : "\n") + deviceLine(device, names);
    if (text.empty())
        text = "No device is enrolled. `percept fleet enroll NAME` makes a token for one.";
    return Outcome { std::move(document), std::move(text) };
}

std::string rolloutLine(const json& r)
{
    const auto& package = r.at("package");
    auto line = fmt::format("{} {} (release {}): {}, ring {}", package.value("name", ""), package.value("version", ""),
        package.value("release_counter", std::int64_t { 0 }), r.value("state", ""), r.value("ring", ""));
    if (const auto note = r.value("note", ""); !note.empty())
        line += ", " + note;
    return line;
}

base::Result<Outcome> showStatus(const FleetArguments& a)
{
    PERCEPT_ASSIGN(document, ask(a, "/api/status"));
    const json& broker = document.at("broker");
    const bool isOthers = broker.contains("url") && broker["url"].is_string();
    auto text = fmt::format("{}, {} online; broker {}{}", plural(document.value("devices", 0), "device", "devices"), document.value("online", 0),
        isOthers ? broker["url"].get<std::string>() : fmt::format("on port {}", broker.value("port", 0)), broker.value("connected", false) ? "" : " (not connected)");
    if (broker.contains("problem") && broker["problem"].is_string())
        text += "\n    " + broker["problem"].get<std::string>();
    for (const auto& rollout : document.at("rollouts"))
        text += "\n" + rolloutLine(rollout);
    if (const int minutes = document.value("promote_after_minutes", 0); minutes > 0)
        text += fmt::format("\n    goes to the next ring by itself after {} without trouble", plural(minutes, "minute", "minutes"));
    for (const auto& alert : document.at("alerts"))
        text += "\nALERT " + alert.value("text", "");
    for (const auto& total : document.at("totals")) {
        text += fmt::format("\n{:<20} {} frames, {} objects, {}", total.value("device", ""), base::groupedCount(total.value("frames", std::int64_t { 0 })),
            base::groupedCount(total.value("objects", std::int64_t { 0 })), plural(total.value("samples", std::int64_t { 0 }), "sample", "samples"));
        if (const auto dropped = total.value("dropped_samples", std::int64_t { 0 }); dropped > 0)
            text += fmt::format(", {} left out", base::groupedCount(dropped));
    }
    return Outcome { std::move(document), std::move(text) };
}

base::Result<Outcome> listSamples(const FleetArguments& a)
{
    PERCEPT_ASSIGN(document, ask(a, fmt::format("/api/samples?device={}&most={}&waiting={}", a.device, a.most, a.onlyWaiting ? 1 : 0).c_str()));
    auto text = plural(document.value("total", std::int64_t { 0 }), "picture has come home", "pictures have come home");
    for (const auto& sample : document.at("samples"))
        text += fmt::format("\n{}  {:<20} {:<7} {} objects by version {}, {}  {}", sample.value("id", ""), sample.value("device", ""),
            sample.value("reason", ""), sample["predictions"].is_array() ? sample["predictions"].size() : 0, sample.value("version", "?"),
            sample.value("state", ""), sample.value("file", ""));
    return Outcome { std::move(document), std::move(text) };
}

base::Result<Outcome> changeRules(const FleetArguments& a)
{
    json rules = json::object(), sampling = json::object();
    const auto put = [](json& object, const char* name, const auto& value) {
        if (value)
            object[name] = *value;
    };
    put(sampling, "randomShare", a.randomShare);
    put(sampling, "belowScore", a.belowScore);
    put(sampling, "eventEdges", a.eventEdges);
    put(sampling, "perDay", a.perDay);
    if (!sampling.empty())
        rules["sampling"] = sampling;
    put(rules, "windowSeconds", a.windowSeconds);
    put(rules, "liveFrames", a.liveFrames);
    PERCEPT_ASSIGN(document, tell(a, "/api/rules", { { "device", a.device }, { "rules", rules } }));
    std::string text;
    for (const auto& d : document.at("devices"))
        text += fmt::format("{}{:<20} windows of {} s; pictures: {:.4g} of all at random, {}, {}; at most {} a day", text.empty() ? "" : "\n", d.value("device", ""),
            d.value("window_seconds", 0), d.value("random_share", 0.0),
            d.value("below_score", 0.0) > 0 ? fmt::format("best score under {:.2f}", d.value("below_score", 0.0)) : std::string("none for its score"),
            d.value("event_edges", false) ? "when something begins or ends" : "none for what begins or ends", d.value("per_day", 0));
    return Outcome { std::move(document), std::move(text) };
}

// The broker is not the hub's own, which is never told anything by hand.
bool hasToBeTold(const json& document) { return document.contains("broker") && document["broker"].is_string(); }

base::Result<Outcome> enroll(const FleetArguments& a)
{
    PERCEPT_ASSIGN(document, tell(a, "/api/enroll", { { "device", a.device }, { "ring", a.ring }, { "hours", a.hours } }));
    auto text = fmt::format("On the device {}, in the folder that percept-edge is to work with (works once, until {}):\n"
                                  "percept-edge enroll --state DIR {}", a.device, base::isoUtc(document.value("expires_ms", std::int64_t { 0 })), document.value("line", ""));
    if (hasToBeTold(document) && document["broker_user"] == "")
        text += fmt::format("\nThen give the broker {} what `percept fleet acl` and `percept fleet acl --passwords` print: until it has read that the device is not let in.",
            document["broker"].get<std::string>());
    return Outcome { std::move(document), std::move(text) };
}

base::Result<Outcome> throwOut(const FleetArguments& a)
{
    PERCEPT_ASSIGN(document, tell(a, "/api/remove", { { "device", a.device } }));
    auto text = a.device + " was thrown out.";
    if (hasToBeTold(document))
        text += fmt::format(" What it says is not taken any more; for it to lose its place at the broker {}, give that the new lines of `percept fleet acl`.",
            document["broker"].get<std::string>());
    return Outcome { std::move(document), std::move(text) };
}

// What is printed is the file: nothing else is on stdout.
base::Result<Outcome> showAccess(const FleetArguments& a)
{
    PERCEPT_ASSIGN(document, ask(a, "/api/acl"));
    std::string lines = document.value(a.showsPasswords ? "passwords" : "acl", "");
    if (lines.empty())
        return base::notFound(a.showsPasswords ? "The hub has no passwords for the broker: all devices share one name, or none is enrolled yet." : "No device is enrolled yet.");
    if (lines.back() == '\n')
        lines.pop_back(); // comes with the output
    return Outcome { std::move(document), std::move(lines) };
}

base::Result<Outcome> changeDevice(const FleetArguments& a, const char* path, const char* done)
{
    PERCEPT_ASSIGN(document, tell(a, path, { { "device", a.device }, { "ring", a.ring } }));
    auto text = fmt::format("{} {}.", a.device, done);
    if (document.contains("note") && document["note"].is_string())
        text += " " + document["note"].get<std::string>();
    return Outcome { std::move(document), std::move(text) };
}

base::Result<Outcome> changeRollout(const FleetArguments& a, const char* path, const json& body)
{
    PERCEPT_ASSIGN(document, tell(a, path, body));
    auto text = rolloutLine(document.at("rollout")) + "; " + plural(static_cast<std::int64_t>(document.at("devices").size()), "device was told", "devices were told");
    return Outcome { std::move(document), std::move(text) };
}

// The same with what is rolled out at this moment, so that nothing is done to another roll-out that begins a moment later. Where there is none
// the hub says so.
enum class Meant { Running, RunningInItsRing, Newest };
base::Result<Outcome> changeSeen(const FleetArguments& a, const char* path, json body, Meant meant)
{
    PERCEPT_ASSIGN(status, ask(a, "/api/status"));
    const json& rollouts = status.at("rollouts"); // newest first
    const auto isMeant = [&](const json& rollout) {
        const auto state = rollout.value("state", "");
        return meant == Meant::Newest ? state != "rolled-back" : state == "running";
    };
    if (const auto found = std::find_if(rollouts.begin(), rollouts.end(), isMeant); found != rollouts.end()) {
        body["rollout"] = found->value("id", std::int64_t { 0 });
        if (meant == Meant::RunningInItsRing)
            body["ring"] = found->value("ring", "");
    }
    return changeRollout(a, path, body);
}

// What is known before a roll-out. What is missing holds none up.
struct Outlook {
    base::Result<services::RolloutCaution> caution = services::RolloutCaution();
    services::SpeedForecast speed; // how much slower it is than what runs
    std::string other;             // another project's model that it takes the place of, in words
};

// Against what runs: on the same pictures where the package lies in its project (or --project names it), else by the scores that the
// packages carry.
base::Result<services::RolloutCaution> cautionOf(Context& context, const FleetArguments& a, const fs::path& project, const fleet::FleetState& state, const fleet::IsOwn& isOwn)
{
    PERCEPT_ASSIGN(facts, services::readPackageFacts(a.file));
    const auto running = fleet::runningModel(state, isOwn);
    const bool isRefused = !state.rollouts.empty() && state.rollouts.front().state == "running"; // one at a time
    if (!running || running->version == facts.version || isRefused)
        return services::RolloutCaution();
    if (!project.empty()) {
        auto compared = services::compareBeforeRollout(project, facts.version, running->version, context.progress(), context.cancel);
        if (compared.hasValue() || compared.error().code == base::ErrorCode::Cancelled || !a.project.empty())
            return compared;
    }
    auto caution = services::comparePackages(a.file, fs::path(a.state) / "packages" / (running->sha256 + ".ppkg"));
    if (caution.hasValue() && caution->isLower)
        caution->words += " `percept compare` shows both the same pictures.";
    return caution;
}

base::Result<Outlook> lookAhead(Context& context, const FleetArguments& a)
{
    PERCEPT_ASSIGN(manifest, packaging::readManifest(a.file));
    PERCEPT_ASSIGN(hub, fleet::HubClient::find(a.state));
    PERCEPT_ASSIGN(state, hub.readState());
    const fs::path project = a.project.empty() ? services::projectOfPackage(a.file) : projectFolder(a.project);
    fleet::OwnPackages own(a.state);
    fleet::IsOwn isOwn = fleet::isCalled(manifest.name); // of a package without its project nothing else is known
    if (!project.empty()) {
        PERCEPT_ASSIGN(reader, dataset::ProjectReader::open(project));
        PERCEPT_TRY(own.read(*reader));
        isOwn = own.test();
    }
    return Outlook { cautionOf(context, a, project, state, isOwn), services::forecastRollout(a.file, state, a.state, isOwn), services::otherModelWords(state, a.state, isOwn) };
}

json cautionJson(const services::RolloutCaution& c)
{
    const bool isPaired = c.pictures > 0 && std::isfinite(c.low);
    return { { "version", c.now }, { "against", c.against }, { "points", { { "value", c.points }, { "low", isPaired ? json(c.low) : json() }, { "high", isPaired ? json(c.high) : json() } } },
        { "pictures", c.pictures }, { "proven", c.isProven }, { "found", c.foundNow >= 0 && c.foundAgainst >= 0 ? json { { "now", c.foundNow }, { "against", c.foundAgainst } } : json() }, { "words", c.words } };
}

base::Result<Outcome> deploy(Context& context, const FleetArguments& a)
{
    const auto seen = lookAhead(context, a);
    const Outlook outlook = seen.hasValue() ? *seen : Outlook { seen.error(), {}, {} };
    const auto& [caution, speed, other] = outlook;
    if (caution.hasError() && caution.error().code == base::ErrorCode::Cancelled)
        return caution.error();
    std::error_code error;
    PERCEPT_ASSIGN(done, changeRollout(a, "/api/deploy", { { "file", fs::absolute(a.file, error).string() }, { "promote_after_minutes", a.promoteAfter } }));
    const bool isLower = caution.hasValue() && caution->isLower;
    done.document["caution"] = isLower ? cautionJson(*caution) : json();
    done.document["slower"] = speed.words.empty() ? json() : json { { "times", speed.times }, { "may_be_refused", speed.mayBeRefused }, { "words", speed.words } };
    done.document["other_model"] = other.empty() ? json() : json(other);
    if (!other.empty())
        context.terminal.line("Caution: " + other);
    const auto weak = services::warningAbout(services::readPackageScore(a.file));
    done.document["warnings"] = weak.empty() ? json::array() : json::array({ weak });
    if (!weak.empty())
        context.terminal.line("Caution: " + weak + " `percept fleet rollback` brings back what ran.");
    if (!speed.words.empty())
        context.terminal.line("Caution: " + speed.words);
    if (isLower)
        context.terminal.line("Caution: " + caution->words + " `percept fleet rollback` brings back what ran.");
    else if (caution.hasError() && !a.project.empty())
        context.terminal.line("It was not compared with what runs: " + caution.error().message);
    return done;
}

// Goes on all the same: people decide, and are told what they have not waited for.
base::Result<Outcome> promote(Context& context, const FleetArguments& a)
{
    PERCEPT_ASSIGN(hub, fleet::HubClient::find(a.state));
    json open = json::array();
    std::string words;
    if (const auto state = hub.readState(); state.hasValue()) { // else the hub says what is wrong
        const auto view = fleet::viewRollout(*state, {}, base::nowMs());
        for (const auto& ring : view.rings)
            for (const auto& condition : ring.conditions)
                if (view.isRunning() && condition.state != fleet::RingCondition::State::Met) {
                    const std::string said = condition.text + (condition.value.empty() ? "" : ": " + condition.value);
                    open.push_back({ { "ring", ring.ring }, { "condition", condition.text }, { "value", condition.value } });
                    words += (words.empty() ? "" : "; ") + said;
                }
    }
    PERCEPT_ASSIGN(done, changeSeen(a, "/api/promote", json::object(), Meant::RunningInItsRing));
    if (!words.empty())
        context.terminal.line(fmt::format("Promoted with open conditions in the ring before ({}). `percept fleet rollback` brings back what ran.", words));
    done.document["open_conditions"] = std::move(open);
    return done;
}

// One subcommand of `fleet`: arguments are shared, each declares its own.
CLI::App* add(CLI::App* fleet, const std::shared_ptr<FleetArguments>& a, Action& chosen, const char* name, const char* what,
    std::function<base::Result<Outcome>(Context&, const FleetArguments&)> work)
{
    auto* command = fleet->add_subcommand(name, what);
    command->add_option("--state", a->state, "Folder of the hub");
    command->callback([=, &chosen] { chosen = [=](Context& context) { return work(context, *a); }; });
    return command;
}

void addDeviceCommands(CLI::App* fleet, const std::shared_ptr<FleetArguments>& a, Action& chosen)
{
    add(fleet, a, chosen, "devices", "What each device runs, is to run, and refused", [](Context&, const FleetArguments& b) { return listDevices(b); });
    auto* samples = add(fleet, a, chosen, "samples", "Pictures that devices have sent home, newest first", [](Context&, const FleetArguments& b) { return listSamples(b); });
    samples->add_option("--device", a->device, "Only of this one");
    samples->add_option("--most", a->most, "No more than so many")->check(CLI::Range(1, 10'000));
    samples->add_flag("--waiting", a->onlyWaiting, "Only those that nobody has taken or ignored yet");
    auto* ruling = add(fleet, a, chosen, "rules", "Which pictures come home, and how often devices report; without options: what holds",
        [](Context&, const FleetArguments& b) { return changeRules(b); });
    ruling->add_option("--device", a->device, "Only for this one; else for all that are enrolled");
    ruling->add_option("--random", a->randomShare, "Share of all pictures, 0 to 1")->check(CLI::Range(0.0, 1.0));
    ruling->add_option("--below", a->belowScore, "Pictures whose best score is under this, and over half of it; 0: none")->check(CLI::Range(0.0, 1.0));
    ruling->add_option("--edges", a->eventEdges, "true or false: pictures on which something begins or ceases to be seen");
    ruling->add_option("--per-day", a->perDay, "No more than so many from each device")->check(CLI::Range(0, 1'000'000));
    ruling->add_option("--window", a->windowSeconds, "Seconds")->check(CLI::Range(1, 86'400));
    ruling->add_option("--live", a->liveFrames, "Pictures that a new model must answer before it is switched to")->check(CLI::Range(0, 100'000));
    auto* enrolling = add(fleet, a, chosen, "enroll", "Make a token with which one device can enrol, once",
        [](Context&, const FleetArguments& b) { return enroll(b); });
    enrolling->add_option("NAME", a->device, "Its name: letters, digits, - and _")->required();
    enrolling->add_option("--ring", a->ring, "test, part or all");
    enrolling->add_option("--hours", a->hours, "How long the token works")->check(CLI::Range(1, 8760));
    auto* removing = add(fleet, a, chosen, "remove", "Throw a device out; what it told stays",
        [](Context&, const FleetArguments& b) { return throwOut(b); });
    removing->add_option("NAME", a->device, "The device")->required();
    auto* moving = add(fleet, a, chosen, "ring", "Move a device to another ring",
        [](Context&, const FleetArguments& b) { return changeDevice(b, "/api/ring", ("is in ring " + b.ring + " now").c_str()); });
    moving->add_option("NAME", a->device, "The device")->required();
    moving->add_option("RING", a->ring, "test, part or all")->required();
}

void addRolloutCommands(CLI::App* fleet, const std::shared_ptr<FleetArguments>& a, Action& chosen)
{
    auto* deploying = add(fleet, a, chosen, "deploy", "Roll a package out to the ring test", [](Context& context, const FleetArguments& b) { return deploy(context, b); });
    deploying->add_option("FILE", a->file, "FILE.ppkg, signed by this user")->required()->check(CLI::ExistingFile);
    deploying->add_option("--promote-after", a->promoteAfter, "Minutes: goes to the next ring by itself when the one before has run it so long without trouble; 0: by hand")
        ->check(CLI::Range(0, 60 * 24 * 365));
    deploying->add_option("--project", a->project, "That the package comes from, to compare it with what runs, picture by picture; without it: the one that FILE lies in");
    auto* promoting = add(fleet, a, chosen, "promote", "Roll out to the next ring: test, part, all", [](Context& context, const FleetArguments& b) {
        return b.promoteLater ? changeSeen(b, "/api/promotion", { { "promote_after_minutes", *b.promoteLater } }, Meant::Running)
                              : promote(context, b);
    });
    promoting->add_option("--after", a->promoteLater, "Not now but by itself, so many minutes after each ring got it, as `deploy --promote-after`; 0: by hand again")
        ->check(CLI::Range(0, 60 * 24 * 365));
    auto* stopping = add(fleet, a, chosen, "stop", "Stop the roll-out: no further ring gets it, who has it keeps it",
        [](Context&, const FleetArguments& b) { return changeSeen(b, "/api/stop", { { "why", b.why } }, Meant::Running); });
    stopping->add_option("--why", a->why, "For the record");
    auto* back = add(fleet, a, chosen, "rollback", "Bring back what ran before the newest roll-out",
        [](Context&, const FleetArguments& b) { return changeSeen(b, "/api/rollback", { { "why", b.why } }, Meant::Newest); });
    back->add_option("--why", a->why, "For the record");
}

}

void addFleetCommands(CLI::App& app, Action& chosen)
{
    auto* fleet = app.add_subcommand("fleet", "Devices: the hub, enrolment, roll-outs");
    fleet->require_subcommand(1);
    auto a = std::make_shared<FleetArguments>();
    addFleetServe(*fleet, chosen);
    auto* access = add(fleet, a, chosen, "acl", "What a broker that is not the hub's own has to know of the devices, as mosquitto reads it: acl_file",
        [](Context&, const FleetArguments& b) { return showAccess(b); });
    access->add_flag("--passwords", a->showsPasswords, "The lines for its password_file (hashes) in their place");
    add(fleet, a, chosen, "status", "The hub, its roll-outs, alerts and counts", [](Context&, const FleetArguments& b) { return showStatus(b); });
    addDeviceCommands(fleet, a, chosen);
    addRolloutCommands(fleet, a, chosen);
}

}
