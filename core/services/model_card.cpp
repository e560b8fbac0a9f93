#include "core/services/model_card.h"

#include "core/base/time.h"
#include "core/evaluation/detection_metrics.h"

#include <algorithm>
#include <fmt/format.h>

namespace percept::services {

using nlohmann::json;

namespace {

double number(const json& object, const char* key, double fallback = -1)
{
    return object.is_object() && object.contains(key) && object[key].is_number() ? object[key].get<double>() : fallback;
}

// Names come from people: in a table only | and line ends matter.
std::string cell(std::string text)
{
    std::replace(text.begin(), text.end(), '\n', ' ');
    for (std::size_t at = 0; (at = text.find_first_of("|<&`*_[", at)) != std::string::npos; at += 2)
        text.insert(at, 1, '\\');
    return text;
}

std::string metricLine(const json& metrics, const char* key, const char* name)
{
    if (!metrics.contains(key))
        return {};
    const auto& m = metrics[key];
    const double value = number(m, "value");
    if (value < 0)
        return {};
    const auto interval = m.contains("low") ? fmt::format("{:.3f} to {:.3f}", number(m, "low"), number(m, "high")) : std::string("-");
    return fmt::format("| {} | {:.3f} | {} |\n", name, value, interval);
}

std::string scoreSection(const char* title, const json& document)
{
    if (!document.contains("metrics"))
        return {};
    const auto& metrics = document["metrics"];
    auto text = fmt::format("## Score on the {} set\n\n{} pictures, {} objects. Intervals: 95 %, bootstrap over groups of pictures.\n\n| figure | value | 95 % |\n|---|---|---|\n",
        title, number(document, "items", 0), number(document, "objects", 0));
    for (const auto& [key, name] : { std::pair { "map", "AP" }, { "map50", "AP50" }, { "map75", "AP75" }, { "found", "objects found" }, { "marks_right", "marks that are right" } })
        text += metricLine(metrics, key, name);
    text += "\n| class | objects | AP | AP50 | threshold | found |\n|---|---|---|---|---|---|\n";
    for (const auto& row : document.value("per_class", json::array()))
        text += fmt::format("| {} | {} | {:.3f} | {:.3f} | {} | {} of {} |\n", cell(row.value("label", "")), number(row, "objects", 0), number(row, "map"),
            number(row, "map50"), evaluation::thresholdText(number(row, "threshold", 0.5)), number(row, "found", 0), number(row, "foundOf", 0));
    return text + "\n";
}

}

std::string modelCard(const packaging::Manifest& m, double testBeganAsProposal)
{
    auto text = fmt::format("# {} {}\n\nFinds objects of {} {} in pictures and answers with boxes.\n\n", cell(m.name), m.version, m.spec.labels.size(),
        m.spec.labels.size() == 1 ? "class" : "classes");
    text += fmt::format("- Made: {}, from run {}, dataset version {}\n", base::isoUtc(m.createdMs), m.run, m.datasetVersion);
    if (!m.parent.empty())
        text += fmt::format("- Continues: {}\n", m.parent);
    text += fmt::format("- Network: {}, input {} x {} pixels; base weights: {}\n\n", m.spec.backbone, m.spec.inputWidth, m.spec.inputHeight, m.spec.baseWeights.empty() ? "none" : m.spec.baseWeights);
    text += scoreSection("test", m.metrics.value("test", json::object()));
    text += scoreSection("validation", m.metrics.value("validation", json::object()));
    text += "Thresholds were chosen on the validation set, so the score there is a little optimistic; the test set took part in no choice.\n\n";
    if (testBeganAsProposal >= 0)
        text += fmt::format("{:.0f} % of the boxes of the test set began as a model's proposal.\n\n", 100 * testBeganAsProposal);
    text += "## How to call it\n\n    percept predict FILE.ppkg picture.jpg\n    percept-edge run --state DIR --package FILE.ppkg --http 127.0.0.1:8080\n\n";
    return text + "What it was not taught, it does not know: other cameras, light or objects than in the data set can make it much worse than the figures above.\n";
}

double shareBeganAsProposal(const std::vector<dataset::VersionItem>& testItems)
{
    std::int64_t boxes = 0, proposals = 0;
    for (const auto& item : testItems)
        for (const auto& annotation : item.annotations) {
            ++boxes;
            proposals += annotation.origin == domain::Origin::ProposalAccepted || annotation.origin == domain::Origin::ProposalCorrected;
        }
    return boxes == 0 ? -1 : static_cast<double>(proposals) / static_cast<double>(boxes);
}

}
