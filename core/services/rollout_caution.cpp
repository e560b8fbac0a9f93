#include "core/services/rollout_caution.h"

#include "core/dataset/project_reader.h"
#include "core/report/compare.h"
#include "core/services/check_package.h"
#include "core/services/loop.h"

#include <cmath>
#include <fmt/format.h>

namespace percept::services {

namespace fs = std::filesystem;

namespace {

std::string signedNumber(double points) { return fmt::format("{}{:.1f}", points < 0 ? "−" : "+", std::abs(points)); }

std::string differenceText(const report::Comparison& c)
{
    return fmt::format("AP50 {} points ({} to {}, {} {})", signedNumber(c.points.value), signedNumber(c.points.low), signedNumber(c.points.high), c.pictures,
        c.pictures == 1 ? "picture" : "pictures");
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
        isField ? "on pictures that devices chose by chance" : "on today's test set", caution.isProven ? ". That is more than chance." : "; that may be chance.");
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
    const report::Comparison* part = lowerPart(compared);
    if (!part)
        return caution;
    caution.isLower = true;
    caution.isProven = part->points.high < 0;
    caution.words = wordsFor(caution, *part, part == &compared.field);
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
    caution.isLower = caution.points < 0;
    if (caution.isLower)
        caution.words = fmt::format("Version {} scores lower than version {}, which runs: AP50 {} against {}, each on the {} set of its own day. "
                                    "`percept compare` shows both the same pictures.",
            fresh.version, old.version, scoreText(*fresh.score), scoreText(*old.score), fresh.score->set);
    return caution;
}

fs::path projectOfPackage(const fs::path& file)
{
    std::error_code error;
    const fs::path whole = fs::weakly_canonical(file, error), project = whole.parent_path().parent_path();
    const bool isThere = !error && whole.parent_path().filename() == "packages" && fs::is_regular_file(project / "project.db", error);
    return isThere ? project : fs::path();
}

}
