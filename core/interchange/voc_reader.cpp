#include "core/interchange/item_assembler.h"
#include "core/interchange/media_index.h"
#include "core/interchange/text_fields.h"
#include "core/interchange/voc_document.h"
#include "core/interchange/voc_folder.h"

#include <set>

namespace percept::interchange {

namespace {

namespace fs = std::filesystem;

struct VocEntry {
    fs::path xml;
    VocDocument document;
};

// Reads one VOC folder; the annotations are small, so all are held until the convention of their numbers is known.
class VocImport {
public:
    VocImport(const ReadRequest& request, const VocFolder& folder, ItemAssembler& assembler, ReadOutcome& outcome)
        : m_request(request)
        , m_folder(folder)
        , m_assembler(assembler)
        , m_outcome(outcome)
    {
    }

    base::Result<void> parseAll()
    {
        std::int64_t done = 0;
        const auto total = static_cast<std::int64_t>(m_folder.xmlFiles.size());
        for (const fs::path& xml : m_folder.xmlFiles) {
            if (m_request.cancel.isCancelled())
                return base::cancelled();
            if (m_request.progress && done++ % 64 == 0)
                m_request.progress({ done, total, "Reading annotations" });
            VocParsed parsed = parseVoc(xml);
            const std::string name = xml.filename().string();
            if (parsed.failure.isHostile)
                return base::refused(name + " " + parsed.failure.what + " Nothing was imported. Remove the declaration if you trust the file.");
            if (!parsed.document) {
                m_outcome.problems.add(name, name + " " + parsed.failure.what);
                m_damagedStems.insert(xml.stem().string());
                continue;
            }
            for (const std::string& problem : parsed.document->problems)
                m_outcome.problems.add(name, problem);
            m_convention.look(*parsed.document);
            m_entries.push_back({ xml, std::move(*parsed.document) });
        }
        if (m_entries.empty())
            return base::refused("No annotation in " + m_folder.annotations.string() + " could be read. "
                + (m_outcome.problems.isEmpty() ? "There are no XML files." : m_outcome.problems.listed().front().what));
        return {};
    }

    base::Result<void> handOn()
    {
        PERCEPT_ASSIGN(split, readVocSplit(m_folder.sets));
        PERCEPT_ASSIGN(index, MediaIndex::build(m_folder.media));
        m_outcome.skippedLinks += index.skippedLinks();
        m_outcome.notes.push_back(m_convention.note());
        if (m_convention.reversed() > 0)
            m_outcome.notes.push_back(counted(m_convention.reversed(), "box had its", "boxes had their") + " corners exchanged; set right.");
        m_assembler.expect(static_cast<std::int64_t>(index.relativePaths().size()));
        for (const VocEntry& entry : m_entries)
            PERCEPT_TRY(addEntry(entry, index, split));
        PERCEPT_TRY(addPicturesWithoutXml(index, split));
        describeSplit(split);
        return {};
    }

private:
    MediaIndex::Found findPicture(const VocEntry& entry, const MediaIndex& index) const
    {
        // Beside the XML, or at the same place below the pictures' folder.
        const std::string below = entry.xml.parent_path().lexically_relative(m_folder.annotations).generic_string();
        const std::string beside = entry.xml.parent_path().lexically_relative(index.root()).generic_string();
        std::vector<std::string> folders;
        for (const std::string& folder : { below == "." ? std::string() : below, beside })
            if (folder.empty() || !folder.starts_with(".."))
                folders.push_back(folder == "." ? std::string() : folder);
        folders.emplace_back();
        MediaIndex::Found found;
        if (!entry.document.pictureName.empty())
            found = index.find(entry.document.pictureName, folders);
        // A renamed picture, or a name without extension: the XML's own name tells.
        if (found.kind == MediaIndex::Found::Kind::Missing)
            found = index.findStem(entry.xml.stem().string(), folders);
        return found;
    }

    base::Result<void> addEntry(const VocEntry& entry, const MediaIndex& index, const VocSplit& split)
    {
        const std::string xmlName = entry.xml.filename().string();
        const MediaIndex::Found found = findPicture(entry, index);
        using Kind = MediaIndex::Found::Kind;
        const std::string picture = entry.document.pictureName.empty() ? "The picture of " + xmlName : entry.document.pictureName;
        if (found.kind == Kind::Missing)
            m_outcome.problems.add(xmlName, picture + " is not in " + m_folder.media.string() + "; its annotations were left out.");
        if (found.kind == Kind::Ambiguous)
            m_outcome.problems.add(xmlName, picture + " may be " + found.candidates + "; its annotations were left out.");
        if (found.kind == Kind::Leaves)
            m_outcome.problems.add(xmlName, "The picture name \"" + picture + "\" leads out of the set; it was left out.");
        if (found.kind != Kind::Yes)
            return {};
        m_seen.insert(found.file.string());
        SourcePicture source { .file = found.file, .annotationFile = xmlName, .declaredWidth = entry.document.width,
            .declaredHeight = entry.document.height, .set = setOf(entry.xml.stem().string(), found.file, split),
            .labeled = entry.document.problems.empty(), .boxes = {} };
        for (const VocObject& object : entry.document.objects)
            source.boxes.push_back({ object.label, m_convention.boxOf(object), object.flags });
        return m_assembler.add(std::move(source));
    }

