#include "core/interchange/coco_entries.h"
#include "core/interchange/coco_folder.h"
#include "core/interchange/item_assembler.h"
#include "core/interchange/json_elements.h"
#include "core/interchange/probe_ahead.h"
#include "core/interchange/text_fields.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

namespace percept::interchange {

namespace {

namespace fs = std::filesystem;

// Reads one COCO file. The lists may come in any order and annotations in any order of pictures, so boxes are collected
// (some 100 bytes each) and sorted by picture; outlines and everything else are skipped as they stream by.
class CocoImport {
public:
    CocoImport(const ReadRequest& request, const CocoFile& file, ReadOutcome& outcome, ProbeAhead& ahead)
        : m_request(request)
        , m_file(file)
        , m_ahead(ahead)
        , m_name(file.json.filename().string())
        , m_outcome(outcome)
    {
    }

    base::Result<void> parse()
    {
        CocoEntryParser parser;
        const auto lists = walkJsonElements(m_file.json, { "images", "annotations", "categories" },
            [&](const JsonElement& element) { return take(parser, element); }, m_request.progress, m_request.cancel);
        if (lists.hasError())
            return lists.error();
        lookForPictures();
        const auto has = [&](const char* list) { return std::find(lists->begin(), lists->end(), list) != lists->end(); };
        if (!has("images"))
            return base::refused(m_name + " is no COCO data set: it has no list of images.");
        // A file that lists pictures only (image_info_test2017.json) says nothing about what is on them.
        m_hasAnnotations = has("annotations");
        return resolve();
    }

    std::int64_t numImages() const { return static_cast<std::int64_t>(m_images.size()); }

    base::Result<void> handOn(const MediaIndex& index, ItemAssembler& assembler)
    {
        std::size_t next = 0;
        for (std::size_t i = 0; i < m_images.size(); ++i) {
            const std::size_t begin = next;
            while (next < m_order.size() && m_boxes[m_order[next]].image == static_cast<std::int64_t>(i))
                ++next;
            PERCEPT_TRY(addImage(i, begin, next, index, assembler));
        }
        describe();
        return {};
    }

private:
    base::Result<void> take(CocoEntryParser& parser, const JsonElement& element)
    {
        EntryStatus status;
        if (element.array != "images" && !m_images.empty())
            lookForPictures();
        if (element.array == "images") {
            CocoImage image;
            status = parser.parse(element, image);
            if (status.kind == EntryStatus::Kind::Good)
                m_images.push_back(std::move(image));
        } else if (element.array == "categories") {
            CocoCategory category;
            status = parser.parse(element, category);
            if (status.kind == EntryStatus::Kind::Good)
                m_categories.push_back(std::move(category));
        } else {
            CocoBox box;
            status = parser.parse(element, box);
            if (status.kind == EntryStatus::Kind::Good)
                m_boxes.push_back(box);
            else if (status.kind == EntryStatus::Kind::Unusable)
                m_incomplete.push_back(box.image);
        }
        if (status.kind == EntryStatus::Kind::Broken)
            return base::refused(m_name + " is damaged near byte " + std::to_string(element.offset) + ". Nothing was imported from it.", status.what);
        if (status.kind == EntryStatus::Kind::Unusable)
            m_outcome.problems.add(m_name, "An entry of \"" + std::string(element.array) + "\" (" + excerpt(element.text) + ") " + status.what + " It was left out.");
        return {};
    }

    void lookForPictures()
    {
        if (std::exchange(m_isLooking, true))
            return;
        std::vector<std::string> names;
        names.reserve(m_images.size());
        for (const CocoImage& image : m_images)
            names.push_back(image.fileName);
        m_ahead.lookFor(std::move(names), m_file.folders);
    }

    static std::string excerpt(std::string_view text)
    {
        constexpr std::size_t kMost = 80;
        std::string out;
        for (const char c : text.substr(0, kMost))
            out += static_cast<unsigned char>(c) < 32 || static_cast<unsigned char>(c) > 126 ? ' ' : c;
        return text.size() > kMost ? out + " ..." : out;
    }

