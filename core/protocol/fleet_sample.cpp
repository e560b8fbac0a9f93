#include "core/protocol/fleet_sample.h"

#include "core/base/hash.h"
#include "core/protocol/fleet_fields.h"
#include "core/protocol/fleet_topics.h"

#include <algorithm>
#include <cmath>

namespace percept::protocol {

using nlohmann::json;

namespace {

constexpr int kMaxSide = 100'000;
constexpr std::size_t kMaxHeaderBytes = 512u << 10; // 1,000 predictions with long names fit

json toJson(const SamplePrediction& p)
{
    return { { "label", p.label }, { "score", p.score }, { "box", { p.box.x, p.box.y, p.box.w, p.box.h } } };
}

domain::Box boxFrom(JsonFields& fields)
{
    const json* list = fields.array("box", 4);
    if (!list || list->size() != 4 || !std::all_of(list->begin(), list->end(), [](const json& n) { return n.is_number(); })) {
        fields.setFault("box", "is not four numbers");
        return {};
    }
    const domain::Box box { (*list)[0], (*list)[1], (*list)[2], (*list)[3] };
    const double most = 10.0 * kMaxSide;
    if (!(std::abs(box.x) <= most && std::abs(box.y) <= most && box.w >= 0 && box.w <= most && box.h >= 0 && box.h <= most))
        fields.setFault("box", "is no possible box");
    return box;
}

SamplePrediction predictionFrom(const json& object, JsonFields& parent)
{
    JsonFields fields(object, "A prediction");
    SamplePrediction prediction { fields.requiredText("label", kMaxLabelBytes), fields.number("score", 0, 1, 0), boxFrom(fields) };
    if (fields.hasFault())
        parent.setFault("predictions", "has an entry that is wrong. " + fields.fault().message);
    return prediction;
}

std::string requiredRandomName(JsonFields& fields, const char* name)
{
    std::string text = fields.requiredText(name, 32);
    if (!isRandomName(text))
        fields.setFault(name, "is not 32 hex digits");
    return text;
}

FieldSample sampleFrom(JsonFields& fields)
{
    FieldSample sample;
    sample.stream = requiredRandomName(fields, "stream");
    sample.sequence = fields.requiredInteger("sequence", 1, kMostCount);
    sample.id = requiredRandomName(fields, "id");
    sample.timeMs = fields.integer("timeMs", INT64_MIN, INT64_MAX, 0);
    sample.packageSha256 = requiredSha256(fields, "package");
    sample.packageVersion = fields.requiredText("packageVersion", kMaxNameBytes);
    sample.reason = requiredWord(fields, "reason", "random unsure edge");
    sample.width = static_cast<int>(fields.requiredInteger("width", 1, kMaxSide));
    sample.height = static_cast<int>(fields.requiredInteger("height", 1, kMaxSide));
    sample.format = requiredWord(fields, "format", "jpeg png");
    if (const json* list = fields.array("predictions", FieldSample::kMostPredictions))
        for (const json& entry : *list)
            sample.predictions.push_back(predictionFrom(entry, fields));
    return sample;
}

}

std::string encode(const FieldSample& sample)
{
    json predictions = json::array();
    for (const SamplePrediction& prediction : sample.predictions)
        predictions.push_back(toJson(prediction));
    std::string payload = dumpLine({ { "v", kFleetProtocolVersion }, { "stream", sample.stream }, { "sequence", sample.sequence },
        { "id", sample.id }, { "timeMs", sample.timeMs }, { "package", sample.packageSha256 },
        { "packageVersion", sample.packageVersion }, { "reason", sample.reason }, { "width", sample.width },
        { "height", sample.height }, { "predictions", std::move(predictions) }, { "format", sample.format },
        { "sha256", base::sha256Hex(sample.picture) } });
    payload += '\n';
    payload.append(reinterpret_cast<const char*>(sample.picture.data()), sample.picture.size());
    return payload;
}

base::Result<FieldSample> decodeFieldSample(std::string_view payload)
{
    if (payload.size() > kMaxFieldSampleBytes)
        return base::refused("The sample is too large.");
    const std::size_t end = payload.substr(0, kMaxHeaderBytes).find('\n');
    if (end == std::string_view::npos)
        return base::refused("The sample has no description.");
    PERCEPT_ASSIGN(object, parseFleetMessage(payload.substr(0, end), "The sample"));
    JsonFields fields(object, "The sample");
    checkFleetVersion(fields);
    FieldSample sample = sampleFrom(fields);
    const std::string_view picture = payload.substr(end + 1);
    if (picture.empty() || requiredSha256(fields, "sha256") != base::sha256Hex(picture))
        fields.setFault("sha256", "is not that of the picture");
    if (fields.hasFault())
        return fields.fault();
    sample.picture.assign(picture.begin(), picture.end());
    return sample;
}

}
