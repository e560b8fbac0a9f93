#include "core/protocol/trainer_messages.h"

#include "core/protocol/json_fields.h"

#include <algorithm>
#include <cmath>

namespace percept::protocol {

using nlohmann::json;

namespace {

json bodyOf(const HelloMessage& m)
{
    return { { "type", "hello" }, { "version", m.version }, { "device", m.device }, { "threads", m.threads } };
}
json bodyOf(const ProgressMessage& m)
{
    return { { "type", "progress" }, { "epoch", m.epoch }, { "epochs", m.epochs }, { "step", m.step }, { "steps", m.steps },
        { "imagesPerSecond", m.imagesPerSecond }, { "secondsLeft", m.secondsLeft }, { "secondsLeftLow", m.secondsLeftLow },
        { "secondsLeftHigh", m.secondsLeftHigh }, { "phase", m.phase } };
}
json bodyOf(const MetricMessage& m)
{
    // NaN is not JSON: a diverged value travels as null.
    const bool finite = m.value && std::isfinite(*m.value);
    return { { "type", "metric" }, { "name", m.name }, { "step", m.step }, { "epoch", m.epoch }, { "value", finite ? json(*m.value) : json() } };
}
json bodyOf(const SampleMessage& m)
{
    json items = json::array();
    for (const SampleItem& item : m.items) {
        json detections = json::array();
        for (const domain::Detection& d : item.detections)
            detections.push_back({ d.label, d.score, d.box.x, d.box.y, d.box.w, d.box.h });
        items.push_back({ { "item", item.item }, { "path", item.path }, { "detections", std::move(detections) } });
    }
    return { { "type", "sample" }, { "epoch", m.epoch }, { "items", std::move(items) } };
}
json bodyOf(const WarningMessage& m) { return { { "type", "warning" }, { "field", m.field }, { "message", m.message } }; }
json bodyOf(const FinishedMessage& m) { return { { "type", "finished" }, { "status", m.status }, { "message", m.message } }; }

HelloMessage readHello(JsonFields& f)
{
    return { f.text("version"), f.text("device"), static_cast<int>(f.integer("threads", 0, 4096, 0)) };
}

ProgressMessage readProgress(JsonFields& f)
{
    constexpr std::int64_t kMany = 1'000'000'000'000;
    ProgressMessage m;
    m.epoch = static_cast<int>(f.integer("epoch", 0, 1 << 30, 0));
    m.epochs = static_cast<int>(f.integer("epochs", 0, 1 << 30, 0));
    m.step = f.integer("step", 0, kMany, 0);
    m.steps = f.integer("steps", 0, kMany, 0);
    m.imagesPerSecond = f.number("imagesPerSecond", 0, 1e9, 0);
    m.secondsLeft = f.number("secondsLeft", -1, 1e12, -1);
    m.secondsLeftLow = f.number("secondsLeftLow", -1, 1e12, -1);
    m.secondsLeftHigh = f.number("secondsLeftHigh", -1, 1e12, -1);
    m.phase = f.text("phase");
    return m;
}

MetricMessage readMetric(JsonFields& f)
{
    MetricMessage m;
    m.name = f.requiredText("name", 256);
    m.step = f.integer("step", 0, INT64_MAX, 0);
    m.epoch = f.number("epoch", 0, 1e9, 0);
    if (f.has("value"))
        m.value = f.number("value", -1e300, 1e300, 0);
    return m;
}

SampleItem readSampleItem(const json& object, JsonFields& parent)
{
    JsonFields f(object, "sample");
    SampleItem item;
    item.item = f.integer("item", 0, INT64_MAX, 0);
    item.path = f.text("path");
    if (const json* detections = f.array("detections", 100'000))
        for (const json& d : *detections) {
            if (!d.is_array() || d.size() != 6 || !d[0].is_number_integer()
                || !std::all_of(d.begin(), d.end(), [](const json& n) { return n.is_number(); })) {
                f.setFault("detections", "has an entry that is not six numbers");
                break;
            }
            item.detections.push_back({ d[0].get<int>(), d[1].get<double>(), { d[2], d[3], d[4], d[5] } });
        }
    if (f.hasFault())
        parent.setFault("items", "has an entry that is wrong");
    return item;
}

SampleMessage readSample(JsonFields& f)
{
    SampleMessage m;
    m.epoch = static_cast<int>(f.integer("epoch", 0, 1 << 30, 0));
    if (const json* items = f.array("items", 1000))
        for (const json& item : *items)
            m.items.push_back(readSampleItem(item, f));
    return m;
}

}

std::string encode(const TrainerMessage& message, std::int64_t seq)
{
    json body = std::visit([](const auto& m) { return bodyOf(m); }, message);
    body["v"] = kTrainerProtocolVersion;
    body["seq"] = seq;
    return dumpLine(body);
}

base::Result<TrainerMessage> decodeTrainerMessage(std::string_view line)
{
    PERCEPT_ASSIGN(object, parseJson(line, "A message of percept-trainer"));
    JsonFields f(object, "A message of percept-trainer");
    const std::string type = f.requiredText("type", 64);
    TrainerMessage message;
    if (type == "hello")
        message = readHello(f);
    else if (type == "progress")
        message = readProgress(f);
    else if (type == "metric")
        message = readMetric(f);
    else if (type == "sample")
        message = readSample(f);
    else if (type == "warning")
        message = WarningMessage { f.text("field"), f.text("message") };
    else if (type == "finished")
        message = FinishedMessage { f.requiredText("status", 64), f.text("message") };
    else if (!f.hasFault())
        return base::notFound("percept-trainer sent a message of a type that this version does not know: " + type);
    if (f.hasFault())
        return f.fault();
    return message;
}

std::string encode(TrainerCommand command)
{
    static constexpr const char* kNames[] = { "stop", "pause", "resume", "checkpoint" };
    return dumpLine({ { "type", kNames[static_cast<int>(command)] } });
}

base::Result<TrainerCommand> decodeTrainerCommand(std::string_view line)
{
    PERCEPT_ASSIGN(object, parseJson(line, "A command to percept-trainer", 1 << 16));
    JsonFields f(object, "A command to percept-trainer");
    const std::string type = f.requiredText("type", 64);
    for (const auto command : { TrainerCommand::Stop, TrainerCommand::Pause, TrainerCommand::Resume, TrainerCommand::Checkpoint })
        if (encode(command) == dumpLine({ { "type", type } }))
            return command;
    return f.hasFault() ? f.fault() : base::notFound("percept-trainer knows no command \"" + type + "\".");
}

}
