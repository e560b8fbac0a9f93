#pragma once

#include <string>
#include <string_view>
#include <vector>

// Inside of core/report: how wide text is drawn, without a font engine. Not for other folders.
namespace percept::report {

// Width in pixels of UTF-8 text in Inter; from its advances for ASCII, estimated (rather too wide) beyond.
double textWidth(std::string_view text, double size, int weight);
// The text, or its beginning with an ellipsis, not wider than `width`.
std::string elided(std::string_view text, double width, double size, int weight);
// Lines not wider than `width`, broken at spaces; a word that is wider alone is elided.
std::vector<std::string> wrapped(std::string_view text, double width, double size, int weight);

// Valid UTF-8 for people: broken bytes become U+FFFD, control characters a space, marks that turn the direction of text
// are dropped.
std::string cleaned(std::string_view text);

}