    // Pictures without an annotation file: not labeled yet, so they come in as "to do".
    base::Result<void> addPicturesWithoutXml(const MediaIndex& index, const VocSplit& split)
    {
        if (m_folder.xmlFiles.size() == 1 && fs::is_regular_file(m_request.source))
            return {}; // one file was asked for
        std::int64_t added = 0;
        for (const std::string& path : index.relativePaths()) {
            const fs::path file = index.absolutePath(path);
            if (!hasPictureExtension(path) || m_seen.contains(file.string()) || isMask(path))
                continue;
            ++added;
            PERCEPT_TRY(m_assembler.add({ .file = file, .set = setOf(file.stem().string(), file, split) }));
        }
        if (added > 0)
            m_outcome.notes.push_back(counted(added, "picture has", "pictures have") + " no annotation file; imported as still to do.");
        return {};
    }

    static bool isMask(const std::string& path)
    {
        return path.starts_with("SegmentationClass") || path.starts_with("SegmentationObject");
    }

    domain::SplitSet setOf(const std::string& xmlStem, const fs::path& file, const VocSplit& split)
    {
        for (const std::string& name : { xmlStem, file.stem().string(), file.filename().string() }) {
            const auto found = split.setOf.find(name);
            if (found == split.setOf.end())
                continue;
            ++m_perSet[found->second];
            m_listed.insert(name);
            return found->second;
        }
        return domain::SplitSet::None;
    }

    void describeSplit(const VocSplit& split)
    {
        if (split.setOf.empty())
            return;
        std::string text = "The source's own split was kept (" + split.listNames + "):";
        const char* separator = " ";
        for (const auto& [set, count] : m_perSet) {
            text += separator + std::to_string(count) + " " + std::string(domain::toString(set));
            separator = ", ";
        }
        m_outcome.notes.push_back(text + ".");
        if (!split.inSeveral.empty())
            m_outcome.notes.push_back(counted(static_cast<std::int64_t>(split.inSeveral.size()), "picture stands", "pictures stand")
                + " in more than one list; the set furthest from training was taken. Look at " + split.inSeveral.front() + ".");
        for (const auto& [name, set] : split.setOf)
            if (!m_listed.contains(name) && !m_damagedStems.contains(name))
                m_outcome.problems.add(name, name + " is listed in " + m_folder.sets.string() + " but there is no such picture.");
    }

    const ReadRequest& m_request;
    const VocFolder& m_folder;
    ItemAssembler& m_assembler;
    ReadOutcome& m_outcome;
    VocConvention m_convention;
    std::vector<VocEntry> m_entries;
    std::set<std::string> m_seen, m_listed, m_damagedStems;
    std::map<domain::SplitSet, std::int64_t> m_perSet;
};

class VocReader : public Reader {
public:
    std::string_view name() const override { return "voc"; }

    bool recognizes(const fs::path& source) const override
    {
        for (const VocFolder& folder : findVocFolders(source, {}))
            for (std::size_t i = 0; i < folder.xmlFiles.size() && i < 20; ++i)
                if (const VocParsed parsed = parseVoc(folder.xmlFiles[i]); parsed.document || !parsed.isOtherXml)
                    return true; // also a damaged one: its reader says what is wrong
        return false;
    }

    base::Result<ReadOutcome> read(const ReadRequest& request, const ItemSink& sink) const override
    {
        ReadOutcome outcome;
        ItemAssembler assembler(request, sink, outcome);
        const std::vector<VocFolder> folders = findVocFolders(request.source, request.mediaFolder);
        if (folders.empty())
            return base::notFound(request.source.string() + " does not exist.");
        std::vector<VocImport> imports;
        imports.reserve(folders.size());
        for (const VocFolder& folder : folders) { // all are parsed before the first item is handed on
            imports.emplace_back(request, folder, assembler, outcome);
            PERCEPT_TRY(imports.back().parseAll());
        }
        for (VocImport& import : imports)
            PERCEPT_TRY(import.handOn());
        PERCEPT_TRY(assembler.finish());
        return outcome;
    }
};

}

const Reader& vocReader()
{
    static const VocReader reader;
    return reader;
}

}
