#include "core/base/printable.h"

#include <gtest/gtest.h>

using percept::base::printable;

namespace {

TEST(Printable, leavesTextAndNoControls)
{
    EXPECT_EQ(printable("two\n\tlines of naïve text, 漢字 \xc2\xa0"), "two\n\tlines of naïve text, 漢字 \xc2\xa0");
    EXPECT_EQ(printable("\x1b[2J\x07\r\x7f"), "?[2J???");
    EXPECT_EQ(printable("\xc2\x9b" "2J"), "?2J") << "CSI in one character";
    EXPECT_EQ(printable("a\xe2\x80\xae" "b\xe2\x81\xa6" "c"), "a?b?c") << "what turns the text around";
    EXPECT_EQ(printable("\xc2"), "\xc2");
}

}
