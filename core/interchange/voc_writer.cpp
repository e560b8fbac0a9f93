#include "core/interchange/export_plan.h"
#include "core/interchange/output_file.h"

#include <fmt/format.h>

namespace percept::interchange {

namespace {

namespace fs = std::filesystem;

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        default: out += static_cast<unsigned char>(c) < 32 ? fmt::format("&#{};", static_cast<int>(c)) : std::string(1, c);
        }
    }
    return out;
}

// In the classic order, as many scripts read by position.
std::string objectXml(const domain::Annotation& annotation, const std::string& label)
{
    const domain::Box& box = annotation.box;
    return fmt::format("  <object>\n    <name>{}</name>\n    <pose>Unspecified</pose>\n    <truncated>{:d}</truncated>\n"
                       "    <occluded>{:d}</occluded>\n    <difficult>{:d}</difficult>\n    <bndbox>\n      <xmin>{}</xmin>\n"
                       "      <ymin>{}</ymin>\n      <xmax>{}</xmax>\n      <ymax>{}</ymax>\n    </bndbox>\n{}  </object>\n",
        escaped(label), annotation.flags.truncated, annotation.flags.occluded, annotation.flags.difficult, decimal(box.x),
        decimal(box.y), decimal(box.right()), decimal(box.bottom()), annotation.flags.crowd ? "    <crowd>1</crowd>\n" : "");
}

std::string documentXml(const ExportItem& item, const ExportPlan& plan)
{
    std::string xml = fmt::format("<annotation>\n  <folder>JPEGImages</folder>\n  <filename>{}</filename>\n  <source>\n"
                                  "    <database>Unknown</database>\n  </source>\n  <size>\n    <width>{}</width>\n    <height>{}</height>\n"
                                  "    <depth>3</depth>\n  </size>\n  <segmented>0</segmented>\n",
        escaped(item.fileName), item.item.width, item.item.height);
    for (const domain::Annotation& annotation : item.annotations)
        xml += objectXml(annotation, plan.labels.at(annotation.label));
    return xml + "</annotation>\n";
}

constexpr std::pair<const char*, domain::SplitSet> kLists[] = { { "train.txt", domain::SplitSet::Train },
    { "val.txt", domain::SplitSet::Validation }, { "test.txt", domain::SplitSet::Test }, { "reserve.txt", domain::SplitSet::Reserve } };

class VocWriter : public Writer {
public:
    std::string_view name() const override { return "voc"; }

    base::Result<WriteOutcome> write(const WriteRequest& asked) const override
    {
        WriteOutcome outcome;
        PERCEPT_ASSIGN(folder, ExportFolder::create(asked.out));
        const WriteRequest request { asked.reader, folder.path(), asked.progress, asked.cancel, asked.filter, asked.only };
        PERCEPT_ASSIGN(plan, planExport(request, outcome));
        for (const char* part : { "Annotations", "JPEGImages", "ImageSets/Main" })
            PERCEPT_TRY(makeFolder(request.out / part));
        for (const ExportItem& item : plan.items) {
            if (request.cancel.isCancelled())
                return base::cancelled();
            PERCEPT_TRY(writeItem(request, plan, item, outcome));
            if (request.progress)
                request.progress({ outcome.items, static_cast<std::int64_t>(plan.items.size()), "Writing" });
        }
        PERCEPT_TRY(writeSets(request, plan));
        PERCEPT_TRY(compareExport(request, plan, name(), outcome));
        PERCEPT_TRY(folder.keep());
        return outcome;
    }

    std::vector<OutlineFile> outline(const CountsBySet& counts) const override
    {
        SetCounts all;
        for (const auto& [set, n] : counts) {
            all.items += n.items;
            all.annotations += n.annotations;
        }
        std::vector<OutlineFile> files { { "Annotations/", all.items, all.annotations }, { "JPEGImages/", all.items } };
        for (const auto& [list, set] : kLists)
            if (const auto it = counts.find(set); it != counts.end() && it->second.items > 0)
                files.push_back({ fmt::format("ImageSets/Main/{}", list), it->second.items });
        return files;
    }

private:
    static base::Result<void> writeItem(const WriteRequest& request, const ExportPlan& plan, const ExportItem& item, WriteOutcome& outcome)
    {
        PERCEPT_TRY(copyMedia(request.reader.mediaPath(item.item), request.out / "JPEGImages" / item.fileName));
        const std::string xmlName = fs::path(item.fileName).stem().string() + ".xml";
        PERCEPT_ASSIGN(file, OutputFile::create(request.out / "Annotations" / xmlName));
        PERCEPT_TRY(file.write(documentXml(item, plan)));
        ++outcome.items;
        outcome.annotations += static_cast<std::int64_t>(item.annotations.size());
        return file.close(/*sync=*/false);
    }

    static base::Result<void> writeSets(const WriteRequest& request, const ExportPlan& plan)
    {
        for (const auto& [list, set] : kLists) {
            std::string names;
            for (const ExportItem& item : plan.items)
                if (item.item.set == set)
                    names += fs::path(item.fileName).stem().string() + "\n";
            if (names.empty())
                continue;
            PERCEPT_ASSIGN(file, OutputFile::create(request.out / "ImageSets" / "Main" / list));
            PERCEPT_TRY(file.write(names));
            PERCEPT_TRY(file.close(/*sync=*/true));
        }
        return {};
    }
};

}

const Writer& vocWriter()
{
    static const VocWriter writer;
    return writer;
}

}
