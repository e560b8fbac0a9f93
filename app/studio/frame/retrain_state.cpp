#include "app/studio/frame/retrain_state.h"

#include "core/base/files.h"
#include "core/services/loop.h"
#include "core/services/retrain.h"
#include "widgets/style/text.h"

#include <QObject>
#include <nlohmann/json.hpp>

namespace percept::studio {

using nlohmann::json;
using Step = RetrainState::Step;

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }

std::filesystem::path decisionFile(const std::filesystem::path& runFolder) { return runFolder / "decision.json"; }

bool isFinished(const runs::RunInfo& run) { return run.hasModel && (run.status == "ok" || run.status == "stopped"); }

QString nameOf(const runs::RunInfo& run) { return run.name.empty() ? QObject::tr("Run %1").arg(qs(run.id).mid(1).toInt()) : qs(run.name); }

// What came after the newest version: it learns, or waits to be compared.
std::optional<RetrainState> stateOfRuns(const std::vector<runs::RunInfo>& runs, const services::RetrainAdvice& advice)
{
    for (const runs::RunInfo& run : runs) {
        if (!run.modelVersion.empty() || run.id == advice.run)
            return std::nullopt;
        if (run.status == "running")
            return RetrainState {};
        if (!isFinished(run))
            continue;
        const auto kept = readKept(run.folder);
        if (kept && kept->version == advice.version)
            return std::nullopt;
        return RetrainState { Step::Compare, QObject::tr("%1 is trained and checked. Version %2 goes on meanwhile: compare them on the same pictures before anything is rolled out.").arg(nameOf(run), qs(advice.version)),
            qs(advice.version), qs(run.id) };
    }
    return std::nullopt;
}

}

std::optional<KeptVersion> readKept(const std::filesystem::path& runFolder)
{
    const auto text = base::readTextFile(decisionFile(runFolder));
    const json document = text.hasValue() ? json::parse(*text, nullptr, /*allow_exceptions=*/false) : json();
    if (!document.is_object() || !document.contains("kept") || !document["kept"].is_string())
        return std::nullopt;
    const auto time = document.find("timeMs");
    return KeptVersion { document["kept"], time != document.end() && time->is_number_integer() ? time->get<std::int64_t>() : 0 };
}

base::Result<void> writeKept(const std::filesystem::path& runFolder, const KeptVersion& kept)
{
    return base::atomicWrite(decisionFile(runFolder), json { { "kept", kept.version }, { "timeMs", kept.timeMs } }.dump() + "\n");
}

RetrainState readRetrainState(const dataset::ProjectReader& reader, bool hasDrift)
{
    const auto advice = services::adviseRetraining(reader);
    if (advice.hasError() || !advice->has_value())
        return {};
    const services::RetrainAdvice& due = **advice;
    if (const auto runs = stateOfRuns(services::listRuns(reader).valueOr({}), due))
        return *runs;
    if (!due.isDue && !(hasDrift && due.fresh() > 0))
        return {};
    QString words = qs(services::inWords(due));
    if (hasDrift)
        words += QLatin1Char(' ') + QObject::tr("What the cameras see has changed, so labels from there are worth most.");
    return { Step::Train, words, qs(due.version), qs(due.run) };
}

}
