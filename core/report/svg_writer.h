#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Inside of core/report: writes SVG elements, each with its attributes spelled out (QSvgRenderer knows no style sheets).
namespace percept::report {

enum class Anchor { Start, Middle, End };

struct TextStyle {
    double size = 13;
    int weight = 400;
    std::string_view color = "#1A1D21";
    Anchor anchor = Anchor::Start;
};

struct Stroke {
    std::string_view color;
    double width = 1;
    std::string_view dash = {}; // "4 3"
};

struct Point { double x = 0, y = 0; };

// What < & > " ' are in XML; the text is cleaned before.
std::string escaped(std::string_view text);

class SvgWriter {
public:
    SvgWriter(double width, double height, std::string_view title, std::string_view description);
    void rect(double x, double y, double w, double h, std::string_view fill, double opacity = 1, double radius = 0);
    void line(Point a, Point b, const Stroke& stroke);
    void polyline(const std::vector<Point>& points, const Stroke& stroke, double opacity = 1);
    void polygon(const std::vector<Point>& points, std::string_view fill, double opacity = 1);
    void circle(Point center, double radius, std::string_view fill, const Stroke& stroke);
    // `at` is the anchor on the base line. Any text: it is cleaned and escaped here.
    void text(Point at, std::string_view text, const TextStyle& style);
    // The same, cut with an ellipsis to `width`.
    void textIn(double width, Point at, std::string_view text, const TextStyle& style);
    std::string finish();

private:
    std::string m_out;
};

}
