#include "core/interchange/export_plan.h"
#include "core/interchange/reader.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <unordered_map>

namespace percept::interchange {

namespace {

using Boxes = std::vector<dataset::ImportBox>;

// By label and by coordinates rounded to what counts, so that equal boxes meet whatever their order.
void sortBoxes(Boxes& boxes)
{
    const auto key = [](const dataset::ImportBox& b) {
        const auto rounded = [](double v) { return std::llround(v * 1e3); };
        return std::tuple(b.label, rounded(b.box.x), rounded(b.box.y), rounded(b.box.w), rounded(b.box.h), b.flags.occluded,
            b.flags.truncated, b.flags.crowd, b.flags.difficult);
    };
    std::sort(boxes.begin(), boxes.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

bool isClose(double a, double b) { return std::abs(a - b) <= 1e-6; }

bool areEqual(const dataset::ImportBox& a, const dataset::ImportBox& b)
{
    return a.label == b.label && a.flags == b.flags && isClose(a.box.x, b.box.x) && isClose(a.box.y, b.box.y)
        && isClose(a.box.w, b.box.w) && isClose(a.box.h, b.box.h);
}

// What the reader must have made of an item's boxes: inside the picture as they are, at the edge clipped.
Boxes expectedBoxes(const ExportPlan& plan, const dataset::ImportItem& back, const ExportItem& item)
{
    Boxes boxes;
    for (const domain::Annotation& annotation : item.annotations) {
        const domain::Box inside = domain::clipped(annotation.box, back.width, back.height);
        if (annotation.box.hasArea() && !inside.hasArea())
            continue;
        boxes.push_back({ plan.labels.at(annotation.label), inside, annotation.flags });
    }
    return boxes;
}

base::Error differs(const std::string& name, const std::string& what)
{
    return base::failed("The export was read back and " + name + " " + what + "; nothing was exported. Please report this.");
}

base::Result<void> compareItem(const ExportPlan& plan, const ExportItem& item, dataset::ImportItem& back)
{
    if (back.set != item.item.set)
        return differs(item.fileName, "came back in another set");
    if (!back.labeled)
        return differs(item.fileName, "came back as not labeled");
    Boxes expected = expectedBoxes(plan, back, item);
    if (expected.size() != back.boxes.size())
        return differs(item.fileName, "came back with " + std::to_string(back.boxes.size()) + " boxes instead of " + std::to_string(expected.size()));
    sortBoxes(expected);
    sortBoxes(back.boxes);
    if (!std::equal(expected.begin(), expected.end(), back.boxes.begin(), areEqual))
        return differs(item.fileName, "came back with other boxes");
    return {};
}

}

base::Result<void> compareExport(const WriteRequest& request, const ExportPlan& plan, std::string_view format, WriteOutcome& outcome)
{
    if (plan.items.empty())
        return {};
    std::unordered_map<std::string, dataset::ImportItem> read;
    ReadRequest reading { .source = request.out, .mediaFolder = {}, .hashContent = false, .progress = request.progress, .cancel = request.cancel };
    const auto result = findReader(format)->read(reading, [&](std::vector<dataset::ImportItem> items) -> base::Result<void> {
        for (dataset::ImportItem& item : items)
            read[item.name] = std::move(item);
        return {};
    });
    if (result.hasError())
        return result.error().code == base::ErrorCode::Cancelled
            ? result.error()
            : base::failed("The export could not be read back, so nothing was exported. " + result.error().message);
    if (read.size() != plan.items.size())
        return differs(std::to_string(plan.items.size()) + " pictures", "came back as " + std::to_string(read.size()));
    std::int64_t done = 0;
    for (const ExportItem& item : plan.items) {
        const auto found = read.find(item.fileName);
        if (found == read.end())
            return differs(item.fileName, "did not come back");
        // A box that lies outside of its picture comes back as a problem, and its picture as not complete.
        for (const Problem& problem : result->problems.listed())
            if (problem.what.find(" lies outside of " + item.fileName + ";") != std::string::npos)
                found->second.labeled = true;
        PERCEPT_TRY(compareItem(plan, item, found->second));
        if (request.progress && ++done % 100 == 0)
            request.progress({ done, static_cast<std::int64_t>(plan.items.size()), "Comparing" });
    }
    outcome.problems.append(result->problems);
    return {};
}

}
