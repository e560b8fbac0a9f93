#include "core/interchange/item_assembler.h"

#include "core/interchange/text_fields.h"

#include <chrono>

namespace percept::interchange {

domain::Box boxInSeen(const domain::Box& b, int orientation, double w, double h)
{
    switch (orientation) {
    case 2: return domain::boxFromCorners(w - b.x, b.y, w - b.right(), b.bottom());
    case 3: return domain::boxFromCorners(w - b.x, h - b.y, w - b.right(), h - b.bottom());
    case 4: return domain::boxFromCorners(b.x, h - b.y, b.right(), h - b.bottom());
    case 5: return { b.y, b.x, b.h, b.w };
    case 6: return domain::boxFromCorners(h - b.y, b.x, h - b.bottom(), b.right());
    case 7: return domain::boxFromCorners(h - b.y, w - b.x, h - b.bottom(), w - b.right());
    case 8: return domain::boxFromCorners(b.y, w - b.x, b.bottom(), w - b.right());
    default: return b;
    }
}

ItemAssembler::ItemAssembler(const ReadRequest& request, const ItemSink& sink, ReadOutcome& outcome)
    : m_request(request)
    , m_sink(sink)
    , m_outcome(outcome)
{
}

base::Result<void> ItemAssembler::add(SourcePicture picture)
{
    if (m_request.cancel.isCancelled())
        return base::cancelled();
    if (!isUtf8(picture.file.string())) {
        countSeen();
        const std::string name = tellable(picture.file.filename().string());
        m_outcome.problems.add(name, "The name of the picture " + name + " in " + tellable(picture.file.parent_path().string())
                + " is not valid UTF-8. Rename it and import again.");
        return {};
    }
    m_waiting.push_back(std::move(picture));
    if (m_waiting.size() < kBunch)
        return {};
    sendBunch();
    return m_underWay.size() > kMostBunches ? takeBunch() : base::Result<void>();
}

void ItemAssembler::countSeen()
{
    ++m_seen;
    if (m_request.progress && m_seen % 16 == 0)
        m_request.progress({ m_seen, std::max(m_expected, m_seen), "Reading pictures" });
}

void ItemAssembler::sendBunch()
{
    std::vector<std::filesystem::path> files;
    for (const SourcePicture& picture : m_waiting)
        files.push_back(picture.file);
    auto facts = m_request.probe(files, m_request.hashContent);
    m_underWay.push_back({ std::exchange(m_waiting, {}), std::move(facts) });
}

base::Result<void> ItemAssembler::takeBunch()
{
    Bunch bunch = std::move(m_underWay.front());
    m_underWay.pop_front();
    // A picture may take its decoder a minute; a person who cancels does not wait for it.
    while (bunch.facts.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready)
        if (m_request.cancel.isCancelled())
            return base::cancelled();
    PERCEPT_ASSIGN(facts, bunch.facts.get());
    for (std::size_t i = 0; i < bunch.pictures.size(); ++i)
        PERCEPT_TRY(take(bunch.pictures[i], facts.at(i)));
    return {};
}

base::Result<void> ItemAssembler::take(const SourcePicture& picture, const base::Result<PictureFacts>& facts)
{
    countSeen();
    const std::string name = picture.file.filename().string();
    if (facts.hasError()) {
        m_outcome.problems.add(name, facts.error().message);
        return {};
    }
    const PictureFacts& found = facts.value();
    dataset::ImportItem item;
    item.file = picture.file;
    item.name = name;
    item.width = found.width;
    item.height = found.height;
    item.set = picture.set;
    item.labeled = picture.labeled;
    item.sizeBytes = found.fileBytes;
    item.contentHash = found.sha256;
    fitBoxes(picture, found.orientation, item);
    ++m_taken;
    m_boxes += item.boxes.size();
    m_items.push_back(std::move(item));
    return m_items.size() >= kMostItems || m_boxes >= kMostBoxes ? flush() : base::Result<void>();
}

// Whether the annotations were made on the picture as stored, by a program that does not know EXIF. Sizes with exchanged
// axes prove it; otherwise nothing can, and the picture as seen is the better guess.
bool ItemAssembler::isStoredFrame(const SourcePicture& picture, int orientation, const dataset::ImportItem& item)
{
    if (orientation == 1 || picture.boxes.empty())
        return false;
    const bool swaps = orientation >= 5 && item.width != item.height;
    if (swaps && picture.declaredWidth == item.height && picture.declaredHeight == item.width) {
        ++m_turned;
        return true;
    }
    if (!swaps || picture.declaredWidth != item.width || picture.declaredHeight != item.height) {
        if (m_unsureTurn++ == 0)
            m_firstUnsure = item.name;
    }
    return false;
}

void ItemAssembler::fitBoxes(const SourcePicture& picture, int orientation, dataset::ImportItem& item)
{
    const bool isStored = isStoredFrame(picture, orientation, item);
    const bool isOtherSize = picture.declaredWidth > 0 && picture.declaredHeight > 0 && !isStored
        && (picture.declaredWidth != item.width || picture.declaredHeight != item.height);
    if (isOtherSize && !picture.boxes.empty() && m_otherSize++ == 0)
        m_firstOtherSize = item.name + " (" + std::to_string(item.width) + " x " + std::to_string(item.height) + " instead of "
            + std::to_string(picture.declaredWidth) + " x " + std::to_string(picture.declaredHeight) + ")";
    for (dataset::ImportBox box : picture.boxes) {
        if (isStored)
            box.box = boxInSeen(box.box, orientation, item.height, item.width);
        const domain::Box inside = domain::clipped(box.box, item.width, item.height);
        if (box.box.hasArea() && !inside.hasArea()) {
            m_outcome.problems.add(picture.annotationFile.empty() ? item.name : picture.annotationFile,
                "A box of \"" + box.label + "\" lies outside of " + item.name + "; it was left out.");
            item.labeled = false; // somebody has to look before this picture trains as complete
            continue;
        }
        constexpr double kTolerance = 1e-6;
        const bool sticksOut = box.box.x < -kTolerance || box.box.y < -kTolerance
            || box.box.right() > item.width + kTolerance || box.box.bottom() > item.height + kTolerance;
        if (sticksOut) {
            ++m_clipped;
            box.box = inside;
        }
        m_withoutArea += box.box.hasArea() ? 0 : 1;
        m_crowd += box.flags.crowd ? 1 : 0;
        item.boxes.push_back(std::move(box));
    }
}

base::Result<void> ItemAssembler::flush()
{
    if (m_items.empty())
        return {};
    m_boxes = 0;
    return m_sink(std::exchange(m_items, {}));
}

base::Result<void> ItemAssembler::finish()
{
    if (!m_waiting.empty())
        sendBunch();
    while (!m_underWay.empty())
        PERCEPT_TRY(takeBunch());
    PERCEPT_TRY(flush());
    writeNotes();
    const std::string links = m_outcome.skippedLinks > 0 ? " " + skippedLinksNote(m_outcome.skippedLinks) : "";
    if (m_taken == 0 && !m_outcome.problems.isEmpty()) {
        const Problem first = m_outcome.problems.listed().front();
        return base::refused("Nothing could be imported from " + m_request.source.string() + ". " + first.what + links,
            counted(m_outcome.problems.total(), "problem", "problems"));
    }
    if (m_taken == 0)
        return base::refused(m_request.source.string() + " holds no pictures." + links);
    if (m_request.progress)
        m_request.progress({ m_seen, m_seen, "Reading pictures" });
    return {};
}

void ItemAssembler::writeNotes()
{
    auto& notes = m_outcome.notes;
    if (m_turned > 0)
        notes.push_back(counted(m_turned, "picture was", "pictures were") + " annotated without its EXIF rotation; the boxes were turned with the picture.");
    if (m_unsureTurn > 0)
        notes.push_back(counted(m_unsureTurn, "picture carries", "pictures carry") + " an EXIF rotation, and the annotations do not tell whether they know it; boxes were taken as drawn on the picture as it is seen. Look at " + m_firstUnsure + ".");
    if (m_otherSize > 0)
        notes.push_back(counted(m_otherSize, "picture has", "pictures have") + " another size than the annotations say; boxes were taken as they are. Look at " + m_firstOtherSize + ".");
    if (m_clipped > 0)
        notes.push_back(counted(m_clipped, "box", "boxes") + " stuck out of the picture and " + (m_clipped == 1 ? "was" : "were") + " clipped at its edge.");
    if (m_withoutArea > 0)
        notes.push_back(counted(m_withoutArea, "box has", "boxes have") + " no area; kept and flagged, never trained.");
    if (m_crowd > 0)
        notes.push_back(counted(m_crowd, "box is", "boxes are") + " marked as crowd (a group drawn as one); kept with the mark.");
    if (m_outcome.skippedLinks > 0)
        notes.push_back(skippedLinksNote(m_outcome.skippedLinks));
}

}
