#include "core/device/sampling.h"

#include "core/base/random.h"

#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>

namespace percept::device {
namespace {

constexpr std::int64_t kSecond = 1000, kHour = 3600 * kSecond, kDay = 24 * kHour;

Stamp at(std::int64_t ms, std::int64_t wallMs = 0) { return { "boot", ms, wallMs }; }

TEST(Sampling, reasonsByTheRules)
{
    const SamplingRules rules { 0, 0.5, true, 200 };
    EXPECT_EQ(wantedSample(rules, 1, 0, 0.4, false), SampleReason::Unsure);
    EXPECT_EQ(wantedSample(rules, 1, 0, 0.25, false), SampleReason::Unsure);
    EXPECT_FALSE(wantedSample(rules, 1, 0, 0.24, false).has_value()) << "nothing is there, most likely";
    EXPECT_FALSE(wantedSample(rules, 1, 0, 0.5, false).has_value()) << "sure enough";
    EXPECT_EQ(wantedSample(rules, 1, 0, 0.9, true), SampleReason::Edge);
    EXPECT_FALSE(wantedSample({ 0, 0.5, false, 200 }, 1, 0, 0.9, true).has_value());
    EXPECT_FALSE(wantedSample({ 0, 0, true, 200 }, 1, 0, 0, false).has_value());
    EXPECT_EQ(wantedSample({ 1, 0.5, true, 200 }, 1, 0, 0.4, true), SampleReason::Random) << "chance comes first";
}

TEST(Sampling, oneInAHundredWhateverIsOnThem)
{
    const SamplingRules rules { 0.01, 0.5, true, 200 };
    int sure = 0, unsure = 0, again = 0;
    for (std::int64_t frame = 0; frame < 100'000; ++frame) {
        const bool isRandom = wantedSample(rules, 7, frame, 0.9, false) == SampleReason::Random;
        sure += isRandom;
        unsure += wantedSample(rules, 7, frame, 0.4, true) == SampleReason::Random;
        again += isRandom && wantedSample(rules, 8, frame, 0.9, false) == SampleReason::Random;
    }
    EXPECT_NEAR(sure, 1000, 4 * 31.5); // four standard deviations
    EXPECT_EQ(unsure, sure);
    EXPECT_LT(again, 40) << "another device chooses others";
}

TEST(Sampling, noDayHasMoreThanItsBudget)
{
    for (const double perDay : { 1.0, 5.0, 20.0, 200.0, 5000.0 }) {
        SampleBudget budget(perDay);
        std::vector<std::int64_t> taken;
        for (std::int64_t ms = 0; ms < 4 * kDay; ms += 2 * kSecond)
            if (budget.take(at(ms)))
                taken.push_back(ms);
        for (std::size_t first = 0, last = 0; first < taken.size(); ++first) {
            while (last < taken.size() && taken[last] < taken[first] + kDay)
                ++last;
            EXPECT_LE(static_cast<double>(last - first), perDay) << perDay;
        }
        EXPECT_GE(static_cast<double>(taken.size()), 4 * perDay / 2 - 1) << perDay << ": it is there to be used";
    }
}

TEST(Sampling, theBudgetIsSpreadOverTheDay)
{
    SampleBudget budget(180);
    std::map<std::int64_t, int> byHour;
    for (std::int64_t ms = 0; ms < kDay; ms += 100)
        byHour[ms / kHour] += budget.take(at(ms));
    for (const auto& [hour, count] : byHour)
        EXPECT_NEAR(count, 7.5, 2) << hour;
}

TEST(Sampling, aQuietDayIsNotSavedUpForABusyHour)
{
    SampleBudget budget(200);
    (void)budget.take(at(0));
    int burst = 0;
    for (int i = 0; i < 50; ++i)
        burst += budget.take(at(kDay + i));
    EXPECT_EQ(burst, 2); // a hundredth
}

TEST(Sampling, nothingPerDayIsNothing)
{
    Sampler sampler({ 1, 1, true, 0 }, 1);
    for (std::int64_t i = 0; i < 1000; ++i)
        EXPECT_FALSE(sampler.decide(i, 0.7, true, at(i * kHour)).has_value());
}

TEST(Sampling, settingTheClockGivesNothingAndTakesNothing)
{
    SampleBudget steady(200), set(200);
    for (std::int64_t ms = 0; ms < kDay; ms += 10 * kSecond) {
        const std::int64_t wallMs = ms % 7 == 0 ? 0 : ms * 1000; // years to and fro
        EXPECT_EQ(steady.take(at(ms)), set.take(at(ms, wallMs))) << ms;
    }
}

TEST(Sampling, aRestartGoesOnAndARebootGivesNothing)
{
    const SamplingRules rules { 0, 1, true, 200 };
    Sampler straight(rules, 1);
    auto broken = std::make_unique<Sampler>(rules, 1);
    for (std::int64_t ms = 0; ms < kDay / 4; ms += kSecond) {
        EXPECT_EQ(straight.decide(ms, 0.7, false, at(ms)), broken->decide(ms, 0.7, false, at(ms))) << ms;
        if (ms % (97 * kSecond) == 0) {
            const auto saved = broken->toJson();
            broken = std::make_unique<Sampler>(rules, 1);
            broken->restore(saved);
        }
    }
    SampleBudget budget(200);
    int taken = 0;
    for (int boot = 0; boot < 1000; ++boot) { // a machine that starts again and again
        SampleBudget next(200);
        next.restore(budget.toJson());
        budget = next;
        taken += budget.take({ "boot" + std::to_string(boot), 50 * kSecond, 0 });
    }
    EXPECT_EQ(taken, 0);
    for (const char* text : { "null", "[]", "{\"share\":\"x\"}", "{\"share\":-1}", "{\"share\":1e300}", "{\"bootMs\":-5,\"share\":1}" }) {
        budget.restore(nlohmann::json::parse(text));
        EXPECT_FALSE(budget.take({ "other", 0, 0 })) << text;
    }
}

TEST(Sampling, noOtherPictureCrowdsOutTheRandomOnes)
{
    const SamplingRules rules { 0.01, 1, true, 200 };
    Sampler sampler(rules, 3);
    std::map<SampleReason, int> counts;
    std::int64_t frame = 0;
    for (std::int64_t ms = 0; ms < 4 * kDay; ms += kSecond, ++frame)
        if (const auto reason = sampler.decide(frame, 0.7, frame % 3 == 0, at(ms)))
            ++counts[*reason];
    EXPECT_NEAR(counts[SampleReason::Random], 80, 8);
    EXPECT_NEAR(counts[SampleReason::Unsure] + counts[SampleReason::Edge], 720, 30);
}

TEST(Sampling, reasonsHaveTheNamesOfTheProtocol)
{
    EXPECT_EQ(toString(SampleReason::Random), "random");
    EXPECT_EQ(toString(SampleReason::Unsure), "unsure");
    EXPECT_EQ(toString(SampleReason::Edge), "edge");
}

}
}
