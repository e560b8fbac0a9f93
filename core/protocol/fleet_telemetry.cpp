#include "core/protocol/fleet_telemetry.h"

#include "core/protocol/fleet_fields.h"
#include "core/protocol/fleet_topics.h"

#include <algorithm>
#include <numeric>

namespace percept::protocol {

using nlohmann::json;

namespace {

// Of anything in one window: sums over many windows stay far inside 64 bits, whoever sends them.
constexpr std::int64_t kMostInWindow = 1'000'000'000;

template <std::size_t N>
std::int64_t sum(const std::array<std::int64_t, N>& bins)
{
    return std::accumulate(bins.begin(), bins.end(), std::int64_t { 0 });
}

// Exactly N counts that are possible, or a fault.
template <std::size_t N>
std::array<std::int64_t, N> binsFrom(JsonFields& fields, const char* name)
{
    std::array<std::int64_t, N> bins {};
    const json* list = fields.array(name, N);
    const auto isCount = [](const json& n) {
        return n.is_number_unsigned() && n.get<std::uint64_t>() <= static_cast<std::uint64_t>(kMostInWindow);
    };
    if (!list || list->size() != N || !std::all_of(list->begin(), list->end(), isCount))
        fields.setFault(name, "is not a list of counts of the right length");
    else
        std::transform(list->begin(), list->end(), bins.begin(), [](const json& n) { return n.get<std::int64_t>(); });
    return bins;
}

json toJson(const ClassCount& entry) { return { { "label", entry.label }, { "count", entry.count }, { "scores", entry.scores } }; }

json toJson(const InputSpread& spread)
{
    return { { "mean", spread.mean }, { "deviation", spread.deviation }, { "bins", spread.bins } };
}

json toJson(const TelemetryWindow& window)
{
    json classes = json::array();
    for (const ClassCount& entry : window.classes)
        classes.push_back(toJson(entry));
    json object { { "type", "window" }, { "fromMs", window.fromMs }, { "toMs", window.toMs }, { "seconds", window.seconds },
        { "package", window.packageSha256 }, { "packageVersion", window.packageVersion }, { "frames", window.frames },
        { "emptyFrames", window.emptyFrames }, { "failedFrames", window.failedFrames }, { "latencyP50Ms", window.latencyP50Ms },
        { "latencyP95Ms", window.latencyP95Ms }, { "classes", std::move(classes) } };
    if (window.brightness)
        object["brightness"] = toJson(*window.brightness);
    if (window.sharpness)
        object["sharpness"] = toJson(*window.sharpness);
    return object;
}

ClassCount classFrom(const json& object, JsonFields& parent)
{
    JsonFields fields(object, "A class");
    ClassCount entry;
    entry.label = fields.requiredText("label", kMaxLabelBytes);
    entry.count = fields.requiredInteger("count", 0, kMostInWindow);
    entry.scores = binsFrom<ClassCount::kScoreBins>(fields, "scores");
    if (!fields.hasFault() && sum(entry.scores) != entry.count)
        fields.setFault("scores", "do not add up to the count");
    if (fields.hasFault())
        parent.setFault("classes", "has an entry that is wrong. " + fields.fault().message);
    return entry;
}

std::optional<InputSpread> spreadFrom(JsonFields& parent, const char* name)
{
    const json* object = parent.object(name);
    if (!object)
        return std::nullopt;
    JsonFields fields(*object, "A property of the pictures");
    InputSpread spread;
    spread.mean = fields.number("mean", 0, 1e6, 0);
    spread.deviation = fields.number("deviation", 0, 1e6, 0);
    spread.bins = binsFrom<InputSpread::kBins>(fields, "bins");
    if (fields.hasFault())
        parent.setFault(name, "is wrong. " + fields.fault().message);
    return spread;
}

TelemetryWindow windowFrom(JsonFields& fields)
{
    TelemetryWindow window;
    window.fromMs = fields.requiredInteger("fromMs", INT64_MIN, INT64_MAX);
    window.toMs = fields.requiredInteger("toMs", INT64_MIN, INT64_MAX);
    window.seconds = fields.number("seconds", 0, 1e9, 0);
    window.packageSha256 = requiredSha256(fields, "package");
    window.packageVersion = fields.requiredText("packageVersion", kMaxNameBytes);
    window.frames = fields.requiredInteger("frames", 0, kMostInWindow);
    window.emptyFrames = fields.integer("emptyFrames", 0, window.frames, 0);
    window.failedFrames = fields.integer("failedFrames", 0, kMostInWindow, 0);
    window.latencyP50Ms = fields.number("latencyP50Ms", 0, 1e9, 0);
    window.latencyP95Ms = fields.number("latencyP95Ms", 0, 1e9, 0);
    if (const json* classes = fields.array("classes", TelemetryWindow::kMostClasses))
        for (const json& entry : *classes)
            window.classes.push_back(classFrom(entry, fields));
    window.brightness = spreadFrom(fields, "brightness");
    window.sharpness = spreadFrom(fields, "sharpness");
    return window;
}

// An entry of a kind that a newer device knows is a fault: it could not be counted.
TelemetryEntry entryFrom(const json& object, JsonFields& parent)
{
    JsonFields fields(object, "An entry");
    TelemetryEntry entry;
    if (requiredWord(fields, "type", "window dropped") == "window")
        entry = windowFrom(fields);
    else
        entry = DroppedSample {};
    if (fields.hasFault())
        parent.setFault("entries", "has an entry that is wrong. " + fields.fault().message);
    return entry;
}

std::string requiredStream(JsonFields& fields)
{
    std::string stream = fields.requiredText("stream", 32);
    if (!isRandomName(stream))
        fields.setFault("stream", "is not 32 hex digits");
    return stream;
}

}

std::string encode(const TelemetryWindow& window) { return dumpLine(toJson(window)); }

base::Result<TelemetryWindow> decodeTelemetryWindow(std::string_view text)
{
    PERCEPT_ASSIGN(object, parseFleetMessage(text, "The window"));
    JsonFields fields(object, "The window");
    TelemetryWindow window = windowFrom(fields);
    if (fields.hasFault())
        return fields.fault();
    return window;
}

std::string encode(const TelemetryBatch& batch)
{
    json entries = json::array();
    for (const TelemetryEntry& entry : batch.entries) {
        const auto* window = std::get_if<TelemetryWindow>(&entry);
        entries.push_back(window ? toJson(*window) : json { { "type", "dropped" } });
    }
    return dumpLine({ { "v", kFleetProtocolVersion }, { "stream", batch.stream }, { "first", batch.first },
        { "entries", std::move(entries) } });
}

base::Result<TelemetryBatch> decodeTelemetryBatch(std::string_view text)
{
    PERCEPT_ASSIGN(object, parseFleetMessage(text, "The telemetry"));
    JsonFields fields(object, "The telemetry");
    checkFleetVersion(fields);
    TelemetryBatch batch;
    batch.stream = requiredStream(fields);
    batch.first = fields.requiredInteger("first", 1, kMostCount);
    const json* entries = fields.array("entries", TelemetryBatch::kMostEntries);
    if (!entries || entries->empty())
        fields.setFault("entries", "is missing");
    else
        for (const json& entry : *entries)
            batch.entries.push_back(entryFrom(entry, fields));
    if (fields.hasFault())
        return fields.fault();
    return batch;
}

std::string encode(const Acknowledgement& ack)
{
    return dumpLine({ { "v", kFleetProtocolVersion }, { "stream", ack.stream }, { "sequence", ack.sequence } });
}

base::Result<Acknowledgement> decodeAcknowledgement(std::string_view text)
{
    PERCEPT_ASSIGN(object, parseFleetMessage(text, "The acknowledgement"));
    JsonFields fields(object, "The acknowledgement");
    checkFleetVersion(fields);
    Acknowledgement ack;
    ack.stream = requiredStream(fields);
    ack.sequence = fields.requiredInteger("sequence", 0, kMostCount);
    if (fields.hasFault())
        return fields.fault();
    return ack;
}

}
