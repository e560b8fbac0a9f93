#include "core/protocol/run_config.h"

#include "core/protocol/json_fields.h"

#include <algorithm>

namespace percept::protocol {

using nlohmann::json;

namespace {

// Sets of a snapshot: test and reserve items never reach a training.
bool isTrainable(domain::SplitSet set) { return set == domain::SplitSet::Train || set == domain::SplitSet::Validation; }

json toJson(const SnapshotBox& box)
{
    return { { "label", box.label }, { "box", { box.box.x, box.box.y, box.box.w, box.box.h } }, { "crowd", box.crowd },
        { "difficult", box.difficult } };
}

SnapshotBox boxFromJson(const json& object, JsonFields& parent)
{
    JsonFields fields(object, "box");
    SnapshotBox box;
    box.label = static_cast<int>(fields.requiredInteger("label", 0, 1'000'000));
    box.crowd = fields.boolean("crowd", false);
    box.difficult = fields.boolean("difficult", false);
    const json* numbers = fields.array("box", 4);
    if (numbers && numbers->size() == 4 && std::all_of(numbers->begin(), numbers->end(), [](const json& n) { return n.is_number(); }))
        box.box = { (*numbers)[0], (*numbers)[1], (*numbers)[2], (*numbers)[3] };
    if (fields.hasFault() || !box.box.isFinite() || !box.box.hasArea())
        parent.setFault("boxes", "has an entry that is wrong or without area");
    return box;
}

}

json toJson(const RunConfig& c)
{
    json object { { "run", c.run }, { "recipe", c.recipe }, { "task", domain::toString(c.task) }, { "datasetVersion", c.datasetVersion },
        { "seed", c.seed }, { "threads", c.threads }, { "batchSize", c.batchSize }, { "learningRate", c.learningRate },
        { "longSide", c.longSide }, { "backbone", c.backbone }, { "weights", c.weights }, { "startFrom", c.startFrom } };
    if (c.epochs)
        object["epochs"] = *c.epochs;
    if (c.timeLimitMinutes)
        object["timeLimitMinutes"] = *c.timeLimitMinutes;
    return object;
}

base::Result<RunConfig> runConfigFromJson(const json& object)
{
    JsonFields fields(object, "The run's configuration");
    RunConfig c;
    c.run = fields.requiredText("run", 64);
    c.recipe = fields.text("recipe", c.recipe);
    const auto task = domain::taskFromString(fields.text("task", "detection"));
    if (!task)
        fields.setFault("task", "names no task that this version knows");
    c.task = task.value_or(c.task);
    c.datasetVersion = fields.integer("datasetVersion", 0, INT64_MAX, 0);
    c.seed = static_cast<std::uint64_t>(fields.integer("seed", 0, INT64_MAX, 0));
    c.threads = static_cast<int>(fields.integer("threads", 0, 1024, 0));
    if (fields.has("epochs"))
        c.epochs = static_cast<int>(fields.integer("epochs", 1, 1'000'000, 1));
    if (fields.has("timeLimitMinutes"))
        c.timeLimitMinutes = fields.number("timeLimitMinutes", 0.01, 1e6, 15);
    c.batchSize = static_cast<int>(fields.integer("batchSize", 1, 1024, c.batchSize));
    c.learningRate = fields.number("learningRate", 1e-9, 10, c.learningRate);
    c.longSide = static_cast<int>(fields.integer("longSide", 32, 4096, c.longSide));
    c.backbone = fields.text("backbone", c.backbone);
    c.weights = fields.text("weights");
    c.startFrom = fields.text("startFrom");
    if (!c.epochs && !c.timeLimitMinutes)
        fields.setFault("epochs", "is missing, and so is \"timeLimitMinutes\": one of both must say how long to train");
    if (fields.hasFault())
        return fields.fault();
    return c;
}

json toJson(const SnapshotItem& item)
{
    json boxes = json::array();
    for (const SnapshotBox& box : item.boxes)
        boxes.push_back(toJson(box));
    return { { "id", item.id }, { "group", item.group }, { "path", item.path }, { "sha256", item.sha256 },
        { "set", domain::toString(item.set) }, { "width", item.width }, { "height", item.height }, { "boxes", std::move(boxes) } };
}

base::Result<SnapshotItem> snapshotItemFromJson(const json& object)
{
    JsonFields fields(object, "An item of the snapshot");
    SnapshotItem item;
    item.id = fields.requiredInteger("id", 1, INT64_MAX);
    item.group = fields.integer("group", 0, INT64_MAX, 0);
    item.path = fields.requiredText("path");
    item.sha256 = fields.text("sha256");
    item.set = domain::splitSetFromString(fields.requiredText("set")).value_or(domain::SplitSet::None);
    if (!isTrainable(item.set))
        fields.setFault("set", "is neither train nor validation");
    item.width = static_cast<int>(fields.requiredInteger("width", 1, 1'000'000));
    item.height = static_cast<int>(fields.requiredInteger("height", 1, 1'000'000));
    if (const json* boxes = fields.array("boxes", 1'000'000))
        for (const json& box : *boxes)
            item.boxes.push_back(boxFromJson(box, fields));
    if (fields.hasFault())
        return fields.fault();
    return item;
}

}