    // From ids to places in our lists; then boxes in the order of their pictures.
    base::Result<void> resolve()
    {
        resolveCategories();
        std::unordered_map<std::int64_t, std::int64_t> imageOf;
        imageOf.reserve(m_images.size());
        for (std::size_t i = 0; i < m_images.size(); ++i)
            if (!imageOf.emplace(m_images[i].id, static_cast<std::int64_t>(i)).second) {
                m_outcome.problems.add(m_name, "Two images have the id " + std::to_string(m_images[i].id) + "; " + m_images[i].fileName + " was left out.");
                m_images[i].fileName.clear();
            }
        countDuplicateIds();
        for (CocoBox& box : m_boxes) {
            const auto image = imageOf.find(box.image);
            if (image == imageOf.end()) {
                m_outcome.problems.add(m_name, "Annotation " + std::to_string(box.id) + " is for image " + std::to_string(box.image) + ", which is not listed; it was left out.");
                box.image = -1;
                continue;
            }
            box.image = image->second;
            if (!m_labelOf.contains(box.category)) {
                m_outcome.problems.add(m_name, "Annotation " + std::to_string(box.id) + " has the category " + std::to_string(box.category) + ", which is not listed; it was left out.");
                m_isIncomplete.insert(box.image);
                box.image = -1;
            }
        }
        for (const std::int64_t id : m_incomplete)
            if (const auto image = imageOf.find(id); image != imageOf.end())
                m_isIncomplete.insert(image->second);
        orderByPicture();
        return {};
    }

    // Counted, not compared: there are as many keys as pictures.
    void orderByPicture()
    {
        std::vector<std::uint32_t> places(m_images.size() + 1);
        for (const CocoBox& box : m_boxes)
            if (box.image >= 0)
                ++places[static_cast<std::size_t>(box.image) + 1];
        std::partial_sum(places.begin(), places.end(), places.begin());
        m_order.resize(places.back());
        for (std::size_t i = 0; i < m_boxes.size(); ++i)
            if (m_boxes[i].image >= 0)
                m_order[places[static_cast<std::size_t>(m_boxes[i].image)]++] = static_cast<std::uint32_t>(i);
    }

    void resolveCategories()
    {
        std::unordered_set<std::string> names;
        for (const CocoCategory& category : m_categories) {
            if (!m_labelOf.emplace(category.id, category.name).second)
                m_outcome.problems.add(m_name, "Two categories have the id " + std::to_string(category.id) + "; \"" + category.name + "\" was left out.");
            else if (!names.insert(category.name).second)
                m_outcome.notes.push_back("Two categories of " + m_name + " are named \"" + category.name + "\"; they became one class.");
            m_hasCategoryZero = m_hasCategoryZero || category.id == 0;
        }
    }

    void countDuplicateIds()
    {
        std::vector<std::int64_t> ids;
        ids.reserve(m_boxes.size());
        for (const CocoBox& box : m_boxes)
            ids.push_back(box.id);
        if (!std::is_sorted(ids.begin(), ids.end()))
            std::sort(ids.begin(), ids.end());
        const auto firstZero = std::lower_bound(ids.begin(), ids.end(), 0); // 0: without id
        const auto pastZero = std::upper_bound(ids.begin(), ids.end(), 0);
        ids.erase(firstZero, pastZero);
        const auto unique = std::unique(ids.begin(), ids.end());
        m_duplicateIds = ids.end() - unique;
    }

    base::Result<void> addImage(std::size_t i, std::size_t begin, std::size_t end, const MediaIndex& index, ItemAssembler& assembler)
    {
        const CocoImage& image = m_images[i];
        if (image.fileName.empty())
            return {};
        const MediaIndex::Found found = index.find(image.fileName, m_file.folders);
        using FoundKind = MediaIndex::Found::Kind;
        if (found.kind == FoundKind::Missing)
            m_outcome.problems.add(image.fileName, image.fileName + " is not in " + index.root().string() + "; its annotations were left out.");
        if (found.kind == FoundKind::Ambiguous)
            m_outcome.problems.add(image.fileName, image.fileName + " may be " + found.candidates + "; its annotations were left out.");
        if (found.kind == FoundKind::Leaves)
            m_outcome.problems.add(image.fileName, "The path \"" + image.fileName + "\" leads out of the set; the picture was left out.");
        if (found.kind != FoundKind::Yes)
            return {};
        m_byBaseName += found.byBaseName ? 1 : 0;
        SourcePicture picture { .file = found.file, .annotationFile = m_name, .declaredWidth = image.width, .declaredHeight = image.height,
            .set = m_file.set, .labeled = m_hasAnnotations && !m_isIncomplete.contains(static_cast<std::int64_t>(i)), .boxes = {} };
        for (std::size_t k = begin; k < end; ++k) {
            const CocoBox& box = m_boxes[m_order[k]];
            m_maskCrowds += box.flags.crowd && box.hasMask ? 1 : 0;
            picture.boxes.push_back({ m_labelOf.at(box.category), box.box, box.flags });
        }
        return assembler.add(std::move(picture));
    }

