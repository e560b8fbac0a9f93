#include "core/interchange/voc_document.h"

#include "core/base/files.h"
#include "core/interchange/text_fields.h"

#include <algorithm>
#include <cmath>
#include <pugixml.hpp>

namespace percept::interchange {

namespace {

constexpr std::uint64_t kMaxXmlBytes = 64u << 20;
constexpr int kMaxDepth = 100;

// Looked for in the bytes, so that no parser ever sees a declaration. Encodings that could hide it are refused as well.
std::optional<VocFailure> hostility(std::string_view text)
{
    if (text.find('\0') != std::string_view::npos || text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
        return VocFailure { "is not UTF-8 text. Save it as UTF-8 and import again.", false };
    for (auto at = text.find("<!"); at != std::string_view::npos; at = text.find("<!", at + 2)) {
        const std::string word = lowered(text.substr(at + 2, 7));
        if (word == "doctype" || word.starts_with("entity"))
            return VocFailure { "declares a DOCTYPE, which can make a reader fetch other files or run out of memory, and which no annotation needs.", true };
    }
    return std::nullopt;
}

std::string_view childText(const pugi::xml_node& node, const char* name) { return trimmed(node.child_value(name)); }

bool flagOf(const pugi::xml_node& object, const char* name)
{
    const std::string text = lowered(childText(object, name));
    return text == "1" || text == "true" || text == "yes";
}

int sizeOf(const pugi::xml_node& size, const char* name)
{
    const auto value = parseNumber(childText(size, name));
    return value && *value >= 1 && *value < 1e9 ? static_cast<int>(*value) : 0;
}

std::string objectName(std::size_t number) { return "Object " + std::to_string(number); }

void readObject(const pugi::xml_node& node, std::size_t number, VocDocument& document)
{
    const auto label = cleanLabel(node.child_value("name"));
    if (!label) {
        document.problems.push_back(objectName(number) + " has no usable class name; it was left out.");
        return;
    }
    VocObject object;
    object.label = *label;
    const pugi::xml_node box = node.child("bndbox");
    double* const targets[] = { &object.xmin, &object.ymin, &object.xmax, &object.ymax };
    const char* const names[] = { "xmin", "ymin", "xmax", "ymax" };
    for (std::size_t i = 0; i < 4; ++i) {
        const std::string_view text = childText(box, names[i]);
        const auto value = parseNumber(text);
        if (!value || std::abs(*value) > 1e9) {
            document.problems.push_back(objectName(number) + " (\"" + *label + "\") has no usable " + names[i]
                + (text.empty() ? std::string() : " (\"" + std::string(text.substr(0, 40)) + "\")") + "; it was left out.");
            return;
        }
        *targets[i] = *value;
        object.isWhole = object.isWhole && text.find_first_not_of("+-0123456789") == std::string_view::npos;
    }
    object.flags = { .occluded = flagOf(node, "occluded"), .truncated = flagOf(node, "truncated"),
        .crowd = flagOf(node, "crowd"), .difficult = flagOf(node, "difficult") };
    document.objects.push_back(std::move(object));
}

int depthOf(const pugi::xml_node& root)
{
    int depth = 0, deepest = 0;
    pugi::xml_node node = root;
    while (node) { // without recursion, so that depth costs no stack
        deepest = std::max(deepest, depth);
        if (node.first_child()) {
            node = node.first_child();
            ++depth;
            continue;
        }
        while (node && !node.next_sibling() && node != root) {
            node = node.parent();
            --depth;
        }
        if (node == root)
            break;
        node = node.next_sibling();
    }
    return deepest;
}

}

VocParsed parseVoc(const std::filesystem::path& file)
{
    VocParsed parsed;
    const auto text = base::readTextFile(file, kMaxXmlBytes);
    if (text.hasError()) {
        parsed.failure.what = "cannot be read. " + text.error().message;
        return parsed;
    }
    if (const auto failure = hostility(*text)) {
        parsed.failure = *failure;
        return parsed;
    }
    pugi::xml_document xml;
    const pugi::xml_parse_result result = xml.load_buffer(text->data(), text->size(), pugi::parse_default);
    if (!result) {
        parsed.failure.what = std::string("is damaged at byte ") + std::to_string(result.offset) + " (" + result.description() + "). Write it again or remove it.";
        return parsed;
    }
    const pugi::xml_node root = xml.child("annotation");
    if (!root) {
        parsed.isOtherXml = true;
        parsed.failure.what = "is no Pascal VOC annotation: it has no <annotation>.";
        return parsed;
    }
    if (depthOf(root) > kMaxDepth) {
        parsed.failure.what = "is nested deeper than " + std::to_string(kMaxDepth) + " levels, which no annotation is.";
        return parsed;
    }
    VocDocument& document = parsed.document.emplace();
    document.pictureName = childText(root, "filename");
    document.width = sizeOf(root.child("size"), "width");
    document.height = sizeOf(root.child("size"), "height");
    std::size_t number = 0;
    for (const pugi::xml_node object : root.children("object"))
        readObject(object, ++number, document);
    return parsed;
}

void VocConvention::look(const VocDocument& document)
{
    for (const VocObject& object : document.objects) {
        ++m_boxes;
        const bool isReversed = object.xmin > object.xmax || object.ymin > object.ymax;
        m_reversed += isReversed ? 1 : 0;
        m_hasZeroOrFraction = m_hasZeroOrFraction || !object.isWhole
            || std::min({ object.xmin, object.ymin, object.xmax, object.ymax }) <= 0;
        m_touchesEdge = m_touchesEdge || (document.width > 0 && object.xmax == document.width)
            || (document.height > 0 && object.ymax == document.height);
    }
}

std::string VocConvention::note() const
{
    if (m_boxes == 0)
        return "No boxes.";
    if (isOneBased())
        return "Boxes read as 1-based with both ends included (the original Pascal VOC): none starts at 0, and some end exactly at the picture's edge.";
    if (m_hasZeroOrFraction)
        return "Boxes read as 0-based: some start at 0 or have decimals.";
    return "Boxes read as 0-based: nothing in the files tells, and most programs write them so. If they were 1-based, they lie one pixel to the lower right.";
}

domain::Box VocConvention::boxOf(const VocObject& object) const
{
    const double shift = isOneBased() ? 1 : 0;
    const double x0 = std::min(object.xmin, object.xmax), x1 = std::max(object.xmin, object.xmax);
    const double y0 = std::min(object.ymin, object.ymax), y1 = std::max(object.ymin, object.ymax);
    return { x0 - shift, y0 - shift, x1 > x0 ? x1 - x0 + shift : 0, y1 > y0 ? y1 - y0 + shift : 0 };
}

}
