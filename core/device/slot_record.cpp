#include "core/device/slot_record.h"

#include "core/base/hash.h"
#include "core/protocol/json_fields.h"

namespace percept::device {

using nlohmann::json;

json toJson(const SlotPackage& package)
{
    return { { "sha256", package.sha256 }, { "name", package.name }, { "version", package.version },
        { "releaseCounter", package.releaseCounter }, { "healthy", package.isHealthy } };
}

namespace {

base::Result<SlotPackage> slotPackageFromJson(const json& json)
{
    protocol::JsonFields fields(json, "A slot");
    SlotPackage package { fields.requiredText("sha256", 64), fields.text("name"), fields.text("version"),
        fields.integer("releaseCounter", 0, INT64_MAX, 0), fields.boolean("healthy", false) };
    if (fields.hasFault())
        return fields.fault();
    return package;
}

// A reason may name a path, and a path need not be UTF-8.
std::string dumpOf(const json& json, int indent = -1) { return json.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace); }

json contentOf(const SlotRecord& record)
{
    json content { { "format", 1 }, { "active", slotName(record.active) }, { "starts", record.starts },
        { "releaseFloor", record.releaseFloor }, { "given", record.givenSha256 }, { "trusted", record.trusted } };
    for (int slot = 0; slot < 2; ++slot)
        if (const auto& package = record.slots[static_cast<std::size_t>(slot)])
            content["slots"][std::string(slotName(slot))] = toJson(*package);
    if (record.lastRefusal.has_value())
        content["lastRefusal"] = toJson(*record.lastRefusal);
    return content;
}

base::Result<void> readSlots(const json& slots, SlotRecord& record)
{
    for (int slot = 0; slot < 2; ++slot) {
        const auto found = slots.find(slotName(slot));
        if (found == slots.end())
            continue;
        PERCEPT_ASSIGN(package, slotPackageFromJson(*found));
        record.slots[static_cast<std::size_t>(slot)] = std::move(package);
    }
    return {};
}

base::Result<SlotRecord> recordFromContent(const json& content)
{
    protocol::JsonFields fields(content, "The record of the slots");
    SlotRecord record;
    (void)fields.requiredInteger("format", 1, 1);
    record.active = fields.requiredText("active", 1) == "b" ? 1 : 0;
    record.starts = static_cast<int>(fields.integer("starts", 0, 1'000'000, 0));
    record.releaseFloor = fields.integer("releaseFloor", 0, INT64_MAX, 0);
    record.givenSha256 = fields.text("given");
    if (const auto* trusted = fields.array("trusted", 100))
        for (const auto& key : *trusted)
            record.trusted.push_back(key.is_string() ? key.get<std::string>() : std::string());
    if (const auto* slots = fields.object("slots"))
        PERCEPT_TRY(readSlots(*slots, record));
    if (const auto* refusal = fields.object("lastRefusal")) {
        PERCEPT_ASSIGN(last, refusalFromJson(*refusal));
        record.lastRefusal = std::move(last);
    }
    if (fields.hasFault())
        return fields.fault();
    return record;
}

}

std::string_view slotName(int slot) { return slot == 0 ? "a" : "b"; }

std::string textOf(const SlotRecord& record)
{
    const json content = contentOf(record);
    const json document { { "record", content }, { "sha256", base::sha256Hex(dumpOf(content)) } };
    return dumpOf(document, 1) + "\n";
}

base::Result<SlotRecord> slotRecordFromText(std::string_view text)
{
    PERCEPT_ASSIGN(document, protocol::parseJson(text, "The record of the slots", 1u << 20));
    protocol::JsonFields fields(document, "The record of the slots");
    const auto* content = fields.object("record");
    if (content == nullptr || fields.requiredText("sha256", 64) != base::sha256Hex(dumpOf(*content)))
        return base::refused("The record of the slots is damaged.");
    return recordFromContent(*content);
}

}
