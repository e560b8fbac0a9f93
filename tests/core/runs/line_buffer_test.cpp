#include "core/runs/line_buffer.h"

#include <gtest/gtest.h>
#include <vector>

namespace percept::runs {
namespace {

std::vector<std::string> linesOf(LineBuffer& buffer, std::initializer_list<std::string> pieces)
{
    std::vector<std::string> lines;
    for (const auto& piece : pieces)
        buffer.add(piece, [&](std::string_view line) { lines.emplace_back(line); });
    return lines;
}

TEST(LineBuffer, puts_pieces_together)
{
    LineBuffer buffer;
    EXPECT_EQ(linesOf(buffer, { "a", "b\nc", "\n\nd" }), (std::vector<std::string> { "ab", "c", "" }));
}

TEST(LineBuffer, throws_away_a_line_without_end)
{
    LineBuffer buffer(4);
    EXPECT_EQ(linesOf(buffer, { "12345678", "9\nok\n123", "45\nyes\n" }), (std::vector<std::string> { "ok", "yes" }));
    EXPECT_EQ(buffer.dropped(), 2u);
}

TEST(TailBuffer, keeps_the_last_lines)
{
    TailBuffer tail(10);
    tail.add("aaaaaaaaaaaaaaaaaaaa\n");
    tail.add("one\n\ntwo\n");
    EXPECT_EQ(tail.lastLines(2), "one\ntwo");
    EXPECT_EQ(tail.lastLines(1), "two");
}

}
}
