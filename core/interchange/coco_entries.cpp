#include "core/interchange/coco_entries.h"

#include "core/interchange/text_fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <simdjson.h>

namespace percept::interchange {

namespace {

namespace json = simdjson::ondemand;
using Kind = EntryStatus::Kind;

EntryStatus broken(simdjson::error_code error) { return { Kind::Broken, simdjson::error_message(error) }; }
EntryStatus unusable(std::string what) { return { Kind::Unusable, std::move(what) }; }

// A number that is finite; NaN, Infinity and 1e400 are none.
bool readDouble(json::value value, double& number)
{
    return value.get_double().get(number) == simdjson::SUCCESS && std::isfinite(number);
}

// Ids are whole numbers; some writers put them between quotes or write 3.0.
bool readId(json::value value, std::int64_t& id)
{
    if (value.get_int64().get(id) == simdjson::SUCCESS)
        return true;
    double number = 0;
    if (value.get_double().get(number) == simdjson::SUCCESS) {
        id = std::abs(number) < 9e15 ? static_cast<std::int64_t>(number) : 0;
        return std::abs(number) < 9e15 && number == std::floor(number);
    }
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS)
        return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    return error == std::errc() && end == text.data() + text.size();
}

bool readFlag(json::value value)
{
    bool flag = false;
    if (value.get_bool().get(flag) == simdjson::SUCCESS)
        return flag;
    double number = 0;
    return value.get_double().get(number) == simdjson::SUCCESS && number != 0;
}

// A number, true, false, null, or 0 and 1 between quotes. "yes" is none: whether it is taken for one or the other decides what
// is trained.
bool readCrowd(json::value value, bool& crowd)
{
    json::json_type type;
    std::string_view text;
    crowd = false;
    if (value.type().get(type) != simdjson::SUCCESS)
        return false;
    if (type == json::json_type::null)
        return true;
    if (type == json::json_type::boolean || type == json::json_type::number) {
        crowd = readFlag(value);
        return true;
    }
    if (value.get_string().get(text) != simdjson::SUCCESS)
        return false;
    crowd = text == "1" || text == "true";
    return crowd || text == "0" || text == "false";
}

int readSize(json::value value)
{
    double number = 0;
    return readDouble(value, number) && number >= 1 && number < 1e9 ? static_cast<int>(number) : 0;
}

// Four numbers and nothing else.
bool readBox(json::value value, double (&numbers)[4], std::size_t& count)
{
    json::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS)
        return false;
    bool isGood = true;
    for (auto element : array) {
        json::value number;
        if (element.get(number) != simdjson::SUCCESS)
            return false;
        if (count < 4)
            isGood = readDouble(number, numbers[count]) && isGood;
        ++count;
    }
    return isGood && count == 4;
}

void readAttributes(json::value value, domain::AnnotationFlags& flags)
{
    json::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS)
        return;
    for (auto field : object) {
        std::string_view key;
        json::value entry;
        if (field.unescaped_key().get(key) != simdjson::SUCCESS || field.value().get(entry) != simdjson::SUCCESS)
            return;
        if (key == "occluded")
            flags.occluded = readFlag(entry);
        else if (key == "truncated")
            flags.truncated = readFlag(entry);
        else if (key == "difficult")
            flags.difficult = readFlag(entry);
    }
}

// Grows `bounds` (x0 y0 x1 y1) by the polygons of a segmentation.
bool readPolygonBounds(json::value value, double (&bounds)[4])
{
    json::array parts;
    if (value.get_array().get(parts) != simdjson::SUCCESS)
        return false;
    bool isAny = false;
    for (auto part : parts) {
        json::array points;
        if (part.get_array().get(points) != simdjson::SUCCESS)
            return false;
        std::size_t i = 0;
        for (auto element : points) {
            json::value entry;
            double number = 0;
            if (element.get(entry) != simdjson::SUCCESS || !readDouble(entry, number))
                return false;
            const std::size_t axis = i++ % 2;
            bounds[axis] = std::min(bounds[axis], number);
            bounds[axis + 2] = std::max(bounds[axis + 2], number);
            isAny = true;
        }
    }
    return isAny;
}

// Calls onField(key, value) for every field of the element.
template <typename F>
EntryStatus forEachField(json::parser& parser, const JsonElement& element, F onField)
{
    json::document document;
    const simdjson::padded_string_view text(element.text.data(), element.text.size(), element.readable);
    if (const auto error = parser.iterate(text).get(document); error != simdjson::SUCCESS)
        return broken(error);
    json::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS)
        return unusable("is no object.");
    for (auto field : object) {
        std::string_view key;
        json::value value;
        if (const auto error = field.unescaped_key().get(key); error != simdjson::SUCCESS)
            return broken(error);
        if (const auto error = field.value().get(value); error != simdjson::SUCCESS)
            return broken(error);
        onField(key, value);
    }
    return {};
}

