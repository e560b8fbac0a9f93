#include "core/base/hash.h"

#include "core/base/time.h"

#include <gtest/gtest.h>

using namespace percept::base;

// FIPS 180-4 example "abc".
TEST(Hash, knowsThePublishedDigest)
{
    EXPECT_EQ(sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hash, textsRoundTrip)
{
    const std::vector<std::uint8_t> bytes { 0, 1, 254, 255, 16 };
    EXPECT_EQ(fromHex(toHex(bytes)).value(), bytes);
    EXPECT_EQ(fromBase64(toBase64(bytes)).value(), bytes);
    EXPECT_TRUE(fromHex("0g").hasError());
    EXPECT_TRUE(fromHex("012").hasError());
    EXPECT_TRUE(fromBase64("***").hasError());
}

TEST(Time, speaksToPeople)
{
    EXPECT_EQ(describeDuration(12.4), "12 s");
    EXPECT_EQ(describeDuration(240), "4 min");
    EXPECT_EQ(describeDuration(4800), "1 h 20 min");
    EXPECT_EQ(groupedCount(1234567), "1,234,567");
    EXPECT_EQ(groupedCount(-1234), "-1,234");
    EXPECT_EQ(groupedCount(999), "999");
    EXPECT_EQ(isoUtc(0), "1970-01-01T00:00:00Z");
}
