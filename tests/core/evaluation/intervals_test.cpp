#include "core/base/random.h"
#include "core/base/time.h"
#include "core/evaluation/group_draws.h"
#include "core/evaluation/uncertainty.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace percept::evaluation {
namespace {

// Pictures of one class whose objects are found with probability `p`; every object has one detection, placed right or
// far away, and `perGroup` pictures share their luck when perGroup > 1.
std::vector<EvaluationImage> images(int count, int objects, double p, std::uint64_t seed, int perGroup = 1)
{
    base::Random random(seed, 1);
    std::vector<EvaluationImage> result;
    for (int i = 0; i < count; ++i) {
        EvaluationImage image;
        image.item = i + 1;
        image.group = perGroup > 1 ? 1 + i / perGroup : 0;
        base::Random shared(seed, 2, static_cast<std::uint64_t>(i / perGroup));
        for (int k = 0; k < objects; ++k) {
            const domain::Box box { k * 100.0, 0, 50, 50 };
            const bool found = (perGroup > 1 ? shared : random).uniform() < p;
            image.truths.push_back({ 0, box });
            image.detections.push_back({ 0, 0.5 + 0.5 * random.uniform(), { box.x, found ? 0.0 : 500.0, 50, 50 } });
        }
        result.push_back(image);
    }
    return result;
}

TEST(Shares, ObjectsOfOneMomentAreNotSoManyWitnesses)
{
    const auto of = [](const std::vector<EvaluationImage>& pictures) { return shareIntervals({ pictures, 1 }, { 0.0 }, 200, 1).found; };
    const auto apart = of(images(4, 20, 1.0, 3)), together = of(images(4, 20, 1.0, 3, 4)), many = of(images(40, 20, 1.0, 3));
    EXPECT_DOUBLE_EQ(together.value, 1);
    EXPECT_NEAR(together.low, wilson(1, 1).low, 1e-12);
    EXPECT_NEAR(apart.low, wilson(4, 4).low, 1e-12); // not that of 80 objects
    EXPECT_GT(many.low, 0.99);
}

TEST(Wilson, AgreesWithPublishedValues)
{
    // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    EXPECT_NEAR(wilson(81, 263).low, 0.2553, 5e-5);
    EXPECT_NEAR(wilson(81, 263).high, 0.3662, 5e-5);
    EXPECT_NEAR(wilson(15, 148).low, 0.0624, 5e-5);
    EXPECT_NEAR(wilson(15, 148).high, 0.1605, 5e-5);
    EXPECT_EQ(wilson(0, 20).low, 0);
    EXPECT_NEAR(wilson(0, 20).high, 0.1611, 5e-5);
    EXPECT_NEAR(wilson(1, 29).low, 0.0061, 5e-5);
    EXPECT_NEAR(wilson(1, 29).high, 0.1718, 5e-5);
    EXPECT_EQ(wilson(20, 20).high, 1);
    EXPECT_TRUE(std::isnan(wilson(0, 0).value));
}

TEST(PercentileInterval, LeavesTwoAndAHalfPercentAtEachEnd)
{
    std::vector<double> samples { std::nan("") };
    for (int i = 1000; i >= 0; --i)
        samples.push_back(i);
    const Interval interval = detail::percentileInterval(500, samples);
    EXPECT_EQ(interval.value, 500);
    EXPECT_DOUBLE_EQ(interval.low, 25);
    EXPECT_DOUBLE_EQ(interval.high, 975);
}

TEST(ShareIntervals, TakeTheWiderOfTwoAtEachEnd)
{
    const Interval both = detail::wider({ 0.5, 0.4, 0.6 }, { 0.5, 0.45, 0.8 });
    EXPECT_EQ(both.low, 0.4);
    EXPECT_EQ(both.high, 0.8);
    EXPECT_EQ(detail::wider({ 0.5, 0.4, 0.6 }, { 0.5, 0.3, 0.55 }).low, 0.3);
    EXPECT_EQ(detail::wider({ 0.5, 0.4, 0.6 }, detail::undefinedInterval()).high, 0.6);
}

TEST(ShareIntervals, CoverTheTruth)
{
    constexpr int kTrials = 120;
    constexpr double p = 0.9;
    int covered = 0, coveredInGroups = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
        const auto share = [&](int perGroup) {
            const MatchTable table(images(60, 8, p, static_cast<std::uint64_t>(trial), perGroup), 1);
            return shareIntervals(table, { 0.5 }, 400, 7).found;
        };
        const auto contains = [&](const Interval& i) { return i.low <= p && p <= i.high; };
        covered += contains(share(1));
        coveredInGroups += contains(share(3));
    }
    // Binomial(120, .95): fewer than 107 once in 400; a nominal interval that ignored the groups would cover about 75 %
    EXPECT_GE(covered, 107);
    EXPECT_GE(coveredInGroups, 104);
}

