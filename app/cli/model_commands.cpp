// evaluate, package, verify, predict.
#include "app/cli/arguments.h"
#include "app/cli/command.h"
#include "core/base/files.h"
#include "core/base/time.h"
#include "core/evaluation/detection_metrics.h"
#include "core/packaging/package.h"
#include "core/runs/process.h"
#include "core/services/check_package.h"
#include "core/services/loop.h"

#include <cmath>
#include <fmt/format.h>
#include <optional>

namespace percept::cli {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

double number(const json& object, const char* key) { return object.contains(key) && object[key].is_number() ? object[key].get<double>() : NAN; }

// A dash for what is undefined: the share of the marks that are right, where there is no mark.
std::string figure(double value) { return std::isfinite(value) ? fmt::format("{:.3f}", value) : std::string("–"); }

std::string metricText(const json& metrics, const char* key, const char* name)
{
    if (!metrics.contains(key))
        return {};
    const auto& m = metrics[key];
    auto text = fmt::format("\n{:<14}{}", name, figure(number(m, "value")));
    if (m.contains("low") && std::isfinite(number(m, "low")))
        text += fmt::format("   ({} to {})", figure(number(m, "low")), figure(number(m, "high")));
    return text;
}

std::string scoreText(const json& d)
{
    auto text = fmt::format("Run {} on the {} set: {}, {}", d.value("run", ""), d.value("set", ""), plural(d.value("items", 0), "picture", "pictures"),
        plural(d.value("objects", 0), "object", "objects"));
    const auto& metrics = d.at("metrics");
    for (const auto& [key, name] : { std::pair { "map", "AP" }, { "map50", "AP50" }, { "map75", "AP75" }, { "found", "found" }, { "marks_right", "marks right" } })
        text += metricText(metrics, key, name);
    for (const auto& row : d.at("per_class"))
        text += fmt::format("\n  {:<20}AP50 {}  AP {}  found {:.0f} of {:.0f} at threshold {}", row.value("label", ""), figure(number(row, "map50")), figure(number(row, "map")),
            number(row, "found"), number(row, "foundOf"), evaluation::thresholdText(number(row, "threshold")));
    for (const auto& skipped : d.value("skipped", json::array()))
        text += fmt::format("\n  skipped: {}", skipped.value("reason", ""));
    return text;
}

struct EvaluateArguments { std::string project, run, set = "validation"; };

base::Result<Outcome> evaluate(Context& context, const EvaluateArguments& a)
{
    if (a.set != "validation" && a.set != "test")
        return base::usage("--set must be validation or test.");
    PERCEPT_ASSIGN(set, setFromArgument(a.set));
    PERCEPT_ASSIGN(document, services::evaluateRun(projectFolder(a.project), a.run, set, context.progress(), context.cancel));
    auto text = scoreText(document);
    return Outcome { std::move(document), std::move(text) };
}

struct PackageArguments { std::string project, run, out; };

base::Result<Outcome> package(Context& context, const PackageArguments& a)
{
    PERCEPT_TRY(checkOutFile(a.out, { ".ppkg" }));
    PERCEPT_ASSIGN(session, openSession(a.project));
    PERCEPT_ASSIGN(report, services::packageRun(*session, a.run, a.out, context.progress(), context.cancel));
    for (const auto& note : report.notes)
        context.terminal.line("warning: " + note);
    json warnings = json::array();
    if (const auto weak = services::warningAbout(services::readPackageScore(report.file)); !weak.empty()) {
        context.terminal.line("warning: " + weak);
        warnings.push_back(weak);
    }
    auto text = fmt::format("Version {} is in {}.", report.version, report.file.string());
    for (const char* set : { "test", "validation" })
        if (report.metrics.contains(set))
            text += "\n" + scoreText(report.metrics[set]);
    return Outcome { { { "file", report.file.string() }, { "version", report.version }, { "run", a.run }, { "metrics", report.metrics }, { "notes", report.notes }, { "warnings", warnings } }, text };
}

// A key is given as text or as a file that holds it.
base::Result<std::string> keyFromArgument(const std::string& key)
{
    std::error_code ec;
    if (key.empty() || !fs::is_regular_file(key, ec))
        return key;
    PERCEPT_ASSIGN(text, base::readTextFile(key, 4096));
    const auto end = text.find_last_not_of(" \t\r\n");
    return text.substr(0, end == std::string::npos ? 0 : end + 1);
}

base::Result<Outcome> verify(const std::string& file, const std::optional<std::string>& keyArgument)
{
    PERCEPT_ASSIGN(key, keyFromArgument(keyArgument.value_or("")));
    if (keyArgument)
        if (const auto parsed = packaging::publicKeyFromText(key); parsed.hasError())
            return base::usage("--key is not a public key: " + parsed.error().message);
    PERCEPT_ASSIGN(package, packaging::Package::open(file, key));
    const auto& m = package.manifest();
    json labels = json::array();
    for (const auto& label : m.spec.labels)
        labels.push_back(label.name);
    return Outcome { { { "file", file }, { "ok", true }, { "name", m.name }, { "version", m.version }, { "run", m.run }, { "labels", labels },
                         { "signer", m.publicKey }, { "trusted", !key.empty() }, { "release_counter", m.releaseCounter }, { "sha256", package.sha256() } },
        fmt::format("{} is sound: {} {}, signed by {}{}.", file, m.name, m.version, m.publicKey, key.empty() ? " (give --key to insist on a signer)" : "") };
}

struct PredictArguments { std::string package; std::vector<std::string> files; double minScore = 0; CLI::Option* hasMinScore = nullptr; };

std::string resultText(const protocol::EdgeResult& result)
{
    auto text = fmt::format("{}: {}", result.file, plural(static_cast<std::int64_t>(result.predictions.size()), "object", "objects"));
    for (const auto& p : result.predictions)
        text += fmt::format("\n  {:<20}{:.3f}  at {:.1f}, {:.1f}, size {:.1f} x {:.1f}", p.label, p.score, p.box.x, p.box.y, p.box.w, p.box.h);
    return text;
}

struct Predictions { json results = json::array(), problems = json::array(); std::string text; std::optional<base::Error> firstError; };

base::Result<Predictions> predictAll(Context& context, runs::EdgeProcess& edge, const PredictArguments& a, std::optional<double> minScore)
{
    Predictions all;
    std::int64_t done = 0;
    for (const auto& file : a.files) {
        if (context.cancel.isCancelled())
            return base::cancelled();
        context.terminal.showProgress({ done++, static_cast<std::int64_t>(a.files.size()), "Predicting" });
        auto result = file.empty() ? base::usage("A picture has an empty name.") : edge.predict(fs::absolute(file), minScore);
        if (result.hasError()) {
            all.problems.push_back({ { "file", file }, { "what", result.error().message } });
            context.terminal.line("skipped: " + result.error().message);
            if (!all.firstError)
                all.firstError = result.error();
            continue;
        }
        result->file = file; // as the caller named it
        all.text += (all.text.empty() ? "" : "\n") + resultText(result.value());
        all.results.push_back(protocol::toJson(result.value()));
    }
    return all;
}

base::Result<Outcome> predict(Context& context, const PredictArguments& a)
{
    std::optional<double> minScore;
    if (*a.hasMinScore) {
        if (!(a.minScore >= 0 && a.minScore <= 1))
            return base::usage("--min-score must lie between 0 and 1.");
        minScore = a.minScore;
    }
    PERCEPT_ASSIGN(edge, runs::EdgeProcess::start());
    PERCEPT_TRY(edge->load(fs::absolute(a.package)));
    PERCEPT_ASSIGN(all, predictAll(context, *edge, a, minScore));
    const bool nothing = all.results.empty() && all.firstError;
    auto document = nothing ? errorDocument(*all.firstError) : json::object();
    document["results"] = all.results;
    document["problems"] = all.problems;
    return Outcome { std::move(document), all.text, nothing ? base::exitStatus(all.firstError->code) : 0 };
}

}

