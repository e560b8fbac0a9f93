#include "core/monitoring/bins.h"
#include "core/monitoring/drift.h"

#include <gtest/gtest.h>

#include <cmath>

namespace percept::monitoring {
namespace {

// A part with so many predictions in two score bins, and frames of two brightness bins.
Tally part(std::int64_t low, std::int64_t high, std::int64_t dark = 0, std::int64_t bright = 0)
{
    protocol::TelemetryWindow window;
    window.frames = 100;
    window.emptyFrames = 10;
    window.seconds = 50;
    window.latencyP50Ms = 10;
    window.latencyP95Ms = 20;
    protocol::ClassCount bolts { "bolt", low + high, {} };
    bolts.scores[10] = low;  // 0.525
    bolts.scores[18] = high; // 0.925
    window.classes = { bolts };
    protocol::InputSpread spread;
    spread.bins[3] = dark;
    spread.bins[8] = bright;
    spread.mean = dark + bright > 0 ? (0.22 * static_cast<double>(dark) + 0.53 * static_cast<double>(bright)) / static_cast<double>(dark + bright) : 0;
    window.brightness = spread;
    Tally tally;
    tally.add(window);
    return tally;
}

Window windowOf(int parts, const Tally& each)
{
    Window window;
    for (int i = 0; i < parts; ++i)
        window.add(each);
    return window;
}

TEST(Tally, AddsUpWindows)
{
    Tally sum = part(30, 70, 20, 80);
    protocol::TelemetryWindow slow;
    slow.frames = 300;
    slow.failedFrames = 4;
    slow.seconds = 50;
    slow.latencyP50Ms = 30;
    slow.latencyP95Ms = 60;
    slow.classes = { { "nut", 5, {} } };
    slow.classes[0].scores[19] = 5;
    sum.add(slow);
    EXPECT_EQ(sum.windows, 2);
    EXPECT_EQ(sum.frames, 400);
    EXPECT_EQ(sum.failedFrames, 4);
    EXPECT_EQ(sum.predictions, 105);
    EXPECT_EQ(sum.classes.at("nut").count, 5);
    EXPECT_DOUBLE_EQ(sum.framesPerSecond(), 4);
    EXPECT_DOUBLE_EQ(sum.latencyP50Ms(), 25); // by frames
    EXPECT_DOUBLE_EQ(sum.latencyP95Ms(), 50);
    EXPECT_EQ(sum.worstLatencyP95Ms, 60);
    EXPECT_NEAR(sum.brightness.mean(), 0.468, 1e-12);
    EXPECT_NEAR(meanScore(sum.scores()), (30 * 0.525 + 70 * 0.925 + 5 * 0.975) / 105, 1e-12);
    Tally twice = sum;
    twice.add(sum);
    EXPECT_EQ(twice.predictions, 210);
    EXPECT_DOUBLE_EQ(twice.latencyP95Ms(), 50);
    EXPECT_TRUE(std::isnan(meanScore({})));
    EXPECT_TRUE(std::isnan(Tally().framesPerSecond()));
}

TEST(Bins, KeepApartWhatTheReferenceNeverShowed)
{
    // nothing below 2; a thin tail (2), two that are large, thin ones that together are a tenth, nothing above 8
    const auto places = detail::orderedPlaces({ 0, 0, 1, 40, 35, 5, 5, 4, 10, 0 });
    EXPECT_EQ(places, (std::vector<std::size_t> { 0, 0, 1, 2, 3, 4, 4, 5, 6, 7 }));
    EXPECT_EQ(detail::orderedPlaces({ 10, 10 }), (std::vector<std::size_t> { 0, 1 }));
    EXPECT_EQ(detail::placed({ 1, 2, 3 }, { 0, 1, 1 }), (Counts { 1, 5 }));
}

TEST(Bins, RareAndNewClassesAreTheOthers)
{
    EXPECT_EQ(detail::categoryPlaces({ 500, 480, 10, 0, 10 }), (std::vector<std::size_t> { 1, 2, 0, 0, 0 }));
}

TEST(Compare, NothingWithoutObservations)
{
    EXPECT_FALSE(compare(Measure::Confidence, Window(), windowOf(3, part(30, 70))).has_value());
    EXPECT_FALSE(compare(Measure::Sharpness, windowOf(3, part(30, 70)), windowOf(3, part(30, 70))).has_value());
    EXPECT_FALSE(compare(Measure::Brightness, windowOf(3, part(30, 70, 1, 1)), windowOf(3, part(30, 70))).has_value());
}

// By hand: 5,000 predictions a side, 30 % at 0.525 and 70 % at 0.925 against 40 % and 60 %; standard deviation of a score
// 0.4 sqrt(.3 .7) and 0.4 sqrt(.4 .6).
TEST(Compare, MeanScoreByHand)
{
    const auto reading = compare(Measure::Confidence, windowOf(50, part(30, 70)), windowOf(50, part(40, 60))).value();
    const double error = 0.4 * std::sqrt((0.21 + 0.24) / 5000);
    EXPECT_NEAR(reading.before, 0.805, 1e-12);
    EXPECT_NEAR(reading.now, 0.765, 1e-12);
    EXPECT_NEAR(reading.chance, std::sqrt(2 / M_PI) * error, 1e-12);
    EXPECT_NEAR(reading.effect, 0.04, 1e-12);
    EXPECT_NEAR(reading.p, std::erfc(0.04 / error / std::sqrt(2)), 1e-15);
    EXPECT_NEAR(reading.referenceIndependent, 5000, 1e-9);
}

// Parts that are all low or all high: the same 5,000 predictions are worth fifty, and the same difference proves nothing.
TEST(Compare, NeighboursThatAreAlikeProveLess)
{
    const auto clustered = [](int low, int high) {
        Window window = windowOf(low, part(100, 0));
        for (int i = 0; i < high; ++i)
            window.add(part(0, 100));
        return window;
    };
    const auto independent = compare(Measure::Scores, windowOf(50, part(30, 70)), windowOf(50, part(40, 60))).value();
    const auto alike = compare(Measure::Scores, clustered(15, 35), clustered(20, 30)).value();
    EXPECT_LT(independent.p, 1e-10);
    EXPECT_GT(alike.p, 0.5);
    EXPECT_NEAR(alike.independent, 50, 1.5);
    EXPECT_LT(alike.effect, 0.01); // all of it is chance
    EXPECT_NEAR(alike.distance, independent.distance, 1e-12);
}

TEST(Compare, NewBinsWeighWhatTheSizeOfTheSampleLetsThem)
{
    const auto large = compare(Measure::Brightness, windowOf(50, part(1, 1, 0, 100)), windowOf(50, part(1, 1, 4, 96))).value();
    EXPECT_GT(large.effect, 0.1); // 200 of 5,000 darker than all 5,000 of the reference
    EXPECT_LT(large.p, 1e-3);
    const auto small = compare(Measure::Brightness, windowOf(1, part(1, 1, 0, 50)), windowOf(1, part(1, 1, 2, 48))).value();
    EXPECT_LT(small.effect, 0.1); // 2 of 50
    EXPECT_GT(small.p, 0.5);
    EXPECT_NEAR(large.before, 0.53, 1e-12);
    EXPECT_NEAR(large.now, 0.53 - 0.04 * 0.31, 1e-12);
}

TEST(Compare, ClassesAndEmptyPictures)
{
    const auto mix = [](std::int64_t bolts, std::int64_t nuts, std::int64_t empty) {
        protocol::TelemetryWindow window;
        window.frames = 1000;
        window.emptyFrames = empty;
        window.classes = { { "bolt", bolts, {} }, { "nut", nuts, {} } };
        window.classes[0].scores[18] = bolts;
        window.classes[1].scores[18] = nuts;
        Window result;
        Tally tally;
        tally.add(window);
        result.add(tally);
        return result;
    };
    const auto classes = compare(Measure::Classes, mix(500, 500, 100), mix(200, 800, 300)).value();
    // (0.3)(ln(0.5/0.2) + ln(0.8/0.5)) = 0.4159; the half observations take off a thousandth, chance 2 (1/1001.5 + 1/1001.5)
    EXPECT_NEAR(classes.effect, 0.4159 - 0.004, 0.004);
    EXPECT_EQ(compare(Measure::Classes, mix(500, 500, 100), mix(500, 500, 300))->effect, 0);
    const auto empty = compare(Measure::Empty, mix(500, 500, 100), mix(500, 500, 300)).value();
    EXPECT_NEAR(empty.effect, 0.2 * (std::log(3.0) + std::log(0.9 / 0.7)) - 0.002, 0.003);
    EXPECT_DOUBLE_EQ(empty.now, 0.3);
    // 100 of 1,000 against 300 of 1,000: chi-square 125, one degree
    EXPECT_NEAR(empty.p / std::erfc(std::sqrt(125.0 / 2)), 1, 1e-6);
}

}
}
