#include "core/device/smoothing.h"

#include "core/base/random.h"

#include <gtest/gtest.h>

namespace percept::device {
namespace {

// The states after each frame, "1" on, "0" off.
std::string statesOf(const SmoothingRule& rule, const std::vector<double>& scores)
{
    Smoother smoother({ rule });
    std::string states;
    for (const double score : scores) {
        smoother.add({ &score, 1 });
        states += smoother.isOn(0) ? '1' : '0';
    }
    return states;
}

TEST(Smoothing, hysteresisAlone)
{
    const SmoothingRule rule { 0.7, 0.5, 1, 1 };
    EXPECT_EQ(statesOf(rule, { 0.6, 0.69, 0.7, 0.6, 0.5, 0.49, 0.69, 0.9 }), "00111001");
}

TEST(Smoothing, nOfMAlone)
{
    const SmoothingRule rule { 0.5, 0.5, 2, 3 };
    EXPECT_EQ(statesOf(rule, { 0.9, 0, 0.9, 0, 0, 0.9, 0.9, 0.9 }), "00100011");
}

TEST(Smoothing, bothTogether)
{
    const SmoothingRule rule { 0.7, 0.4, 3, 5 };
    EXPECT_EQ(statesOf(rule, { 0.8, 0.8, 0, 0, 0 }), "00000") << "two are not enough";
    EXPECT_EQ(statesOf(rule, { 0.8, 0, 0.8, 0, 0.8 }), "00001") << "three of five";
    EXPECT_EQ(statesOf(rule, { 0.8, 0.8, 0.8, 0.5, 0.5, 0.5, 0.5, 0.5, 0.3, 0.3, 0.3 }), "00111111110")
        << "it stays on as long as three of the last five are at 0.4";
}

TEST(Smoothing, oneFrameMoreOrLessRingsNoBell)
{
    std::vector<double> scores(30, 0);
    scores[7] = 1;
    EXPECT_EQ(statesOf({ 0.7, 0.5, 3, 5 }, scores), std::string(30, '0'));
    scores.assign(30, 1);
    scores[15] = 0;
    EXPECT_EQ(statesOf({ 0.7, 0.5, 3, 5 }, scores), "00" + std::string(28, '1'));
}

TEST(Smoothing, tellsEdgesWithFrameAndPeakByLabel)
{
    Smoother smoother({ { 0.5, 0.5, 1, 1 }, { 0.5, 0.5, 2, 2 } });
    EXPECT_TRUE(smoother.add(std::vector { 0.1, 0.6 }).empty());
    EXPECT_EQ(smoother.add(std::vector { 0.7, 0.8 }), (std::vector<Edge> { { 0, true, 1, 0.7 }, { 1, true, 1, 0.8 } }));
    EXPECT_TRUE(smoother.add(std::vector { 0.9, 0.7 }).empty());
    EXPECT_EQ(smoother.add(std::vector { 0.2, 0.1 }), (std::vector<Edge> { { 0, false, 3, 0.9 }, { 1, false, 3, 0.8 } }));
    EXPECT_EQ(smoother.add(std::vector { 0.6, 0.0 }), (std::vector<Edge> { { 0, true, 4, 0.6 } })) << "the peak begins anew";
}

TEST(Smoothing, aSteadyLabelThatIsSeenThreeTimesInFourFlickersLess)
{
    std::vector<double> scores;
    for (std::uint64_t i = 0; i < 2000; ++i)
        scores.push_back(base::Random(5, 0, i).uniform() < 0.75 ? 0.8 : 0.3);
    const auto changes = [](const std::string& states) {
        int count = 0;
        for (std::size_t i = 1; i < states.size(); ++i)
            count += states[i] != states[i - 1];
        return count;
    };
    const int raw = changes(statesOf({ 0.5, 0.5, 1, 1 }, scores)), smoothed = changes(statesOf(smoothingFor(0.5), scores));
    EXPECT_GT(raw, 500);
    EXPECT_LT(smoothed, raw / 3);
}

TEST(Smoothing, rulesAreChecked)
{
    EXPECT_TRUE(isValid(smoothingFor(0.5)));
    EXPECT_TRUE(isValid(smoothingFor(1)));
    for (const SmoothingRule& rule : { SmoothingRule { 0.5, 0.6, 1, 1 }, { 0.5, 0, 1, 1 }, { 1.1, 0.5, 1, 1 }, { 0.5, 0.4, 0, 1 },
             { 0.5, 0.4, 3, 2 }, { 0.5, 0.4, 3, 5000 } })
        EXPECT_FALSE(isValid(rule));
}

}
}