TEST(ShareIntervals, GroupsWidenThem)
{
    const MatchTable grouped(images(60, 8, 0.85, 3, 6), 1);
    auto alone = grouped.images();
    for (auto& image : alone)
        image.group = 0;
    const Interval wide = shareIntervals(grouped, { 0.5 }, 1000, 7).found;
    const Interval narrow = shareIntervals(MatchTable(alone, 1), { 0.5 }, 1000, 7).found;
    EXPECT_DOUBLE_EQ(wide.value, narrow.value);
    EXPECT_GT(wide.high - wide.low, 1.3 * (narrow.high - narrow.low));
}

TEST(ShareIntervals, NineOfNineIsNoProof)
{
    const MatchTable table(images(9, 1, 1, 3), 2);
    const ShareIntervals shares = shareIntervals(table, { 0.5, 0.5 }, 200, 7);
    EXPECT_EQ(shares.found.value, 1);
    EXPECT_NEAR(shares.found.low, wilson(9, 9).low, 1e-12);
    EXPECT_EQ(shares.foundCounts[0], (std::array<std::int64_t, 2> { 9, 9 }));
    EXPECT_TRUE(std::isnan(shares.foundPerClass[1].value)); // no object of the second class
    EXPECT_TRUE(std::isnan(shares.foundPerClass[1].low));
}

TEST(BootstrapCoco, IsReproducibleAndHoldsTheValue)
{
    const auto set = images(40, 6, 0.8, 4);
    const auto a = bootstrapCoco(set, 1, 300, 11), b = bootstrapCoco(set, 1, 300, 11), c = bootstrapCoco(set, 1, 300, 12);
    EXPECT_EQ(a.draws, 300);
    EXPECT_EQ(a.map50.low, b.map50.low);
    EXPECT_EQ(a.map50.high, b.map50.high);
    EXPECT_NE(a.map50.low, c.map50.low);
    EXPECT_NEAR(a.map.value, evaluateCoco(set, 1).map, 1e-12);
    EXPECT_NEAR(a.map75.value, evaluateCoco(set, 1).map75, 1e-12);
    EXPECT_LT(a.map50.low, a.map50.value);
    EXPECT_GT(a.map50.high, a.map50.value);
    ASSERT_EQ(a.map50PerClass.size(), 1u);
    EXPECT_EQ(a.map50PerClass[0].low, a.map50.low);
}

// A draw must score exactly as a set in which the drawn pictures really stand several times.
TEST(BootstrapCoco, ADrawOfOneGroupIsTheSetItself)
{
    auto set = images(10, 6, 0.8, 4);
    for (auto& image : set)
        image.group = 5;
    const auto result = bootstrapCoco(set, 1, 50, 11);
    EXPECT_EQ(result.map.low, result.map.value);
    EXPECT_EQ(result.map.high, result.map.value);
}

TEST(BootstrapCoco, WeightsEqualCopies)
{
    // Two groups: a draw is {a,a}, {a,b} or {b,b}; with many draws the ends of the interval are the outer two.
    auto a = images(6, 6, 0.95, 1), b = images(6, 6, 0.4, 2);
    const auto twice = [](std::vector<EvaluationImage> set) {
        const auto copy = set;
        set.insert(set.end(), copy.begin(), copy.end());
        for (std::size_t i = 0; i < set.size(); ++i)
            set[i].item = static_cast<std::int64_t>(i);
        return evaluateCoco(set, 1).map;
    };
    std::vector<EvaluationImage> both = a;
    both.insert(both.end(), b.begin(), b.end());
    for (std::size_t i = 0; i < both.size(); ++i) {
        both[i].item = static_cast<std::int64_t>(i);
        both[i].group = i < a.size() ? 1 : 2;
    }
    const Interval map = bootstrapCoco(both, 1, 400, 3).map;
    EXPECT_NEAR(map.high, twice(a), 1e-12);
    EXPECT_NEAR(map.low, twice(b), 1e-12);
}

