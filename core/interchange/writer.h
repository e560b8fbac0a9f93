#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"
#include "core/dataset/project_reader.h"
#include "core/interchange/problem_log.h"

#include <filesystem>
#include <map>
#include <string_view>

namespace percept::interchange {

struct WriteRequest {
    const dataset::ProjectReader& reader;
    std::filesystem::path out; // a folder that does not exist yet or is empty
    base::ProgressFn progress;
    base::CancelToken cancel;
    dataset::ItemFilter filter {};   // which items
    std::vector<ItemId> only {};     // of these, ascending; empty: all of the filter
};

// What of each set goes out.
struct SetCounts { std::int64_t items = 0, annotations = 0; };
using CountsBySet = std::map<domain::SplitSet, SetCounts>;

// A file of an export, or a folder with a file for each item ("images/train/"), before it is written.
struct OutlineFile {
    std::string path; // relative to the export
    std::int64_t items = 0, annotations = 0; // named in it
};

struct WriteOutcome {
    std::int64_t items = 0, annotations = 0;
    ProblemLog problems; // what did not go out
};

// Writes the done items that are asked for, pictures copied, in one format; then reads everything back with the reader of the same
// name and compares. Numbers are written so that coming back they are the same (Pascal VOC: 0-based edges with decimals).
// When anything fails, what was written is removed again.
class Writer {
public:
    virtual ~Writer() = default;
    virtual std::string_view name() const = 0;
    virtual base::Result<WriteOutcome> write(const WriteRequest& request) const = 0;
    // What write() makes of so many items, in the order of reading.
    virtual std::vector<OutlineFile> outline(const CountsBySet& counts) const = 0;
};

// nullptr when there is none of this name.
const Writer* findWriter(std::string_view name);
std::vector<std::string> writerNames();

const Writer& vocWriter();
const Writer& cocoWriter();

}
