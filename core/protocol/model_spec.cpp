#include "core/protocol/model_spec.h"

#include "core/protocol/json_fields.h"

namespace percept::protocol {

using nlohmann::json;

namespace {

constexpr int kMaxCanvas = 4096;
constexpr std::size_t kMaxLabels = 10'000;

json toJson(const domain::PostprocessOptions& options)
{
    return { { "scoreFloor", options.scoreFloor }, { "maxCandidates", options.maxCandidates }, { "nmsIou", options.nmsIou },
        { "softSigma", options.softSigma }, { "voteIou", options.voteIou }, { "maxDetections", options.maxDetections } };
}

domain::PostprocessOptions postprocessFromJson(JsonFields& parent)
{
    // A package of before there was more than greedy suppression says nothing of it, and answers as it was scored.
    auto options = domain::PostprocessOptions::greedy();
    const json* object = parent.object("postprocess");
    if (!object)
        return options;
    JsonFields fields(*object, "postprocess");
    options.scoreFloor = fields.number("scoreFloor", 0, 1, options.scoreFloor);
    options.maxCandidates = static_cast<int>(fields.integer("maxCandidates", 1, 100'000, options.maxCandidates));
    options.nmsIou = fields.number("nmsIou", 0, 1, options.nmsIou);
    options.softSigma = fields.number("softSigma", 0, 100, options.softSigma);
    options.voteIou = fields.number("voteIou", 0, 1, options.voteIou);
    options.maxDetections = static_cast<int>(fields.integer("maxDetections", 1, 10'000, options.maxDetections));
    if (fields.hasFault())
        parent.setFault("postprocess", "has a value out of range");
    return options;
}

std::vector<SpecLabel> labelsFromJson(JsonFields& parent)
{
    std::vector<SpecLabel> labels;
    const json* array = parent.array("labels", kMaxLabels);
    if (!array || array->empty()) {
        parent.setFault("labels", "is missing or empty");
        return labels;
    }
    for (const json& entry : *array) {
        JsonFields fields(entry, "label");
        SpecLabel label;
        label.id.value = fields.requiredInteger("id", 1, INT64_MAX);
        label.name = fields.requiredText("name", 1024);
        label.threshold = fields.number("threshold", 0, 1, label.threshold);
        if (fields.hasFault())
            parent.setFault("labels", "has an entry that is wrong");
        labels.push_back(std::move(label));
    }
    return labels;
}

}

bool ModelSpec::operator==(const ModelSpec& other) const { return toJson(*this) == toJson(other); }

json toJson(const ModelSpec& spec)
{
    json labels = json::array();
    for (const SpecLabel& label : spec.labels)
        labels.push_back({ { "id", label.id.value }, { "name", label.name }, { "threshold", label.threshold } });
    return { { "task", domain::toString(spec.task) }, { "labels", std::move(labels) },
        { "input", { { "width", spec.inputWidth }, { "height", spec.inputHeight }, { "fill", spec.fill }, { "resize", spec.resize } } },
        { "postprocess", toJson(spec.postprocess) }, { "backbone", spec.backbone }, { "baseWeights", spec.baseWeights } };
}

base::Result<ModelSpec> modelSpecFromJson(const json& object)
{
    JsonFields fields(object, "The model's description");
    ModelSpec spec;
    const auto task = domain::taskFromString(fields.requiredText("task"));
    if (!task)
        fields.setFault("task", "names no task that this version knows");
    spec.task = task.value_or(domain::Task::Detection);
    spec.labels = labelsFromJson(fields);
    if (const json* input = fields.object("input")) {
        JsonFields in(*input, "input");
        spec.inputWidth = static_cast<int>(in.requiredInteger("width", 8, kMaxCanvas));
        spec.inputHeight = static_cast<int>(in.requiredInteger("height", 8, kMaxCanvas));
        spec.fill = static_cast<int>(in.integer("fill", 0, 255, spec.fill));
        if (in.requiredText("resize") != spec.resize)
            fields.setFault("input", "asks for a way of resizing that this version does not have");
        if (in.hasFault())
            fields.setFault("input", "has a value out of range");
    } else {
        fields.setFault("input", "is missing");
    }
    spec.postprocess = postprocessFromJson(fields);
    spec.backbone = fields.text("backbone");
    spec.baseWeights = fields.text("baseWeights");
    if (fields.hasFault())
        return fields.fault();
    return spec;
}

}
