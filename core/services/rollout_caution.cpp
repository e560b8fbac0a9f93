#include "core/services/rollout_caution.h"

#include "core/dataset/project_reader.h"
#include "core/packaging/package.h"
#include "core/report/compare.h"
#include "core/report/wording.h"
#include "core/services/check_package.h"
#include "core/services/loop.h"

#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace percept::services {

namespace fs = std::filesystem;

namespace {

std::string signedNumber(double points) { return fmt::format("{}{:.1f}", points < 0 ? "−" : "+", std::abs(points)); }

std::string differenceText(const report::Comparison& c)
{
    const auto pictures = fmt::format("{} {}", c.pictures, c.pictures == 1 ? "picture" : "pictures");
    if (!c.canTell())
        return fmt::format("AP50 {} points ({})", signedNumber(c.points.value), pictures);
    return fmt::format("AP50 {} points ({} to {}, {})", signedNumber(c.points.value), signedNumber(c.points.low), signedNumber(c.points.high), pictures);
}

// The part that says most: what is proven before what is not, the whole test set before the field's part of it.
const report::Comparison* lowerPart(const report::ModelComparison& c)
{
    for (const auto* part : { &c.test, &c.field })
        if (part->present && part->points.high < 0)
            return part;
    return c.test.present && c.test.points.value < 0 ? &c.test : nullptr;
}

std::string wordsFor(const RolloutCaution& caution, const report::Comparison& part, bool isField)
{
    return fmt::format("Version {} scores lower than version {}, which runs: {} {}{}", caution.now, caution.against, differenceText(part),
        isField ? "on pictures that devices chose by chance" : "on today's test set",
        caution.isProven ? ". That is more than chance." : part.canTell() ? "; that may be chance." : "; these are too few pictures to tell.");
}

// "3" and "79"; where whole numbers do not tell them apart, with a digit more.
std::pair<std::string, std::string> numbersOf(double now, double against)
{
    const bool isWhole = std::lround(now) != std::lround(against);
    return { isWhole ? fmt::format("{:.0f}", now) : fmt::format("{:.1f}", now), isWhole ? fmt::format("{:.0f}", against) : fmt::format("{:.1f}", against) };
}

// Beyond chance, or by more than 5 of 100 objects.
bool findsClearlyLess(const report::Comparison& c) { return c.present && (c.findsLess() || c.found.value < -5); }

// Beyond chance, by at least 5 on 100 pictures and a quarter of what there was.
bool hasClearlyMoreFalse(const report::Comparison& c)
{
    return c.present && c.hasMoreFalse() && c.falseAlarms.value >= 0.05 && c.now.falsePerPicture >= 1.25 * c.before.falsePerPicture;
}

// As they ship: AP50 knows nothing of the thresholds, which decide what people get to see.
std::string shippedWords(const RolloutCaution& caution, const report::Comparison& c)
{
    std::string words;
    if (findsClearlyLess(c)) {
        const auto [now, against] = numbersOf(100 * c.now.found, 100 * c.before.found);
        words = fmt::format("Version {} finds {} of 100 objects of today's test set; version {}, which runs, finds {}. ", caution.now, now, caution.against, against);
    }
    if (hasClearlyMoreFalse(c)) {
        const auto [now, against] = numbersOf(100 * c.now.falsePerPicture, 100 * c.before.falsePerPicture);
        words += fmt::format("Version {} has {} false alarms on 100 pictures of today's test set; version {}, which runs, has {}. ", caution.now, now, caution.against, against);
    }
    if (words.empty())
        return words;
    return words + (c.canTell() ? "Each at the thresholds that it ships with." : "Each at the thresholds that it ships with; these are too few pictures to tell.");
}

std::string scoreText(const PackageFacts::Score& score)
{
    return score.low >= 0 ? fmt::format("{:.3f} ({:.3f} to {:.3f})", score.map50, score.low, score.high) : fmt::format("{:.3f}", score.map50);
}

}