TEST(BootstrapCoco, CanBeCancelled)
{
    base::CancelToken cancel;
    cancel.cancel();
    const auto result = bootstrapCoco(images(5, 5, 0.8, 1), 1, 1000, 1, cancel);
    EXPECT_EQ(result.draws, 0);
    EXPECT_TRUE(std::isfinite(result.map.value));
    EXPECT_TRUE(std::isnan(result.map.low));
}

TEST(BootstrapCoco, CoversTheExpectedScore)
{
    // The score of a very large sample stands for the truth.
    const double truth = evaluateCoco(images(20000, 5, 0.8, 999), 1).map50;
    int covered = 0;
    constexpr int kTrials = 100;
    for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
        const Interval i = bootstrapCoco(images(80, 5, 0.8, trial), 1, 300, 5).map50;
        covered += i.low <= truth && truth <= i.high;
    }
    EXPECT_GE(covered, 87); // Binomial(100, .95): below once in 1,000
}

TEST(CompareMap50, PairsByItemAndOnlyEqualTruths)
{
    auto a = images(4, 3, 0.5, 1);
    std::vector<EvaluationImage> b(a.rbegin(), a.rend());
    b[0].truths[0].box.x += 1; // relabeled since
    b.pop_back();              // gone
    const auto paired = compareMap50(a, b, 1, 10, 1);
    EXPECT_EQ(paired.pictures, 2);
    EXPECT_EQ(paired.difference.value, 0);
}

TEST(CompareMap50, IsPairedAndHoldsTheDifference)
{
    // b finds what a finds and, in every second picture, one object more.
    auto a = images(40, 4, 0.6, 5), b = a;
    for (std::size_t i = 0; i < b.size(); i += 2)
        b[i].detections[0].box.y = 0;
    const auto paired = compareMap50(a, b, 1, 400, 1);
    EXPECT_EQ(paired.pictures, 40);
    EXPECT_NEAR(paired.difference.value, evaluateCoco(b, 1).map50 - evaluateCoco(a, 1).map50, 1e-12);
    EXPECT_GT(paired.difference.low, 0);
    // Two independent intervals would be far too wide to tell this apart.
    const Interval alone = bootstrapCoco(a, 1, 400, 1).map50;
    EXPECT_LT(paired.difference.high - paired.difference.low, alone.high - alone.low);
}

TEST(CompareMap50, OfAModelWithItselfIsNothing)
{
    const auto a = images(20, 4, 0.7, 5);
    const auto paired = compareMap50(a, a, 1, 200, 1);
    EXPECT_EQ(paired.difference.low, 0);
    EXPECT_EQ(paired.difference.high, 0);
    EXPECT_EQ(compareMap50(a, {}, 1, 200, 1).pictures, 0);
}

// Forty pictures of one moment: each draw is the set itself, and [v, v] would pass for proof.
TEST(CompareMap50, OfFewGroupsHasNoInterval)
{
    const auto a = images(40, 4, 0.6, 5, 40), b = images(40, 4, 1, 5, 40);
    const auto paired = compareMap50(a, b, 1, 200, 1).difference;
    EXPECT_GT(paired.value, 0.1);
    EXPECT_TRUE(std::isnan(paired.low));
    EXPECT_TRUE(std::isnan(paired.high));
    EXPECT_TRUE(std::isnan(compareMap50(images(9, 4, 0.6, 5), images(9, 4, 1, 5), 1, 200, 1).difference.low));
    EXPECT_FALSE(std::isnan(compareMap50(images(10, 4, 0.6, 5), images(10, 4, 1, 5), 1, 200, 1).difference.low));
}

