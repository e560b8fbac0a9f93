#include "core/device/field_picture.h"

#include "core/base/hash.h"
#include "core/device/model_session.h"
#include "core/protocol/fleet_topics.h"

#include <algorithm>
#include <array>
#include <sys/random.h>

namespace percept::device {

using nlohmann::json;

namespace {

constexpr std::size_t kMostBytes = 3u << 20; // beside its description in a message of 4 MiB
constexpr int kLongSide = 2048;

std::string formatOf(const std::vector<std::uint8_t>& bytes)
{
    if (bytes.size() > 3 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[2] == 0xFF)
        return "jpeg";
    constexpr std::array<std::uint8_t, 4> kPng { 0x89, 'P', 'N', 'G' };
    return bytes.size() > kPng.size() && std::equal(kPng.begin(), kPng.end(), bytes.begin()) ? "png" : "";
}

std::string randomName()
{
    std::array<std::uint8_t, 16> bytes { };
    return ::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()) ? base::toHex(bytes) : std::string();
}

void scale(domain::Box& box, double x, double y) { box = { box.x * x, box.y * y, box.w * x, box.h * y }; }

}

base::Result<FieldPicture> sizedPicture(FieldPicture picture, Supervisor& supervisor)
{
    picture.format = formatOf(picture.bytes);
    if (!picture.format.empty() && picture.bytes.size() <= kMostBytes)
        return picture;
    PERCEPT_ASSIGN(answer, supervisor.ask({ { "id", 0 }, { "type", "picture" }, { "file", picture.file }, { "longSide", kLongSide } }, picture.bytes));
    if (const auto error = errorOfAnswer(answer))
        return *error;
    PERCEPT_ASSIGN(jpeg, base::fromBase64(answer.value("jpeg", "")));
    if (jpeg.empty() || jpeg.size() > kMostBytes)
        return base::refused("It is too large to be sent.");
    const int width = answer.value("width", 1), height = answer.value("height", 1);
    const double x = static_cast<double>(width) / std::max(1, picture.result.width), y = static_cast<double>(height) / std::max(1, picture.result.height);
    for (auto& prediction : picture.result.predictions)
        scale(prediction.box, x, y);
    picture.result.width = width;
    picture.result.height = height;
    picture.bytes = std::move(jpeg);
    picture.format = "jpeg";
    return picture;
}

base::Result<json> sampleBody(protocol::FieldSample sample, const FieldPicture& picture)
{
    sample.stream = std::string(32, '0'); // set when it is sent
    sample.id = randomName();
    sample.width = picture.result.width;
    sample.height = picture.result.height;
    sample.format = picture.format;
    sample.picture = picture.bytes;
    for (const auto& prediction : picture.result.predictions)
        if (sample.predictions.size() < protocol::FieldSample::kMostPredictions)
            sample.predictions.push_back({ prediction.label, prediction.score, prediction.box });
    const std::string payload = protocol::encode(sample);
    PERCEPT_TRY(protocol::decodeFieldSample(payload));
    json body = json::parse(payload.substr(0, payload.find('\n')));
    for (const char* name : { "stream", "sequence", "timeMs" })
        body.erase(name);
    return body;
}

}