bool isReasonable(const double (&numbers)[4])
{
    return std::all_of(std::begin(numbers), std::end(numbers), [](double n) { return std::abs(n) < 1e9; });
}

}

struct CocoEntryParser::State {
    json::parser parser;

    // Some writers leave the box out where there is an outline.
    bool boundsOfOutline(const JsonElement& element, double (&box)[4])
    {
        double bounds[4] = { HUGE_VAL, HUGE_VAL, -HUGE_VAL, -HUGE_VAL };
        bool isGood = false;
        forEachField(parser, element, [&](std::string_view key, json::value value) {
            if (key == "segmentation")
                isGood = readPolygonBounds(value, bounds);
        });
        if (isGood) {
            box[0] = bounds[0];
            box[1] = bounds[1];
            box[2] = bounds[2] - bounds[0];
            box[3] = bounds[3] - bounds[1];
        }
        return isGood;
    }
};

CocoEntryParser::CocoEntryParser()
    : m_state(std::make_unique<State>())
{
}

CocoEntryParser::~CocoEntryParser() = default;

EntryStatus CocoEntryParser::parse(const JsonElement& element, CocoImage& image)
{
    bool hasId = false, hasName = false;
    const EntryStatus status = forEachField(m_state->parser, element, [&](std::string_view key, json::value value) {
        std::string_view text;
        if (key == "id")
            hasId = readId(value, image.id);
        else if (key == "file_name" && value.get_string().get(text) == simdjson::SUCCESS) {
            image.fileName = text;
            hasName = !text.empty() && text.size() < 4096;
        } else if (key == "width")
            image.width = readSize(value);
        else if (key == "height")
            image.height = readSize(value);
    });
    if (status.kind != Kind::Good)
        return status;
    if (!hasId)
        return unusable("has no usable id.");
    return hasName ? EntryStatus() : unusable("has no usable file_name.");
}

EntryStatus CocoEntryParser::parse(const JsonElement& element, CocoCategory& category)
{
    bool hasId = false, hasName = false;
    const EntryStatus status = forEachField(m_state->parser, element, [&](std::string_view key, json::value value) {
        std::string_view text;
        if (key == "id")
            hasId = readId(value, category.id);
        else if (key == "name" && value.get_string().get(text) == simdjson::SUCCESS) {
            const auto label = cleanLabel(text);
            hasName = label.has_value();
            category.name = label.value_or("");
        }
    });
    if (status.kind != Kind::Good)
        return status;
    if (!hasId)
        return unusable("has no usable id.");
    return hasName ? EntryStatus() : unusable("has no usable name.");
}

EntryStatus CocoEntryParser::parse(const JsonElement& element, CocoBox& box)
{
    bool hasImage = false, hasCategory = false, isBoxGood = false, hasBox = false, isCrowdGood = true;
    double numbers[4] = {};
    const EntryStatus status = forEachField(m_state->parser, element, [&](std::string_view key, json::value value) {
        if (key == "id")
            readId(value, box.id);
        else if (key == "image_id")
            hasImage = readId(value, box.image);
        else if (key == "category_id")
            hasCategory = readId(value, box.category);
        else if (key == "bbox") {
            std::size_t count = 0;
            isBoxGood = readBox(value, numbers, count);
            hasBox = count > 0;
        } else if (key == "iscrowd")
            isCrowdGood = readCrowd(value, box.flags.crowd);
        else if (key == "attributes")
            readAttributes(value, box.flags);
        else if (key == "segmentation") {
            json::json_type type;
            box.hasMask = value.type().get(type) == simdjson::SUCCESS && type == json::json_type::object;
        }
    });
    if (status.kind != Kind::Good)
        return status;
    if (!hasImage)
        return unusable("has no usable image_id.");
    if (!hasCategory)
        return unusable("has no usable category_id.");
    if (!isCrowdGood)
        return unusable("has an iscrowd that is neither 0 nor 1.");
    if (!hasBox)
        isBoxGood = m_state->boundsOfOutline(element, numbers);
    if (!isBoxGood || !isReasonable(numbers))
        return unusable("has no usable bbox (four finite numbers).");
    if (numbers[2] < 0 || numbers[3] < 0)
        return unusable("has a bbox of negative size.");
    box.box = { numbers[0], numbers[1], numbers[2], numbers[3] };
    return {};
}

}
