#include "core/interchange/export_plan.h"
#include "core/interchange/output_file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace percept::interchange {

namespace {

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

const char* subsetName(domain::SplitSet set)
{
    switch (set) {
    case domain::SplitSet::Train: return "train";
    case domain::SplitSet::Validation: return "val";
    case domain::SplitSet::Test: return "test";
    case domain::SplitSet::Reserve: return "reserve";
    case domain::SplitSet::None: break;
    }
    return "default";
}

constexpr domain::SplitSet kSubsets[] = { domain::SplitSet::Train, domain::SplitSet::Validation, domain::SplitSet::Test,
    domain::SplitSet::Reserve, domain::SplitSet::None };

std::string fileOf(domain::SplitSet set) { return fmt::format("annotations/instances_{}.json", subsetName(set)); }

// One annotations/instances_SUBSET.json with its pictures in images/SUBSET. Ids start at 1, as some readers take 0 for none.
class SubsetWriter {
public:
    SubsetWriter(const WriteRequest& request, const ExportPlan& plan, WriteOutcome& outcome)
        : m_request(request)
        , m_plan(plan)
        , m_outcome(outcome)
    {
        for (const domain::Label& label : plan.labelList)
            m_categoryOf[label.id] = static_cast<int>(m_categoryOf.size()) + 1;
    }

    base::Result<void> write(domain::SplitSet set)
    {
        std::vector<const ExportItem*> items;
        for (const ExportItem& item : m_plan.items)
            if (item.item.set == set)
                items.push_back(&item);
        if (items.empty())
            return {};
        const auto media = m_request.out / "images" / subsetName(set);
        PERCEPT_TRY(makeFolder(media));
        PERCEPT_ASSIGN(file, OutputFile::create(m_request.out / fileOf(set)));
        PERCEPT_TRY(file.write("{\"info\": {}, \"licenses\": [],\n\"categories\": [" + categories() + "],\n\"images\": ["));
        for (std::size_t i = 0; i < items.size(); ++i) {
            const ExportItem& item = *items[i];
            PERCEPT_TRY(file.write(fmt::format("{}\n{{\"id\": {}, \"file_name\": {}, \"width\": {}, \"height\": {}}}", i > 0 ? "," : "",
                i + 1, quoted(item.fileName), item.item.width, item.item.height)));
        }
        PERCEPT_TRY(file.write("],\n\"annotations\": ["));
        std::int64_t number = 0;
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (m_request.cancel.isCancelled())
                return base::cancelled();
            if (m_request.progress)
                m_request.progress({ m_written++, static_cast<std::int64_t>(m_plan.items.size()), "Writing" });
            PERCEPT_TRY(copyMedia(m_request.reader.mediaPath(items[i]->item), media / items[i]->fileName));
            PERCEPT_TRY(writeBoxes(file, *items[i], i + 1, number));
        }
        PERCEPT_TRY(file.write("]}\n"));
        return file.close(/*sync=*/true);
    }

private:
    std::string categories() const
    {
        std::string text;
        for (const domain::Label& label : m_plan.labelList)
            text += fmt::format("{}\n{{\"id\": {}, \"name\": {}, \"supercategory\": \"\"}}", text.empty() ? "" : ",",
                m_categoryOf.at(label.id), quoted(label.name));
        return text;
    }

    base::Result<void> writeBoxes(OutputFile& file, const ExportItem& item, std::size_t imageId, std::int64_t& number)
    {
        for (const domain::Annotation& annotation : item.annotations) {
            const domain::Box& box = annotation.box;
            const auto& flags = annotation.flags;
            const std::string attributes = flags.occluded || flags.truncated || flags.difficult
                ? fmt::format(", \"attributes\": {{\"occluded\": {}, \"truncated\": {}, \"difficult\": {}}}", flags.occluded, flags.truncated, flags.difficult)
                : std::string();
            const char* separator = number > 0 ? "," : "";
            PERCEPT_TRY(file.write(fmt::format("{}\n{{\"id\": {}, \"image_id\": {}, \"category_id\": {}, \"iscrowd\": {:d}, "
                                               "\"bbox\": [{}, {}, {}, {}], \"area\": {}, \"segmentation\": []{}}}",
                separator, ++number, imageId, m_categoryOf.at(annotation.label), flags.crowd, decimal(box.x), decimal(box.y),
                decimal(box.w), decimal(box.h), decimal(box.area()), attributes)));
        }
        ++m_outcome.items;
        m_outcome.annotations += static_cast<std::int64_t>(item.annotations.size());
        if (m_request.progress)
            m_request.progress({ m_outcome.items, static_cast<std::int64_t>(m_plan.items.size()), "Writing" });
        return {};
    }

    const WriteRequest& m_request;
    const ExportPlan& m_plan;
    WriteOutcome& m_outcome;
    std::map<LabelId, int> m_categoryOf;
    std::int64_t m_written = 0;
};

class CocoWriter : public Writer {
public:
    std::string_view name() const override { return "coco"; }

    base::Result<WriteOutcome> write(const WriteRequest& asked) const override
    {
        WriteOutcome outcome;
        PERCEPT_ASSIGN(folder, ExportFolder::create(asked.out));
        const WriteRequest request { asked.reader, folder.path(), asked.progress, asked.cancel, asked.filter, asked.only };
        PERCEPT_ASSIGN(plan, planExport(request, outcome));
        PERCEPT_TRY(makeFolder(request.out / "annotations"));
        SubsetWriter writer(request, plan, outcome);
        for (const domain::SplitSet set : kSubsets)
            PERCEPT_TRY(writer.write(set));
        PERCEPT_TRY(compareExport(request, plan, name(), outcome));
        PERCEPT_TRY(folder.keep());
        return outcome;
    }

    std::vector<OutlineFile> outline(const CountsBySet& counts) const override
    {
        std::vector<OutlineFile> files;
        for (const domain::SplitSet set : kSubsets)
            if (const auto it = counts.find(set); it != counts.end() && it->second.items > 0) {
                files.push_back({ fileOf(set), it->second.items, it->second.annotations });
                files.push_back({ fmt::format("images/{}/", subsetName(set)), it->second.items });
            }
        return files;
    }
};

}

const Writer& cocoWriter()
{
    static const CocoWriter writer;
    return writer;
}

}
