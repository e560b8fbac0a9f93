#include "core/evaluation/evaluation_document.h"

#include "core/base/time.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace percept::evaluation {
namespace {

using nlohmann::json;

// Undefined: null for shares, -1 (without an interval) for COCO's numbers, as COCO has it.
json shareValue(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

json withInterval(double value, const Interval& interval)
{
    json entry { { "value", shareValue(value) } };
    if (std::isfinite(interval.low) && std::isfinite(interval.high)) {
        entry["low"] = interval.low;
        entry["high"] = interval.high;
    }
    return entry;
}

json metricsOf(const CocoSummary& coco, const BootstrapResult& bootstrap, const ShareIntervals& shares)
{
    const auto plain = [](double value) { return json { { "value", value } }; };
    return {
        { "map", withInterval(coco.map, bootstrap.map) },
        { "map50", withInterval(coco.map50, bootstrap.map50) },
        { "map75", withInterval(coco.map75, bootstrap.map75) },
        { "map_small", plain(coco.mapSmall) },
        { "map_medium", plain(coco.mapMedium) },
        { "map_large", plain(coco.mapLarge) },
        { "ar1", plain(coco.ar1) },
        { "ar10", plain(coco.ar10) },
        { "ar100", plain(coco.ar100) },
        { "ar_small", plain(coco.arSmall) },
        { "ar_medium", plain(coco.arMedium) },
        { "ar_large", plain(coco.arLarge) },
        { "found", withInterval(shares.found.value, shares.found) },
        { "marks_right", withInterval(shares.marksRight.value, shares.marksRight) },
    };
}

json classRow(std::size_t c, const std::string& label, const CocoSummary& coco, const BootstrapResult& bootstrap,
    const ShareIntervals& shares, double threshold)
{
    const auto [found, of] = shares.foundCounts[c];
    json row { { "label", label }, { "objects", of }, { "map", coco.mapPerClass[c] }, { "map50", coco.map50PerClass[c] },
        { "threshold", threshold }, { "found", found }, { "foundOf", of } };
    const auto addInterval = [&](const char* low, const char* high, const Interval& interval) {
        row[low] = shareValue(interval.low);
        row[high] = shareValue(interval.high);
    };
    addInterval("map_low", "map_high", bootstrap.mapPerClass[c]);
    addInterval("map50_low", "map50_high", bootstrap.map50PerClass[c]);
    addInterval("found_low", "found_high", shares.foundPerClass[c]);
    return row;
}

}

json evaluationDocument(const std::vector<EvaluationImage>& images, const std::vector<std::string>& labels,
    const std::vector<double>& thresholds, int draws, std::uint64_t seed, const base::CancelToken& cancel)
{
    const int classes = static_cast<int>(labels.size());
    std::vector<double> perClass = thresholds;
    perClass.resize(labels.size(), 0.5);
    const CocoSummary coco = evaluateCoco(images, classes);
    const BootstrapResult bootstrap = bootstrapCoco(images, classes, draws, seed, cancel);
    const ShareIntervals shares = shareIntervals(MatchTable(images, classes), perClass, draws, seed);
    std::int64_t objects = 0;
    json rows = json::array();
    for (std::size_t c = 0; c < labels.size(); ++c) {
        rows.push_back(classRow(c, labels[c], coco, bootstrap, shares, perClass[c]));
        objects += shares.foundCounts[c][1];
    }
    return { { "items", images.size() }, { "objects", objects }, { "metrics", metricsOf(coco, bootstrap, shares) },
        { "per_class", std::move(rows) }, { "thresholds", perClass }, { "draws", draws }, { "seed", seed },
        { "timeMs", base::nowMs() } };
}

std::string encodeImageLine(const EvaluationImage& image)
{
    json truths = json::array(), detections = json::array();
    for (const TruthBox& t : image.truths) {
        if (!t.box.isFinite())
            continue;
        json row { t.label, t.box.x, t.box.y, t.box.w, t.box.h, t.crowd ? 1 : 0 };
        if (std::isfinite(t.area) && t.area >= 0)
            row.push_back(t.area);
        truths.push_back(std::move(row));
    }
    for (const domain::Detection& d : image.detections)
        if (d.box.isFinite() && std::isfinite(d.score))
            detections.push_back({ d.label, d.score, d.box.x, d.box.y, d.box.w, d.box.h });
    const json line { { "item", image.item }, { "group", image.group }, { "name", image.name }, { "width", image.width },
        { "height", image.height }, { "truths", std::move(truths) }, { "detections", std::move(detections) } };
    return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

namespace {

base::Error badLine(const std::string& what)
{
    return base::refused("The stored predictions cannot be read: " + what + ". Run evaluate again to write them anew.");
}

// Numbers of a row of the right length; empty when it is anything else.
std::vector<double> numbersOf(const json& row, std::size_t least, std::size_t most)
{
    std::vector<double> numbers;
    if (!row.is_array() || row.size() < least || row.size() > most)
        return numbers;
    for (const json& value : row) {
        const double number = value.is_boolean() ? (value.get<bool>() ? 1 : 0)
            : value.is_number()                  ? value.get<double>()
                                                 : std::numeric_limits<double>::quiet_NaN();
        if (!std::isfinite(number))
            return {};
        numbers.push_back(number);
    }
    return numbers;
}

bool isLabel(double v) { return v >= 0 && v < 1e6 && v == std::floor(v); }

std::int64_t integerOr(const json& object, const char* key, std::int64_t fallback)
{
    const auto at = object.find(key);
    return at != object.end() && at->is_number_integer() ? at->get<std::int64_t>() : fallback;
}

bool readTruths(const json& rows, EvaluationImage& image)
{
    for (const json& row : rows) {
        const auto n = numbersOf(row, 5, 7);
        if (n.empty() || !isLabel(n[0]))
            return false;
        image.truths.push_back({ static_cast<int>(n[0]), { n[1], n[2], n[3], n[4] }, n.size() > 5 && n[5] != 0,
            n.size() > 6 ? n[6] : -1 });
    }
    return true;
}

bool readDetections(const json& rows, EvaluationImage& image)
{
    for (const json& row : rows) {
        const auto n = numbersOf(row, 6, 6);
        if (n.empty() || !isLabel(n[0]))
            return false;
        image.detections.push_back({ static_cast<int>(n[0]), n[1], { n[2], n[3], n[4], n[5] } });
    }
    return true;
}

int sizeOr0(const json& object, const char* key)
{
    const std::int64_t size = integerOr(object, key, 0);
    return size >= 0 && size <= std::numeric_limits<int>::max() ? static_cast<int>(size) : 0;
}

}

base::Result<EvaluationImage> decodeImageLine(std::string_view line)
{
    const json object = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object())
        return badLine("a line is not a JSON object");
    const auto item = object.find("item"), truths = object.find("truths"), detections = object.find("detections");
    if (item == object.end() || !item->is_number_integer())
        return badLine("a line names no item");
    if (truths == object.end() || !truths->is_array() || detections == object.end() || !detections->is_array())
        return badLine("a line lacks its boxes");
    EvaluationImage image;
    image.item = item->get<std::int64_t>();
    image.group = integerOr(object, "group", 0);
    image.width = sizeOr0(object, "width");
    image.height = sizeOr0(object, "height");
    if (const auto name = object.find("name"); name != object.end() && name->is_string())
        image.name = name->get<std::string>();
    if (!readTruths(*truths, image) || !readDetections(*detections, image))
        return badLine("a box of item " + std::to_string(image.item) + " is malformed");
    return image;
}

}
