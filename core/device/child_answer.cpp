#include "core/device/child_answer.h"

#include "core/protocol/json_fields.h"

#include <algorithm>
#include <limits>

namespace percept::device {

using nlohmann::json;
using protocol::JsonFields;

namespace {

constexpr std::size_t kMostEntries = 1'000'000, kMostLetters = 1u << 20;

template <typename IsOne>
void requireListOf(JsonFields& fields, const char* name, IsOne isOne)
{
    const json* list = fields.array(name, kMostEntries);
    if (list == nullptr || !std::all_of(list->begin(), list->end(), isOne))
        fields.setFault(name, "is not the list that it should be");
}

void checkModel(JsonFields& answer)
{
    static const json kNone;
    const json* model = answer.object("model");
    JsonFields fields(model == nullptr ? kNone : *model, "model");
    for (const char* name : { "sha256", "name", "version" })
        (void)fields.requiredText(name, kMostLetters);
    (void)fields.integer("releaseCounter", INT64_MIN, INT64_MAX, 0);
    requireListOf(fields, "labels", [](const json& label) { return label.is_string(); });
    requireListOf(fields, "thresholds", [](const json& threshold) { return threshold.is_number(); });
    if (fields.hasFault())
        answer.setFault("model", "is not the description of a model");
}

void checkPrediction(JsonFields& answer)
{
    requireListOf(answer, "predictions", [](const json& prediction) { return prediction.is_object(); });
    (void)answer.object("measured");
}

void checkPicture(JsonFields& answer)
{
    for (const char* name : { "width", "height" })
        (void)answer.requiredInteger(name, 1, 1'000'000);
    (void)answer.requiredText("jpeg", SIZE_MAX);
}

// What the comparison could not measure may be missing: it counts as endless.
void checkGolden(JsonFields& answer)
{
    for (const char* name : { "maxScoreDifference", "maxBoxDifference", "ms" })
        (void)answer.number(name, 0, std::numeric_limits<double>::max(), 0);
}

}

base::Result<void> checkChildAnswer(const json& request, const json& answer)
{
    JsonFields fields(answer, "The answer of the model process");
    if (!fields.has("ok"))
        fields.setFault("ok", "is missing");
    const std::string type = JsonFields(request, "The request").text("type");
    if (!fields.boolean("ok", false)) {
        (void)fields.text("error");
        (void)fields.text("code");
    } else if (type == "load" || type == "model") {
        checkModel(fields);
    } else if (type == "predict") {
        checkPrediction(fields);
    } else if (type == "picture") {
        checkPicture(fields);
    } else if (type == "golden") {
        checkGolden(fields);
    }
    if (fields.hasFault())
        return fields.fault();
    return {};
}

}
