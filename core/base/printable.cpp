#include "core/base/printable.h"

#include <cstddef>
#include <string_view>

namespace percept::base {

namespace {

// C1 controls, and what turns the direction of the text after it, in UTF-8: how many bytes at `at`, 0 for none.
std::size_t hiddenControlAt(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
    if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) < 0xa0)
        return 2;
    const bool turns = byte(0) == 0xe2 && ((byte(1) == 0x80 && byte(2) >= 0xaa && byte(2) <= 0xae) || (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9));
    return turns ? 3 : 0;
}

}

std::string printable(std::string text)
{
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto c = static_cast<unsigned char>(text[at]);
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            text[at] = '?';
        else if (const std::size_t bytes = hiddenControlAt(text, at); bytes > 0)
            text.replace(at, bytes, "?");
    }
    return text;
}

}
