#include "core/domain/class_name.h"

#include <algorithm>
#include <locale.h>
#include <string>
#include <wctype.h>

namespace percept::domain {
namespace {

// Of a sequence of UTF-8 by its first byte; 1 also for what begins none.
std::size_t lengthBy(unsigned char first) { return first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4; }

// Bytes that are no UTF-8 stand for themselves.
std::u32string codePoints(std::string_view text)
{
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    std::u32string points;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + lengthBy(byte(at));
        for (std::size_t i = at + 1; i < end; ++i)
            if (i == text.size() || (byte(i) & 0xc0) != 0x80)
                end = at + 1;
        char32_t point = end == at + 1 ? byte(at) : byte(at) & (0x7f >> (end - at));
        for (std::size_t i = at + 1; i < end; ++i)
            point = (point << 6) | (byte(i) & 0x3f);
        points += point;
        at = end;
    }
    return points;
}

bool isBlank(char32_t c) { return c <= 0x20 || c == 0xa0 || c == 0x3000; }

// Whatever language the program runs in; where the C library has no such locale, A to Z alone.
char32_t lowered(char32_t c)
{
    static const locale_t kUnicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t {});
    if (kUnicode)
        return static_cast<char32_t>(towlower_l(static_cast<wint_t>(c), kUnicode));
    return c >= U'A' && c <= U'Z' ? c + (U'a' - U'A') : c;
}

std::u32string folded(std::string_view name)
{
    std::u32string points = codePoints(name);
    points.erase(points.begin(), std::find_if_not(points.begin(), points.end(), isBlank));
    points.erase(std::find_if_not(points.rbegin(), points.rend(), isBlank).base(), points.end());
    std::transform(points.begin(), points.end(), points.begin(), lowered);
    return points;
}

}

bool isSameClassName(std::string_view a, std::string_view b) { return a == b || folded(a) == folded(b); }

}
