#include "core/services/check_package.h"

#include "core/packaging/package.h"
#include "core/runs/process.h"
#include "core/services/model_scoring.h"

#include <fmt/format.h>

namespace percept::services {

namespace {

double numberIn(const nlohmann::json& object, const char* name)
{
    return object.is_object() && object.contains(name) && object[name].is_number() ? object[name].get<double>() : -1;
}

std::optional<PackageFacts::Score> scoreOf(const nlohmann::json& metrics)
{
    for (const char* set : { "test", "validation" }) {
        if (!metrics.is_object() || !metrics.contains(set) || !metrics[set].is_object() || !metrics[set].contains("metrics"))
            continue;
        const auto& all = metrics[set]["metrics"];
        if (!all.is_object() || !all.contains("map50"))
            continue;
        PackageFacts::Score score { set, numberIn(all["map50"], "value"), numberIn(all["map50"], "low"), numberIn(all["map50"], "high"),
            all.contains("found") ? numberIn(all["found"], "value") : -1 };
        if (score.map50 >= 0)
            return score;
    }
    return std::nullopt;
}

base::Result<void> askGolden(PackageFacts& facts)
{
    PERCEPT_ASSIGN(edge, runs::EdgeProcess::start());
    PERCEPT_TRY(edge->load(std::filesystem::absolute(facts.file)));
    PERCEPT_ASSIGN(golden, edge->golden());
    facts.goldenPictures = golden.pictures;
    facts.maxScoreDifference = golden.maxScoreDifference;
    facts.maxBoxDifference = golden.maxBoxDifference;
    facts.medianMs = golden.medianMs;
    if (golden.maxScoreDifference <= kGoldenScoreTolerance && golden.maxBoxDifference <= kGoldenBoxTolerance)
        return {};
    return base::refused(fmt::format("{} answers otherwise in percept-edge than in training: scores differ by up to {:.2g}, {:.2g} is allowed. Package its run again.",
        facts.file.filename().string(), golden.maxScoreDifference, kGoldenScoreTolerance));
}

}

std::optional<PackageFacts::Score> readPackageScore(const std::filesystem::path& file)
{
    const auto manifest = packaging::readManifest(file);
    return manifest.hasValue() ? scoreOf(manifest->metrics) : std::nullopt;
}

std::string warningAbout(const std::optional<PackageFacts::Score>& score)
{
    constexpr double kNextToNothing = 0.05;
    if (!score || (score->map50 >= kNextToNothing && score->found != 0))
        return {};
    const std::string found = score->found >= 0 ? fmt::format(", {:.0f} % of the objects found", 100 * score->found) : std::string();
    return fmt::format("The model finds next to nothing on the {} set: AP50 {:.3f}{}. Train it longer or with more pictures before devices rely on it.",
        score->set, score->map50, found);
}

base::Result<PackageFacts> readPackageFacts(const std::filesystem::path& file)
{
    PERCEPT_ASSIGN(package, packaging::Package::open(file));
    PERCEPT_ASSIGN(key, packaging::loadOrMakeUserKey());
    const packaging::Manifest& manifest = package.manifest();
    PackageFacts facts;
    facts.file = file;
    facts.name = manifest.name;
    facts.version = manifest.version;
    facts.run = manifest.run;
    facts.parent = manifest.parent;
    std::error_code error;
    facts.bytes = static_cast<std::int64_t>(std::filesystem::file_size(file, error));
    facts.datasetVersion = manifest.datasetVersion;
    facts.releaseCounter = manifest.releaseCounter;
    facts.signer = manifest.publicKey;
    facts.isOurs = manifest.publicKey == packaging::publicKeyText(key.publicKey);
    facts.inputWidth = manifest.spec.inputWidth;
    facts.inputHeight = manifest.spec.inputHeight;
    facts.score = scoreOf(manifest.metrics);
    return facts;
}

base::Result<PackageFacts> checkPackage(const std::filesystem::path& file, const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(facts, readPackageFacts(file));
    if (cancel.isCancelled())
        return base::cancelled();
    PERCEPT_TRY(askGolden(facts));
    return facts;
}

}
