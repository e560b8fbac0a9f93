#include "core/protocol/json_fields.h"

#include <cmath>
#include <fmt/format.h>

namespace percept::protocol {

using nlohmann::json;

JsonFields::JsonFields(const json& object, std::string what) : m_what(std::move(what))
{
    if (object.is_object())
        m_object = &object;
    else
        m_fault = fmt::format("{} is not a JSON object.", m_what);
}

const json* JsonFields::find(const char* name) const { return has(name) ? &(*m_object)[name] : nullptr; }

void JsonFields::setFault(const char* name, std::string_view why)
{
    if (m_fault.empty())
        m_fault = fmt::format("{}: the field \"{}\" {}.", m_what, name, why);
}

std::string JsonFields::text(const char* name, std::string fallback)
{
    const json* value = find(name);
    if (!value)
        return fallback;
    if (value->is_string())
        return value->get<std::string>();
    setFault(name, "is not a text");
    return fallback;
}

std::string JsonFields::requiredText(const char* name, std::size_t maxLength)
{
    if (!has(name))
        setFault(name, "is missing");
    std::string value = text(name);
    if (value.size() > maxLength)
        setFault(name, "is too long");
    return value;
}

std::int64_t JsonFields::integer(const char* name, std::int64_t low, std::int64_t high, std::int64_t fallback)
{
    const json* value = find(name);
    if (!value)
        return fallback;
    const bool tooLarge = value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
    if (!value->is_number_integer() || tooLarge) {
        setFault(name, "is not a whole number");
        return fallback;
    }
    const auto number = value->get<std::int64_t>();
    if (number < low || number > high) {
        setFault(name, fmt::format("is outside {} .. {}", low, high));
        return fallback;
    }
    return number;
}

std::int64_t JsonFields::requiredInteger(const char* name, std::int64_t low, std::int64_t high)
{
    if (!has(name))
        setFault(name, "is missing");
    return integer(name, low, high, low);
}

double JsonFields::number(const char* name, double low, double high, double fallback)
{
    const json* value = find(name);
    if (!value)
        return fallback;
    if (!value->is_number()) {
        setFault(name, "is not a number");
        return fallback;
    }
    const auto number = value->get<double>();
    if (!std::isfinite(number) || number < low || number > high) {
        setFault(name, fmt::format("is outside {} .. {}", low, high));
        return fallback;
    }
    return number;
}

bool JsonFields::boolean(const char* name, bool fallback)
{
    const json* value = find(name);
    if (!value)
        return fallback;
    if (value->is_boolean())
        return value->get<bool>();
    setFault(name, "is not true or false");
    return fallback;
}

const json* JsonFields::array(const char* name, std::size_t maxSize)
{
    const json* value = find(name);
    if (!value)
        return nullptr;
    if (!value->is_array()) {
        setFault(name, "is not a list");
        return nullptr;
    }
    if (value->size() > maxSize) {
        setFault(name, fmt::format("has more than {} entries", maxSize));
        return nullptr;
    }
    return value;
}

const json* JsonFields::object(const char* name)
{
    const json* value = find(name);
    if (value && !value->is_object()) {
        setFault(name, "is not an object");
        return nullptr;
    }
    return value;
}

base::Result<json> parseJson(std::string_view text, std::string_view what, std::size_t maxBytes, int maxDepth)
{
    if (text.size() > maxBytes)
        return base::refused(fmt::format("{} is too large ({} bytes).", what, text.size()));
    // The parser is iterative, so depth cannot overflow the stack; destroying deep values could, hence the limit.
    bool tooDeep = false;
    const auto limit = [&](int depth, json::parse_event_t, json&) {
        tooDeep = tooDeep || depth > maxDepth;
        return depth <= maxDepth;
    };
    json value = json::parse(text.begin(), text.end(), limit, /*allow_exceptions=*/false);
    if (tooDeep)
        return base::refused(fmt::format("{} is nested more than {} levels deep.", what, maxDepth));
    if (value.is_discarded())
        return base::refused(fmt::format("{} is not valid JSON.", what));
    return value;
}

std::string dumpLine(const json& json) { return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

}