void addModelCommands(CLI::App& app, Action& chosen)
{
    auto* score = app.add_subcommand("evaluate", "Score a run on its dataset version, by percept-edge");
    auto e = std::make_shared<EvaluateArguments>();
    score->add_option("PROJECT", e->project, "Folder of the project")->required();
    score->add_option("--run", e->run, "The run, as `percept runs` lists it")->required();
    score->add_option("--set", e->set, "validation or test");
    score->callback([=, &chosen] { chosen = [=](Context& context) { return evaluate(context, *e); }; });

    auto* pack = app.add_subcommand("package", "Make the signed file that ships, scored as it ships");
    auto p = std::make_shared<PackageArguments>();
    pack->add_option("PROJECT", p->project, "Folder of the project")->required();
    pack->add_option("--run", p->run, "The run, as `percept runs` lists it")->required();
    pack->add_option("--out", p->out, "FILE.ppkg to write")->required();
    pack->callback([=, &chosen] { chosen = [=](Context& context) { return package(context, *p); }; });

    auto* check = app.add_subcommand("verify", "Check every byte of a package and its signature");
    auto v = std::make_shared<std::pair<std::string, std::optional<std::string>>>();
    check->add_option("FILE", v->first, "FILE.ppkg")->required();
    check->add_option("--key", v->second, "Public key (or a file with it) that must have signed");
    check->callback([=, &chosen] { chosen = [=](Context&) { return verify(v->first, v->second); }; });

    auto* ask = app.add_subcommand("predict", "What a package finds in pictures");
    auto q = std::make_shared<PredictArguments>();
    ask->add_option("PACKAGE", q->package, "FILE.ppkg")->required();
    ask->add_option("FILE", q->files, "Pictures")->required();
    q->hasMinScore = ask->add_option("--min-score", q->minScore, "Instead of the package's thresholds");
    ask->callback([=, &chosen] { chosen = [=](Context& context) { return predict(context, *q); }; });
}

}
