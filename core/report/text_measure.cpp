#include "core/report/text_measure.h"

#include <array>
#include <cstdint>

namespace percept::report {
namespace {

// Advances of Inter 4 for U+0020..U+007E, thousandths of the size.
constexpr std::array<int, 95> kRegular { 281, 278, 403, 631, 638, 812, 639, 222, 362, 362, 500, 659, 280, 460, 276, 357, 625,
    464, 605, 636, 642, 608, 624, 571, 616, 624, 276, 280, 659, 659, 659, 507, 936, 676, 651, 727, 719, 598, 587, 743, 740, 264,
    543, 652, 562, 889, 753, 761, 635, 761, 639, 638, 642, 741, 676, 949, 642, 665, 625, 362, 357, 362, 469, 452, 497, 564, 621,
    558, 621, 582, 361, 609, 591, 237, 237, 544, 237, 869, 585, 597, 609, 609, 372, 523, 364, 581, 557, 812, 540, 557, 541, 362,
    327, 362, 659 };
constexpr std::array<int, 95> kSemiBold { 248, 309, 396, 643, 649, 844, 663, 213, 393, 393, 543, 673, 295, 466, 290, 379, 667,
    481, 621, 652, 666, 632, 648, 587, 646, 648, 290, 295, 673, 673, 673, 544, 999, 724, 657, 744, 724, 608, 586, 755, 744, 275,
    561, 677, 566, 906, 741, 775, 643, 776, 651, 649, 660, 734, 724, 1007, 690, 705, 653, 393, 379, 393, 481, 468, 497, 575, 630,
    577, 630, 593, 377, 625, 613, 261, 261, 569, 261, 898, 610, 608, 625, 625, 397, 549, 380, 608, 576, 837, 562, 576, 562, 393,
    358, 393, 673 };

constexpr char32_t kReplacement = 0xFFFD;

// Takes one code point off the front; kReplacement for a byte that begins none.
char32_t takeCodePoint(std::string_view& text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3
        : first >= 0xF0 && first < 0xF5                                         ? 4
                                                                                : 0;
    char32_t point = length == 1 ? first : first & (0xFFu >> (length + 1));
    bool good = length > 0 && text.size() >= length;
    for (std::size_t i = 1; good && i < length; ++i) {
        good = (byte(i) & 0xC0) == 0x80;
        point = (point << 6) | (byte(i) & 0x3Fu);
    }
    constexpr std::array<char32_t, 5> kLeast { 0, 0, 0x80, 0x800, 0x10000 };
    good = good && point >= kLeast[length] && point <= 0x10FFFF && !(point >= 0xD800 && point < 0xE000);
    text.remove_prefix(good ? length : 1);
    return good ? point : kReplacement;
}

bool turnsDirection(char32_t c)
{
    return c == 0x200E || c == 0x200F || c == 0x061C || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

int advance(char32_t c, int weight)
{
    if (c >= 0x20 && c < 0x7F)
        return (weight >= 550 ? kSemiBold : kRegular)[c - 0x20];
    if (c >= 0x0300 && c < 0x0370)
        return 0; // combining
    if (c == 0x2026)
        return 860;
    return c < 0x0250 ? 680 : c < 0x1100 ? 760 : c >= 0x2000 && c < 0x2070 ? 660 : 1050;
}

}

std::string cleaned(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const std::string_view before = text;
        const char32_t c = takeCodePoint(text);
        if (turnsDirection(c))
            continue;
        if (c < 0x20 || (c >= 0x7F && c < 0xA0))
            out += ' ';
        else if (c == kReplacement || c == 0xFFFE || c == 0xFFFF)
            out += "\xEF\xBF\xBD";
        else
            out += before.substr(0, before.size() - text.size());
    }
    return out;
}

double textWidth(std::string_view text, double size, int weight)
{
    std::int64_t sum = 0;
    while (!text.empty())
        sum += advance(takeCodePoint(text), weight);
    return static_cast<double>(sum) * size / 1000;
}

std::string elided(std::string_view text, double width, double size, int weight)
{
    if (textWidth(text, size, weight) <= width)
        return std::string(text);
    const double room = width - textWidth("\xE2\x80\xA6", size, weight);
    std::string_view rest = text;
    std::size_t fits = 0;
    double used = 0;
    while (!rest.empty()) {
        used += advance(takeCodePoint(rest), weight) * size / 1000;
        if (used > room)
            break;
        fits = text.size() - rest.size();
    }
    while (fits > 0 && text[fits - 1] == ' ')
        --fits;
    return std::string(text.substr(0, fits)) + "\xE2\x80\xA6";
}

std::vector<std::string> wrapped(std::string_view text, double width, double size, int weight)
{
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = text.find(' ');
        const std::string word = elided(text.substr(0, end), width, size, weight);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (word.empty())
            continue;
        if (!lines.empty() && textWidth(lines.back() + ' ' + word, size, weight) <= width)
            lines.back() += ' ' + word;
        else
            lines.push_back(word);
    }
    return lines;
}

}
