#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace percept::protocol {

// Reads checked fields out of a JSON object that may come from anywhere. The first fault is kept, further reads give
// defaults; ask fault() at the end. Fault texts name the field.
class JsonFields {
public:
    JsonFields(const nlohmann::json& object, std::string what);

    std::string text(const char* name, std::string fallback = {});
    std::string requiredText(const char* name, std::size_t maxLength = 4096);
    std::int64_t integer(const char* name, std::int64_t low, std::int64_t high, std::int64_t fallback);
    std::int64_t requiredInteger(const char* name, std::int64_t low, std::int64_t high);
    double number(const char* name, double low, double high, double fallback);
    bool boolean(const char* name, bool fallback);
    const nlohmann::json* array(const char* name, std::size_t maxSize); // null when absent
    const nlohmann::json* object(const char* name);
    bool has(const char* name) const { return m_object && m_object->contains(name) && !(*m_object)[name].is_null(); }

    void setFault(const char* name, std::string_view why);
    bool hasFault() const { return !m_fault.empty(); }
    base::Error fault() const { return base::refused(m_fault); }

private:
    const nlohmann::json* find(const char* name) const;
    const nlohmann::json* m_object = nullptr;
    std::string m_what, m_fault;
};

// Parses one small document: bounded size and depth, wrong bytes refused; of a key that comes twice the last counts.
base::Result<nlohmann::json> parseJson(
    std::string_view text, std::string_view what, std::size_t maxBytes = 1u << 26, int maxDepth = 64);

// Text for a wire: invalid UTF-8 is replaced, no newline inside.
std::string dumpLine(const nlohmann::json& json);

}
