#pragma once

#include "core/device/outbox.h"

#include <optional>
#include <string>
#include <string_view>

// The lines of an outbox's file: "CHECK JSON" (CHECK: the first 16 hex digits of the SHA-256 of the JSON).
namespace percept::device {

std::string randomOutboxName(); // of a stream or a picture: 32 hex digits

std::string outboxText(const nlohmann::json& line); // with its newline
// Without its newline. Nothing when it is torn or damaged.
std::optional<nlohmann::json> outboxLineFrom(std::string_view text);

OutboxEntry::Kind outboxKindOf(const nlohmann::json& line);
nlohmann::json outboxEntryLine(std::int64_t number, const char* kind, const nlohmann::json& body, const Stamp& stamp);
nlohmann::json outboxDroppedLine(std::int64_t number);

}
