#include "core/report/svg_writer.h"

#include "core/report/text_measure.h"

#include <algorithm>
#include <fmt/format.h>

namespace percept::report {
namespace {

// Two digits are a hundredth of a pixel; no trailing zeros, no "-0".
std::string number(double v)
{
    std::string text = fmt::format("{:.2f}", v);
    while (text.back() == '0')
        text.pop_back();
    if (text.back() == '.')
        text.pop_back();
    return text == "-0" ? "0" : text;
}

std::string opacityAttribute(std::string_view name, double opacity)
{
    return opacity < 1 ? fmt::format(" {}=\"{}\"", name, number(opacity)) : std::string();
}

std::string strokeAttributes(const Stroke& stroke)
{
    std::string text = fmt::format(" stroke=\"{}\" stroke-width=\"{}\"", stroke.color, number(stroke.width));
    if (!stroke.dash.empty())
        text += fmt::format(" stroke-dasharray=\"{}\"", stroke.dash);
    return text;
}

// Where Inter is missing, browsers fit the other font to the room that was kept for it. Known exactly for ASCII only.
std::string lengthAttribute(std::string_view text, const TextStyle& style)
{
    const bool isAscii = std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
    if (!isAscii || text.size() < 4)
        return {};
    return fmt::format(
        " textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"", number(textWidth(text, style.size, style.weight)));
}

std::string pointList(const std::vector<Point>& points)
{
    std::string text;
    for (const Point& p : points)
        text += (text.empty() ? "" : " ") + number(p.x) + ',' + number(p.y);
    return text;
}

}

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        default: out += c;
        }
    }
    return out;
}

SvgWriter::SvgWriter(double width, double height, std::string_view title, std::string_view description)
{
    // One family only: QSvgRenderer takes a list for the name of one font. The page of HTML names others behind it.
    m_out = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
                        "role=\"img\" font-family=\"Inter\">\n"
                        "<title>{2}</title>\n<desc>{3}</desc>\n",
        number(width), number(height), escaped(cleaned(title)), escaped(cleaned(description)));
    rect(0, 0, width, height, "#FFFFFF");
}

void SvgWriter::rect(double x, double y, double w, double h, std::string_view fill, double opacity, double radius)
{
    if (!(w > 0) || !(h > 0))
        return;
    m_out += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"{}", number(x), number(y), number(w),
        number(h), fill, opacityAttribute("fill-opacity", opacity));
    if (radius > 0)
        m_out += fmt::format(" rx=\"{}\"", number(radius));
    m_out += "/>\n";
}

void SvgWriter::line(Point a, Point b, const Stroke& stroke)
{
    m_out += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"{}/>\n", number(a.x), number(a.y), number(b.x),
        number(b.y), strokeAttributes(stroke));
}

void SvgWriter::polyline(const std::vector<Point>& points, const Stroke& stroke, double opacity)
{
    m_out += fmt::format("<polyline points=\"{}\" fill=\"none\"{}{}/>\n", pointList(points), strokeAttributes(stroke),
        opacityAttribute("stroke-opacity", opacity));
}

void SvgWriter::polygon(const std::vector<Point>& points, std::string_view fill, double opacity)
{
    m_out += fmt::format(
        "<polygon points=\"{}\" fill=\"{}\"{}/>\n", pointList(points), fill, opacityAttribute("fill-opacity", opacity));
}

void SvgWriter::circle(Point center, double radius, std::string_view fill, const Stroke& stroke)
{
    m_out += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"{}/>\n", number(center.x), number(center.y),
        number(radius), fill, strokeAttributes(stroke));
}

void SvgWriter::text(Point at, std::string_view text, const TextStyle& style)
{
    const char* anchor = style.anchor == Anchor::Start ? "" : style.anchor == Anchor::Middle
        ? " text-anchor=\"middle\""
        : " text-anchor=\"end\"";
    const std::string clean = cleaned(text);
    m_out += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\" font-weight=\"{}\" fill=\"{}\"{}{}>{}</text>\n", number(at.x),
        number(at.y), number(style.size), style.weight, style.color, anchor, lengthAttribute(clean, style), escaped(clean));
}

void SvgWriter::textIn(double width, Point at, std::string_view text, const TextStyle& style)
{
    this->text(at, elided(cleaned(text), width, style.size, style.weight), style);
}

std::string SvgWriter::finish() { return m_out + "</svg>\n"; }

}
