#pragma once

#include "core/dataset/project_store.h"
#include "core/interchange/json_elements.h"

#include <memory>
#include <string>

namespace percept::interchange {

struct CocoImage {
    std::int64_t id = 0;
    std::string fileName;
    int width = 0, height = 0;
};

struct CocoCategory {
    std::int64_t id = 0;
    std::string name;
};

struct CocoBox {
    std::int64_t id = 0, image = 0, category = 0;
    domain::Box box;
    domain::AnnotationFlags flags;
    bool hasMask = false; // run-length coded segmentation
};

// What became of one entry. Broken: not JSON, so the file as a whole is damaged. Unusable: left out, `what` says why.
struct EntryStatus {
    enum class Kind { Good, Unusable, Broken } kind = Kind::Good;
    std::string what;
};

// Parses single entries; keeps its buffers between calls.
class CocoEntryParser {
public:
    CocoEntryParser();
    ~CocoEntryParser();
    EntryStatus parse(const JsonElement& element, CocoImage& image);
    EntryStatus parse(const JsonElement& element, CocoCategory& category);
    EntryStatus parse(const JsonElement& element, CocoBox& box);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}
