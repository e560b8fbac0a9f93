#include "core/protocol/decode_messages.h"

#include "core/base/hash.h"
#include "core/protocol/json_fields.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>

namespace percept::protocol {

using nlohmann::json;

namespace {

constexpr int kMostSide = 1'000'000'000;

std::string_view codeText(base::ErrorCode code)
{
    switch (code) {
    case base::ErrorCode::NotFound: return "not-found";
    case base::ErrorCode::Refused: return "refused";
    default: return "failed";
    }
}

base::ErrorCode codeFromText(std::string_view text)
{
    if (text == "not-found")
        return base::ErrorCode::NotFound;
    return text == "refused" ? base::ErrorCode::Refused : base::ErrorCode::Failed;
}

json failureJson(const base::Error& error)
{
    return { { "ok", false }, { "error", error.message }, { "code", codeText(error.code) } };
}

// One text and no object, which is several times as dear to make and to read: an import asks for a hundred thousand.
std::string factsText(const DecodedPicture& picture)
{
    return fmt::format("{} {} {} {} {} {}", picture.format, picture.width, picture.height, picture.orientation, picture.fileBytes, picture.sha256);
}

json pictureJson(const base::Result<DecodedPicture>& result)
{
    if (result.hasError())
        return failureJson(result.error());
    const DecodedPicture& picture = result.value();
    if (picture.rgb.empty())
        return factsText(picture);
    return { { "ok", true }, { "width", picture.width }, { "height", picture.height }, { "rgb", base::toBase64(picture.rgb) } };
}

// Takes the next word; false when it is no whole number from `low` to `high`.
template <typename Number>
bool takeNumber(std::string_view& text, Number low, Number high, Number& number)
{
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    return error == std::errc() && end == word.data() + word.size() && number >= low && number <= high;
}

bool isSha256(std::string_view text)
{
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::optional<DecodedPicture> factsFromText(std::string_view text)
{
    constexpr std::size_t kLongestFormat = 16;
    DecodedPicture picture;
    picture.format = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(picture.format.size() + 1, text.size()));
    const bool isGood = !picture.format.empty() && picture.format.size() <= kLongestFormat && takeNumber(text, 1, kMostSide, picture.width)
        && takeNumber(text, 1, kMostSide, picture.height) && takeNumber(text, 1, 8, picture.orientation)
        && takeNumber<std::int64_t>(text, 0, INT64_MAX, picture.fileBytes) && (text.empty() || isSha256(text));
    picture.sha256 = text;
    return isGood ? std::optional(picture) : std::nullopt;
}

std::vector<std::uint8_t> pixelsFromJson(const DecodedPicture& picture, JsonFields& fields)
{
    auto bytes = base::fromBase64(fields.text("rgb"));
    if (bytes.hasValue() && static_cast<std::int64_t>(bytes->size()) == std::int64_t(picture.width) * picture.height * 3)
        return std::move(bytes).value();
    fields.setFault("rgb", "is not its pixels in base64");
    return {};
}

// The worker may have been taken over by the picture that it decoded: nothing of its answer is believed unchecked.
base::Result<DecodedPicture> pictureFromJson(const json& value, JsonFields& parent)
{
    const auto isWrong = [&parent] { parent.setFault("pictures", "has an entry that is wrong"); };
    DecodedPicture picture;
    if (value.is_string()) {
        if (auto facts = factsFromText(value.get_ref<const std::string&>()))
            return *std::move(facts);
        isWrong();
        return picture;
    }
    JsonFields fields(value, "The decoder's answer");
    if (!fields.boolean("ok", false)) {
        base::Error error { codeFromText(fields.text("code")), fields.requiredText("error"), {} };
        if (fields.hasFault())
            isWrong();
        return error;
    }
    picture.width = static_cast<int>(fields.requiredInteger("width", 1, kMostSide));
    picture.height = static_cast<int>(fields.requiredInteger("height", 1, kMostSide));
    picture.rgb = pixelsFromJson(picture, fields);
    if (fields.hasFault())
        isWrong();
    return picture;
}

}

std::string encode(const DecodeHello& hello)
{
    return dumpLine({ { "type", "hello" }, { "protocol", hello.protocol }, { "confined", hello.confined } });
}

std::string encode(const DecodeRequest& request)
{
    json object { { "id", request.id }, { "files", request.files } };
    if (request.type == DecodeRequest::Type::Probe) {
        object["type"] = "probe";
        object["hash"] = request.hash;
    } else {
        object["type"] = "thumbnail";
        object["longSide"] = request.longSide;
    }
    return dumpLine(object);
}

std::string encode(const DecodeAnswer& answer)
{
    json pictures = json::array();
    for (const auto& picture : answer.pictures)
        pictures.push_back(pictureJson(picture));
    return dumpLine({ { "id", answer.id }, { "ok", true }, { "pictures", std::move(pictures) } });
}

std::string encodeDecodeFailure(const base::Error& error)
{
    json object = failureJson(error);
    object["id"] = nullptr;
    return dumpLine(object);
}

base::Result<DecodeHello> decodeHelloFromLine(std::string_view line)
{
    PERCEPT_ASSIGN(object, parseJson(line, "The decoder's greeting", 4096));
    JsonFields fields(object, "The decoder's greeting");
    if (fields.requiredText("type") != "hello")
        fields.setFault("type", "is not \"hello\"");
    DecodeHello hello;
    hello.protocol = static_cast<int>(fields.requiredInteger("protocol", 1, 1'000'000));
    hello.confined = fields.text("confined");
    if (fields.hasFault())
        return fields.fault();
    return hello;
}

base::Result<DecodeRequest> decodeRequestFromLine(std::string_view line)
{
    PERCEPT_ASSIGN(object, parseJson(line, "The request"));
    JsonFields fields(object, "The request");
    DecodeRequest request;
    request.id = fields.requiredInteger("id", 0, INT64_MAX);
    const std::string type = fields.requiredText("type");
    if (type == "thumbnail")
        request.type = DecodeRequest::Type::Thumbnail;
    else if (type != "probe")
        fields.setFault("type", "is neither \"probe\" nor \"thumbnail\"");
    const json* files = fields.array("files", DecodeRequest::kMostFiles);
    if (!files || files->empty())
        fields.setFault("files", "is missing");
    else if (!std::all_of(files->begin(), files->end(), [](const json& file) { return file.is_string(); }))
        fields.setFault("files", "holds something else than names");
    else
        request.files = files->get<std::vector<std::string>>();
    request.hash = fields.boolean("hash", false);
    request.longSide = static_cast<int>(fields.integer("longSide", 1, 1024, request.longSide));
    const auto pixels = static_cast<std::int64_t>(request.files.size()) * request.longSide * request.longSide;
    if (request.type == DecodeRequest::Type::Thumbnail && pixels > DecodeRequest::kMostPixels)
        fields.setFault("files", "are too many for thumbnails of this size");
    if (fields.hasFault())
        return fields.fault();
    return request;
}

base::Result<DecodeAnswer> decodeAnswerFromLine(std::string_view line)
{
    PERCEPT_ASSIGN(object, parseJson(line, "The decoder's answer"));
    JsonFields fields(object, "The decoder's answer");
    DecodeAnswer answer;
    answer.id = fields.requiredInteger("id", 0, INT64_MAX);
    const json* pictures = fields.array("pictures", DecodeRequest::kMostFiles);
    if (!pictures)
        fields.setFault("pictures", "is missing");
    else
        for (const json& picture : *pictures)
            answer.pictures.push_back(pictureFromJson(picture, fields));
    if (fields.hasFault())
        return fields.fault();
    return answer;
}

}