base::Result<RolloutCaution> compareBeforeRollout(
    const fs::path& project, const std::string& now, const std::string& against, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    PERCEPT_TRY(answerTodaysTestOf(project, { now, against }, progress, cancel)); // who cannot be asked is compared by what it has answered
    PERCEPT_ASSIGN(reader, dataset::ProjectReader::open(project));
    PERCEPT_ASSIGN(compared, report::compareModels(*reader, project, against, now));
    RolloutCaution caution;
    caution.now = now;
    caution.against = against;
    caution.pictures = compared.test.pictures;
    caution.points = compared.test.points.value;
    caution.low = compared.test.points.low;
    caution.high = compared.test.points.high;
    if (compared.test.present) {
        caution.foundNow = compared.test.now.found;
        caution.foundAgainst = compared.test.before.found;
    }
    const report::Comparison* part = lowerPart(compared);
    const std::string shipped = shippedWords(caution, compared.test);
    if (!part && shipped.empty())
        return caution;
    caution.isLower = true;
    const bool isScoreProven = part && part->points.high < 0;
    if (part) {
        caution.isProven = isScoreProven;
        caution.words = wordsFor(caution, *part, part == &compared.field);
    }
    if (shipped.empty())
        return caution;
    caution.isProven = isScoreProven || compared.test.findsLess() || hasClearlyMoreFalse(compared.test);
    caution.words = isScoreProven ? caution.words + " " + shipped : shipped; // what may be chance says less than what is clear
    return caution;
}

base::Result<RolloutCaution> comparePackages(const fs::path& now, const fs::path& against)
{
    PERCEPT_ASSIGN(fresh, readPackageFacts(now));
    PERCEPT_ASSIGN(old, readPackageFacts(against));
    RolloutCaution caution;
    caution.now = fresh.version;
    caution.against = old.version;
    if (!fresh.score || !old.score || fresh.score->set != old.score->set || fresh.name != old.name)
        return caution;
    caution.points = 100 * (fresh.score->map50 - old.score->map50);
    caution.foundNow = fresh.score->found;
    caution.foundAgainst = old.score->found;
    const bool findsLess = caution.foundNow >= 0 && caution.foundAgainst >= 0 && caution.foundNow < caution.foundAgainst - 0.05;
    caution.isLower = caution.points < 0 || findsLess;
    if (findsLess) {
        const auto [now, before] = numbersOf(100 * caution.foundNow, 100 * caution.foundAgainst);
        caution.words = fmt::format("Version {} finds {} of 100 objects; version {}, which runs, finds {}: each on the {} set of its own day, at the thresholds that it ships with.",
            fresh.version, now, old.version, before, fresh.score->set);
    } else if (caution.isLower)
        caution.words = fmt::format("Version {} scores lower than version {}, which runs: AP50 {} against {}, each on the {} set of its own day.",
            fresh.version, old.version, scoreText(*fresh.score), scoreText(*old.score), fresh.score->set);
    return caution;
}

std::string otherModelWords(const fleet::FleetState& fleet, const fs::path& hubFolder, const fleet::IsOwn& isOwn)
{
    std::optional<fleet::NamedModel> other;
    for (const auto& device : fleet.devices)
        if (device.running && device.ring == fleet::kRings[0] && !isOwn(*device.running) && !other)
            other = device.running;
    if (!other)
        return {};
    const auto manifest = packaging::readManifest(hubFolder / "packages" / (other->sha256 + ".ppkg"));
    const std::string when = manifest.hasValue() && manifest->createdMs > 0 ? fmt::format(", signed on {}", report::longDate(manifest->createdMs)) : std::string();
    return fmt::format("Another project's model runs there ({}, version {}{}): this one takes its place.", other->name, other->version, when);
}

fs::path projectOfPackage(const fs::path& file)
{
    std::error_code error;
    const fs::path whole = fs::weakly_canonical(file, error), project = whole.parent_path().parent_path();
    const bool isThere = !error && whole.parent_path().filename() == "packages" && fs::is_regular_file(project / "project.db", error);
    return isThere ? project : fs::path();
}

}
