#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"
#include "core/dataset/project_store.h"
#include "core/interchange/picture_probe.h"
#include "core/interchange/problem_log.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace percept::interchange {

struct ReadRequest {
    std::filesystem::path source;      // a file or a folder
    std::vector<std::filesystem::path> files {}; // only these pictures of it ("folder" alone reads them); empty: all
    std::filesystem::path mediaFolder; // where the pictures are; empty: found from the source
    bool hashContent = true;           // sha256 of every picture
    PictureProbe probe = probeHere();  // who looks at the pictures
    base::ProgressFn progress;
    base::CancelToken cancel;
};

// What a reader has to say beside the items.
struct ReadOutcome {
    std::vector<std::string> notes; // conventions that were found or chosen, and counts that people should know
    ProblemLog problems;            // what did not come in, file by file
    std::int64_t skippedLinks = 0;  // in the folder of the pictures; ItemAssembler says so
};

// Takes the next items; its error stops the reading.
using ItemSink = std::function<base::Result<void>(std::vector<dataset::ImportItem>)>;

// Reads one format. Refused: an annotation file that is damaged or hostile as a whole, or a set from which nothing could be
// taken. Single bad pictures and boxes are problems of the outcome. Boxes arrive in Percept's frame (see domain::Box): the
// reader's own conventions end here. Readers keep no state, so one may be used by several threads.
class Reader {
public:
    virtual ~Reader() = default;
    virtual std::string_view name() const = 0; // "voc"
    // A quick look at names and first bytes.
    virtual bool recognizes(const std::filesystem::path& source) const = 0;
    virtual base::Result<ReadOutcome> read(const ReadRequest& request, const ItemSink& sink) const = 0;
};

// nullptr when there is none of this name.
const Reader* findReader(std::string_view name);
std::vector<std::string> readerNames();
// Refused: nothing in there that Percept reads.
base::Result<std::string> detectFormat(const std::filesystem::path& source);

const Reader& vocReader();
const Reader& cocoReader();
const Reader& folderReader();

}
