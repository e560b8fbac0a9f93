#pragma once

#include "core/base/result.h"
#include "core/dataset/project_store.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace percept::interchange {

// One box as the XML spells it.
struct VocObject {
    std::string label;
    double xmin = 0, ymin = 0, xmax = 0, ymax = 0;
    bool isWhole = true; // all four written without a decimal point
    domain::AnnotationFlags flags;
};

struct VocDocument {
    std::string pictureName; // <filename>, may be empty or wrong
    int width = 0, height = 0;
    std::vector<VocObject> objects;
    std::vector<std::string> problems; // objects that were left out, as sentences
};

// Parses one XML file. `isHostile` of the error: it declares a DOCTYPE or entities, which no annotation needs.
struct VocFailure {
    std::string what;
    bool isHostile = false;
};
struct VocParsed {
    std::optional<VocDocument> document;
    VocFailure failure;
    bool isOtherXml = false; // well-formed, but no <annotation>
};
VocParsed parseVoc(const std::filesystem::path& file);

// How a set's numbers are meant: the devkit counts pixels from 1 and includes both ends, most later writers write edges
// from 0. The files do not say, so it is concluded from all boxes of the set.
class VocConvention {
public:
    void look(const VocDocument& document);
    bool isOneBased() const { return !m_hasZeroOrFraction && m_touchesEdge; }
    std::string note() const;
    // In Percept's frame. A box whose ends meet has no area in either convention: it is a slip, not a pixel.
    domain::Box boxOf(const VocObject& object) const;
    std::int64_t reversed() const { return m_reversed; }

private:
    bool m_hasZeroOrFraction = false, m_touchesEdge = false;
    std::int64_t m_boxes = 0, m_reversed = 0;
};

}
