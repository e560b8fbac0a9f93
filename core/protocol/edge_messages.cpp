#include "core/protocol/edge_messages.h"

#include "core/protocol/json_fields.h"

#include <algorithm>

namespace percept::protocol {

using nlohmann::json;

json toJson(const EdgeResult& result)
{
    json predictions = json::array();
    for (const EdgePrediction& p : result.predictions)
        predictions.push_back({ { "label", p.label }, { "labelIndex", p.labelIndex }, { "score", p.score },
            { "box", { p.box.x, p.box.y, p.box.w, p.box.h } } });
    return { { "file", result.file }, { "width", result.width }, { "height", result.height }, { "ms", result.ms },
        { "predictions", std::move(predictions) } };
}

namespace {

EdgePrediction predictionFromJson(const json& object, JsonFields& parent)
{
    JsonFields fields(object, "prediction");
    EdgePrediction p;
    p.label = fields.requiredText("label");
    p.labelIndex = static_cast<int>(fields.integer("labelIndex", 0, 1'000'000, 0));
    p.score = fields.number("score", 0, 1, 0);
    const json* box = fields.array("box", 4);
    if (box && box->size() == 4 && std::all_of(box->begin(), box->end(), [](const json& n) { return n.is_number(); }))
        p.box = { (*box)[0], (*box)[1], (*box)[2], (*box)[3] };
    else
        fields.setFault("box", "is not four numbers");
    if (fields.hasFault())
        parent.setFault("predictions", "has an entry that is wrong");
    return p;
}

}

base::Result<EdgeResult> edgeResultFromJson(const json& object)
{
    JsonFields fields(object, "The answer of percept-edge");
    EdgeResult result;
    result.file = fields.text("file");
    result.width = static_cast<int>(fields.integer("width", 0, 1'000'000, 0));
    result.height = static_cast<int>(fields.integer("height", 0, 1'000'000, 0));
    result.ms = fields.number("ms", 0, 1e9, 0);
    const json* predictions = fields.array("predictions", 100'000);
    if (!predictions)
        fields.setFault("predictions", "is missing");
    else
        for (const json& p : *predictions)
            result.predictions.push_back(predictionFromJson(p, fields));
    if (fields.hasFault())
        return fields.fault();
    return result;
}

}
