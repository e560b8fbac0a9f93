#pragma once

#include "core/report/report.h"
#include "core/report/text_measure.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <pugixml.hpp>
#include <set>
#include <string>
#include <vector>

namespace percept::report {

struct PlacedText { std::string text; double x0, x1, y0, y1; };

// Reads the drawing as QSvgRenderer would have to: only plain elements with plain attributes, all inside the page, no text
// upon other text. Returns the texts.
inline std::vector<PlacedText> checkedTexts(const std::string& svg)
{
    static const std::map<std::string, std::set<std::string>> kAllowed {
        { "svg", { "xmlns", "width", "height", "viewBox", "role", "font-family" } },
        { "title", {} },
        { "desc", {} },
        { "rect", { "x", "y", "width", "height", "fill", "fill-opacity", "rx" } },
        { "line", { "x1", "y1", "x2", "y2", "stroke", "stroke-width", "stroke-dasharray" } },
        { "polyline", { "points", "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity" } },
        { "polygon", { "points", "fill", "fill-opacity" } },
        { "circle", { "cx", "cy", "r", "fill", "stroke", "stroke-width" } },
        { "text", { "x", "y", "font-size", "font-weight", "fill", "text-anchor", "textLength", "lengthAdjust" } },
    };
    std::vector<PlacedText> texts;
    pugi::xml_document document;
    const auto parsed = document.load_string(svg.c_str());
    EXPECT_TRUE(parsed) << parsed.description() << " at " << parsed.offset;
    const pugi::xml_node root = document.child("svg");
    EXPECT_EQ(root.attribute("font-family").as_string(), std::string("Inter")); // QSvgRenderer knows no lists
    EXPECT_EQ(root.attribute("viewBox").as_string(), std::string("0 0 1123 794"));
    for (const pugi::xml_node node : root.children()) {
        const auto known = kAllowed.find(node.name());
        EXPECT_NE(known, kAllowed.end()) << node.name();
        if (known == kAllowed.end())
            continue;
        for (const pugi::xml_attribute attribute : node.attributes()) {
            EXPECT_TRUE(known->second.count(attribute.name())) << node.name() << ' ' << attribute.name();
            const std::string value = attribute.value();
            EXPECT_EQ(value.find("nan"), std::string::npos) << node.name() << ' ' << value;
            EXPECT_EQ(value.find("inf"), std::string::npos) << node.name() << ' ' << value;
        }
        for (const char* x : { "x", "x1", "x2", "cx" })
            EXPECT_LE(node.attribute(x).as_double(), kPageWidth) << node.name();
        for (const char* y : { "y", "y1", "y2", "cy" })
            EXPECT_LE(node.attribute(y).as_double(), kPageHeight) << node.name();
        EXPECT_GE(node.attribute("width").as_double(1), 0);
        EXPECT_EQ(node.first_element_by_path("*"), pugi::xml_node()); // no nesting
        if (std::string(node.name()) != "text")
            continue;
        const std::string text = node.text().as_string();
        const double size = node.attribute("font-size").as_double();
        const double width = textWidth(text, size, node.attribute("font-weight").as_int());
        const std::string anchor = node.attribute("text-anchor").as_string("start");
        const double left = node.attribute("x").as_double() - (anchor == "middle" ? width / 2 : anchor == "end" ? width : 0);
        const double base = node.attribute("y").as_double();
        texts.push_back({ text, left, left + width, base - 0.72 * size, base + 0.05 * size });
    }
    for (const PlacedText& t : texts) {
        EXPECT_GE(t.x0, 20) << t.text;
        EXPECT_LE(t.x1, kPageWidth - 20) << t.text;
        EXPECT_LE(t.y1, kPageHeight - 8) << t.text;
    }
    for (std::size_t i = 0; i < texts.size(); ++i)
        for (std::size_t k = i + 1; k < texts.size(); ++k) {
            const PlacedText &a = texts[i], &b = texts[k];
            const bool apart = a.x1 <= b.x0 || b.x1 <= a.x0 || a.y1 <= b.y0 || b.y1 <= a.y0;
            EXPECT_TRUE(apart) << '"' << a.text << "\" lies upon \"" << b.text << '"';
        }
    return texts;
}

inline bool hasText(const std::vector<PlacedText>& texts, const std::string& text)
{
    return std::any_of(texts.begin(), texts.end(), [&](const PlacedText& t) { return t.text == text; });
}

}
