#include "core/protocol/video_messages.h"

#include "core/protocol/json_fields.h"

#include <algorithm>
#include <cmath>

namespace percept::protocol {

using nlohmann::json;

namespace {

constexpr int kMostSide = 65536;
constexpr double kMostSeconds = 1e9;
constexpr std::size_t kLongestText = 1000;

std::string_view codeText(base::ErrorCode code)
{
    switch (code) {
    case base::ErrorCode::NotFound: return "not-found";
    case base::ErrorCode::Refused: return "refused";
    default: return "failed";
    }
}

base::Error failureOf(JsonFields& fields)
{
    const std::string code = fields.text("code"), message = fields.requiredText("error", kLongestText);
    if (fields.hasFault())
        return fields.fault();
    return { code == "refused" ? base::ErrorCode::Refused : code == "not-found" ? base::ErrorCode::NotFound : base::ErrorCode::Failed,
        message, {} };
}

double finite(double value) { return std::isfinite(value) ? std::clamp(value, 0.0, kMostSeconds) : 0; }

}

json toJson(const VideoFacts& facts)
{
    return { { "ok", true }, { "protocol", kVideoProtocolVersion }, { "confined", facts.confined }, { "width", facts.width },
        { "height", facts.height }, { "seconds", finite(facts.seconds) }, { "framesPerSecond", finite(facts.framesPerSecond) },
        { "codec", facts.codec } };
}

json toJson(const VideoStep& step)
{
    json answer { { "ok", true }, { "frame", step.counts.frames }, { "dropped", step.counts.dropped },
        { "damaged", step.counts.damaged }, { "loops", step.counts.loops } };
    if (step.isEnd) {
        answer["end"] = true;
        answer["message"] = step.message;
    } else {
        answer["seconds"] = finite(step.seconds);
        answer["width"] = step.width;
        answer["height"] = step.height;
        answer["bytes"] = step.bytes;
    }
    return answer;
}

json videoFailure(const base::Error& error)
{
    return { { "ok", false }, { "error", error.message.substr(0, kLongestText) }, { "code", codeText(error.code) } };
}

base::Result<VideoFacts> videoFactsFromJson(const json& answer)
{
    JsonFields fields(answer, "The video decoder's answer");
    if (!fields.boolean("ok", false))
        return failureOf(fields);
    (void)fields.requiredInteger("protocol", kVideoProtocolVersion, kVideoProtocolVersion);
    VideoFacts facts;
    facts.width = static_cast<int>(fields.requiredInteger("width", 1, kMostSide));
    facts.height = static_cast<int>(fields.requiredInteger("height", 1, kMostSide));
    facts.seconds = fields.number("seconds", 0, kMostSeconds, 0);
    facts.framesPerSecond = fields.number("framesPerSecond", 0, kMostSeconds, 0);
    facts.codec = fields.requiredText("codec", 64);
    facts.confined = fields.requiredText("confined", 64);
    if (std::int64_t { facts.width } * facts.height > kMostVideoPixels)
        fields.setFault("width", "is too large");
    if (fields.hasFault())
        return fields.fault();
    return facts;
}

base::Result<VideoStep> videoStepFromJson(const json& answer)
{
    JsonFields fields(answer, "The video decoder's answer");
    if (!fields.boolean("ok", false))
        return failureOf(fields);
    VideoStep step;
    step.counts.frames = fields.requiredInteger("frame", 0, INT64_MAX);
    step.counts.dropped = fields.requiredInteger("dropped", 0, INT64_MAX);
    step.counts.damaged = fields.requiredInteger("damaged", 0, INT64_MAX);
    step.counts.loops = fields.requiredInteger("loops", 0, INT64_MAX);
    step.isEnd = fields.boolean("end", false);
    step.message = fields.text("message").substr(0, kLongestText);
    if (!step.isEnd) {
        step.seconds = fields.number("seconds", 0, kMostSeconds, 0);
        step.width = static_cast<int>(fields.requiredInteger("width", 1, kMostSide));
        step.height = static_cast<int>(fields.requiredInteger("height", 1, kMostSide));
        step.bytes = static_cast<std::size_t>(fields.requiredInteger("bytes", 1, static_cast<std::int64_t>(kMostVideoBytes)));
    }
    if (fields.hasFault())
        return fields.fault();
    return step;
}

}