TEST(CompareShares, OfFewGroupsHaveNoInterval)
{
    const auto compared = [](int pictures, int perGroup) {
        return compareShares(MatchTable(images(pictures, 4, 0.6, 5, perGroup), 1), { 0.5 }, MatchTable(images(pictures, 4, 1, 5, perGroup), 1), { 0.5 }, 200, 1);
    };
    const auto few = compared(40, 40), enough = compared(10, 1);
    EXPECT_GT(few.found.value, 0.1);
    EXPECT_LT(few.falseAlarms.value, 0);
    for (const Interval& interval : { few.found, few.falseAlarms }) {
        EXPECT_TRUE(std::isnan(interval.low));
        EXPECT_TRUE(std::isnan(interval.high));
    }
    for (const Interval& interval : { enough.found, enough.falseAlarms })
        EXPECT_FALSE(std::isnan(interval.low));
}

TEST(PrecisionBand, LiesAroundTheCurveAndWidensWithGroups)
{
    auto set = images(60, 6, 0.8, 4, 6);
    const auto grouped = precisionBand(set, 0, 400, 1);
    const auto curve = precisionRecall(set, 0);
    ASSERT_FALSE(grouped.empty());
    EXPECT_LE(grouped.back().recall, curve.back().recall + 1e-9);
    EXPECT_NEAR(grouped.back().recall, curve.back().recall, 0.011);
    for (auto& image : set)
        image.group = 0;
    const auto alone = precisionBand(set, 0, 400, 1);
    ASSERT_EQ(alone.size(), grouped.size());
    double wide = 0, narrow = 0;
    for (std::size_t i = 0; i < alone.size(); ++i) {
        wide += grouped[i].high - grouped[i].low;
        narrow += alone[i].high - alone[i].low;
        const auto at = std::find_if(curve.begin(), curve.end(), [&](const auto& p) { return p.recall >= alone[i].recall - 1e-9; });
        EXPECT_LE(alone[i].low, at->precision + 1e-9);
        EXPECT_GE(alone[i].high, at->precision - 1e-9);
    }
    EXPECT_GT(wide, 1.3 * narrow);
    EXPECT_TRUE(precisionBand(set, -1, 10, 1).empty());
    EXPECT_TRUE(precisionBand(set, 3, 10, 1).empty()); // no object of that class
}

// A draw's recall is that of the pictures that were drawn, each as often as it was.
TEST(PrecisionBand, ADrawCountsItsOwnObjects)
{
    std::vector<EvaluationImage> set(2);
    const auto object = [](int k) { return domain::Box { k * 100.0, 0, 50, 50 }; };
    set[0].truths = { { 0, object(0) } };
    set[0].detections = { { 0, 0.9, object(0) } };
    for (int k = 0; k < 9; ++k) {
        set[1].truths.push_back({ 0, object(k) });
        if (k < 3)
            set[1].detections.push_back({ 0, 0.8, object(k) });
    }
    // 4 of 10; of the draws 2 of 2, 4 of 10 and 6 of 18: all go beyond a recall of 0.3 without a false mark.
    const auto band = precisionBand(set, 0, 400, 1);
    ASSERT_EQ(band.size(), 41u);
    EXPECT_EQ(band[30].low, 1);
    EXPECT_EQ(band[38].low, 0) << "where a quarter of the draws has ended";
}

TEST(CostInterval, HoldsTheCostOfThePoint)
{
    const MatchTable table(images(50, 4, 0.8, 3), 1);
    const Interval cost = costInterval(table, { 0.5 }, 2, 400, 1);
    EXPECT_NEAR(cost.value, costPer100(table.at({ 0.5 }), table.images().size(), 2), 1e-9);
    EXPECT_LT(cost.low, cost.value);
    EXPECT_GT(cost.high, cost.value);
    EXPECT_TRUE(std::isnan(costInterval(MatchTable({}, 1), { 0.5 }, 2, 10, 1).value));
}

TEST(Speed, TwoThousandDrawsInTwoSeconds)
{
    base::Random random(1);
    auto set = images(100, 20, 0.9, 1);
    for (auto& image : set)
        for (int k = 0; k < 60; ++k)
            image.detections.push_back({ 0, random.uniform() * 0.5, { random.uniform() * 2000, 300, 50, 50 } });
    const double start = base::monotonicSeconds();
    EXPECT_EQ(bootstrapCoco(set, 1, 2000, 1).draws, 2000);
    const double seconds = base::monotonicSeconds() - start;
    RecordProperty("seconds", std::to_string(seconds));
    EXPECT_LT(seconds, 2.0);
}

}
}
