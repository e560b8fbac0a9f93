#pragma once

#include "core/interchange/reader.h"

#include <deque>

namespace percept::interchange {

// A picture as an annotation file describes it; the boxes may still be in the frame of the picture as stored.
struct SourcePicture {
    std::filesystem::path file;
    std::string annotationFile = {}; // for problems
    int declaredWidth = 0, declaredHeight = 0; // 0: the annotation file does not say
    domain::SplitSet set = domain::SplitSet::None;
    bool labeled = false;
    std::vector<dataset::ImportBox> boxes = {};
};

// The last step of every reader: has the picture itself looked at, brings boxes into the frame of the picture as it is seen,
// and hands items on in chunks that the store commits in a few milliseconds. Pictures are looked at in bunches, a few of
// which are under way while the reader goes on; items come out in the order in which pictures were added.
//
// Boxes that stick out of the picture are clipped at its edge and counted in a note; boxes that lie outside altogether are
// left out as a problem, and so is a picture that cannot be read.
class ItemAssembler {
public:
    static constexpr std::size_t kBunch = 32; // pictures that are looked at together

    ItemAssembler(const ReadRequest& request, const ItemSink& sink, ReadOutcome& outcome);

    // How many pictures will come, for the progress.
    void expect(std::int64_t pictures) { m_expected = pictures; }
    base::Result<void> add(SourcePicture picture);
    // Hands on what is left and writes the notes. Refused when nothing came in but problems.
    base::Result<void> finish();

private:
    static constexpr std::size_t kMostItems = 384, kMostBoxes = 3000; // some 10 ms of the database thread
    static constexpr std::size_t kMostBunches = 8;

    struct Bunch {
        std::vector<SourcePicture> pictures;
        std::future<base::Result<std::vector<base::Result<PictureFacts>>>> facts;
    };

    void countSeen();
    void sendBunch();
    base::Result<void> takeBunch();
    base::Result<void> take(const SourcePicture& picture, const base::Result<PictureFacts>& facts);
    void fitBoxes(const SourcePicture& picture, int orientation, dataset::ImportItem& item);
    bool isStoredFrame(const SourcePicture& picture, int orientation, const dataset::ImportItem& item);
    base::Result<void> flush();
    void writeNotes();

    const ReadRequest& m_request;
    const ItemSink& m_sink;
    ReadOutcome& m_outcome;
    std::vector<SourcePicture> m_waiting; // the next bunch
    std::deque<Bunch> m_underWay;
    std::vector<dataset::ImportItem> m_items;
    std::size_t m_boxes = 0;
    std::int64_t m_expected = 0, m_seen = 0, m_taken = 0;
    std::int64_t m_turned = 0, m_unsureTurn = 0, m_otherSize = 0, m_clipped = 0, m_withoutArea = 0, m_crowd = 0;
    std::string m_firstOtherSize, m_firstUnsure;
};

// A box of the stored picture in the picture as it is seen (EXIF orientation 1..8).
domain::Box boxInSeen(const domain::Box& stored, int orientation, double storedWidth, double storedHeight);

}