    void describe()
    {
        auto& notes = m_outcome.notes;
        if (m_file.set != domain::SplitSet::None)
            notes.push_back("Everything in " + m_name + " went to the set \"" + std::string(domain::toString(m_file.set)) + "\", by its name.");
        if (m_hasCategoryZero)
            notes.push_back(m_name + " numbers its categories from 0; classes are known by their names here.");
        if (m_duplicateIds > 0)
            notes.push_back(counted(m_duplicateIds, "annotation has", "annotations have") + " an id that was used before; all were kept.");
        if (m_byBaseName > 0)
            notes.push_back(counted(m_byBaseName, "picture was", "pictures were") + " found by the name alone, at another place than " + m_name + " says.");
        if (m_maskCrowds > 0)
            notes.push_back(counted(m_maskCrowds, "crowd is a mask", "crowds are masks") + ". CVAT marks every brush mask so: if these are single objects, clear the mark.");
        if (!m_hasAnnotations)
            notes.push_back(m_name + " lists pictures without annotations; they were imported as still to do.");
    }

    const ReadRequest& m_request;
    const CocoFile& m_file;
    ProbeAhead& m_ahead;
    std::string m_name;
    ReadOutcome& m_outcome;
    std::vector<CocoImage> m_images;
    std::vector<CocoCategory> m_categories;
    std::vector<CocoBox> m_boxes;
    std::vector<std::uint32_t> m_order; // places in m_boxes, by picture
    std::vector<std::int64_t> m_incomplete;           // ids of images that lost an annotation
    std::unordered_set<std::int64_t> m_isIncomplete;  // their places: not to train as complete
    std::unordered_map<std::int64_t, std::string> m_labelOf;
    bool m_hasCategoryZero = false, m_hasAnnotations = false, m_isLooking = false;
    std::int64_t m_duplicateIds = 0, m_byBaseName = 0, m_maskCrowds = 0;
};

class CocoReader : public Reader {
public:
    std::string_view name() const override { return "coco"; }

    // Also a set whose annotations are damaged: read() says so, where plain pictures would come in without a word.
    bool recognizes(const fs::path& source) const override
    {
        const CocoFolder folder = findCocoFiles(source, {});
        return !folder.files.empty() || firstMeant(folder) != nullptr;
    }

    base::Result<ReadOutcome> read(const ReadRequest& request, const ItemSink& sink) const override
    {
        const CocoFolder folder = findCocoFiles(request.source, request.mediaFolder);
        if (const OtherJson* meant = firstMeant(folder); folder.files.empty() && meant != nullptr)
            return base::refused(meant->why + " Nothing was imported. For the pictures alone, import with the format \"folder\".");
        if (folder.files.empty())
            return base::refused(request.source.string() + " holds no COCO annotation file.");
        ReadOutcome outcome;
        std::vector<CocoImport> imports;
        imports.reserve(folder.files.size());
        std::int64_t expected = 0;
        ProbeAhead ahead(request, folder.root, namedFolders(folder));
        for (const CocoFile& file : folder.files) { // all are parsed before the first item is handed on
            imports.emplace_back(request, file, outcome, ahead);
            PERCEPT_TRY(imports.back().parse());
            expected += imports.back().numImages();
        }
        if (ahead.index().hasError())
            return ahead.index().error();
        const MediaIndex& index = ahead.index().value();
        ReadRequest answered = request;
        answered.probe = ahead.probe();
        ItemAssembler assembler(answered, sink, outcome);
        assembler.expect(expected);
        for (CocoImport& import : imports)
            PERCEPT_TRY(import.handOn(index, assembler));
        outcome.skippedLinks += index.skippedLinks();
        PERCEPT_TRY(assembler.finish());
        for (const OtherJson& other : folder.others)
            outcome.problems.add(other.json.filename().string(), other.why + " It was left out.");
        return outcome;
    }

private:
    static const OtherJson* firstMeant(const CocoFolder& folder)
    {
        const auto found = std::find_if(folder.others.begin(), folder.others.end(), [](const OtherJson& other) { return other.isMeantAsCoco; });
        return found == folder.others.end() ? nullptr : &*found;
    }

    static std::vector<std::string> namedFolders(const CocoFolder& folder)
    {
        std::vector<std::string> names;
        for (const CocoFile& file : folder.files)
            std::copy_if(file.folders.begin(), file.folders.end(), std::back_inserter(names), [](const std::string& name) { return !name.empty(); });
        return names;
    }
};

}

const Reader& cocoReader()
{
    static const CocoReader reader;
    return reader;
}

}
