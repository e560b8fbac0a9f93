#include "core/device/outbox_line.h"

#include "core/base/hash.h"
#include "core/protocol/json_fields.h"

#include <array>
#include <sys/random.h>

namespace percept::device {

using nlohmann::json;
using Kind = OutboxEntry::Kind;

namespace {

constexpr std::size_t kCheckLength = 16;

}

std::string outboxText(const json& line)
{
    const std::string content = protocol::dumpLine(line);
    return base::sha256Hex(content).substr(0, kCheckLength) + " " + content + "\n";
}

std::optional<json> outboxLineFrom(std::string_view text)
{
    if (text.size() <= kCheckLength || text[kCheckLength] != ' ')
        return std::nullopt;
    const auto content = text.substr(kCheckLength + 1);
    if (base::sha256Hex(content).substr(0, kCheckLength) != text.substr(0, kCheckLength))
        return std::nullopt;
    const auto line = protocol::parseJson(content, "A line of the outbox");
    return line.hasValue() ? std::optional(line.value()) : std::nullopt;
}

Kind outboxKindOf(const json& line)
{
    const std::string kind = line.value("kind", "");
    return kind == "window" ? Kind::Window : kind == "sample" ? Kind::Sample : Kind::Dropped;
}

json outboxEntryLine(std::int64_t number, const char* kind, const json& body, const Stamp& stamp)
{
    return { { "n", number }, { "kind", kind }, { "body", body }, { "boot", stamp.bootId }, { "bootMs", stamp.bootMs },
        { "wallMs", stamp.wallMs } };
}

json outboxDroppedLine(std::int64_t number) { return { { "n", number }, { "kind", "dropped" } }; }

std::string randomOutboxName()
{
    std::array<std::uint8_t, 16> bytes { };
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        std::terminate(); // the kernel has no randomness: nothing that this device says could be told apart
    return base::toHex(bytes);
}

}
