#include "core/domain/class_name.h"

#include <gtest/gtest.h>

using percept::domain::isSameClassName;

TEST(ClassName, CapitalsAndBlanksAtTheEndsMakeNoOtherClass)
{
    EXPECT_TRUE(isSameClassName("RBC", "RBC"));
    EXPECT_TRUE(isSameClassName("RBC", "rbc"));
    EXPECT_TRUE(isSameClassName(" Red cell", "red Cell\t"));
    EXPECT_TRUE(isSameClassName("red", "red\xc2\xa0")) << "a blank that does not break";
    EXPECT_TRUE(isSameClassName("\u00c4pfel", "\u00e4pfel"));
    EXPECT_TRUE(isSameClassName("\u0411\u043e\u043b\u0442", "\u0431\u041e\u041b\u0422"));
    EXPECT_FALSE(isSameClassName("RBC", "RBC 2"));
    EXPECT_FALSE(isSameClassName("red cell", "redcell"));
    EXPECT_FALSE(isSameClassName("apfel", "\u00e4pfel"));
    EXPECT_FALSE(isSameClassName("", "a"));
}

TEST(ClassName, TextThatIsNotUtf8IsComparedAsItIs)
{
    EXPECT_TRUE(isSameClassName("a\xff", "A\xff"));
    EXPECT_FALSE(isSameClassName("a\xff", "a\xfe"));
    EXPECT_FALSE(isSameClassName("a\xc3", "a\xc3\x84"));
}
