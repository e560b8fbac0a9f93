// The rules of alerts: size and significance, twice in a row, corrected over all that is tested.
#include "core/monitoring/alerts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace percept::monitoring {
namespace {

constexpr std::int64_t kDayMs = 24 * kHourMs;

// A day of a device: share of its 2,400 predictions that have the low score, and as telemetry of 24 hours.
struct Day {
    double low = 0.3;
    std::int64_t perHour = 100;
    int brightBin = 8;
};

Track trackOf(const std::string& device, const std::vector<Day>& days, const std::string& version = "1.0", int firstDay = 0)
{
    Track track { device, version, {} };
    for (std::size_t day = 0; day < days.size(); ++day)
        for (int hour = 0; hour < 24; ++hour) {
            protocol::TelemetryWindow window;
            window.frames = days[day].perHour;
            protocol::ClassCount bolts { "bolt", days[day].perHour, {} };
            bolts.scores[10] = static_cast<std::int64_t>(days[day].low * static_cast<double>(days[day].perHour) + 0.5);
            bolts.scores[18] = bolts.count - bolts.scores[10];
            window.classes = { bolts };
            protocol::InputSpread brightness;
            brightness.bins[static_cast<std::size_t>(days[day].brightBin)] = window.frames;
            brightness.mean = (days[day].brightBin + 0.5) / 16;
            window.brightness = brightness;
            track.add((firstDay + static_cast<std::int64_t>(day)) * kDayMs + hour * kHourMs + 1, window);
        }
    return track;
}

const std::vector<Day> kUsual(3);

std::vector<Day> then(std::vector<Day> days, const std::vector<Day>& more)
{
    days.insert(days.end(), more.begin(), more.end());
    return days;
}

Judgement judgeDays(const std::vector<Track>& tracks, std::int64_t days = 100, const std::map<std::string, Window>& validation = {}, Rules rules = {})
{
    return judge(tracks, validation, rules, days * kDayMs);
}

std::vector<DriftAlert> confidence(const Judgement& judgement)
{
    std::vector<DriftAlert> found;
    for (const auto& alert : judgement.alerts)
        if (alert.reading.measure == Measure::Confidence)
            found.push_back(alert);
    return found;
}

TEST(Windows, AreWholePeriodsWithEnoughInThem)
{
    WindowRules rules;
    EXPECT_EQ(windowsOf(trackOf("a", kUsual), rules, 3 * kDayMs).size(), 3u);
    EXPECT_EQ(windowsOf(trackOf("a", kUsual), rules, 3 * kDayMs - 1).size(), 2u); // the third is not over
    const auto thin = windowsOf(trackOf("a", { { 0.3, 10 }, { 0.3, 10 }, { 0.3, 10 }, { 0.3, 30 } }), rules, 10 * kDayMs);
    ASSERT_EQ(thin.size(), 2u); // 240 + 240 + 240, then 720
    EXPECT_EQ(thin[0].total.predictions, 720);
    EXPECT_EQ(thin[0].fromMs, 0);
    EXPECT_EQ(thin[0].toMs, 3 * kDayMs);
    EXPECT_EQ(thin[0].parts.size(), 72u);
    rules.periodMs = 6 * kHourMs;
    EXPECT_EQ(windowsOf(trackOf("a", kUsual), rules, 3 * kDayMs).size(), 12u);
    EXPECT_TRUE(windowsOf(Track(), rules, kDayMs).empty());
}

TEST(Windows, OfPicturesNeedNoPredictions)
{
    WindowRules rules;
    Track track = trackOf("a", { {} });
    protocol::TelemetryWindow nothing;
    nothing.frames = nothing.emptyFrames = 200;
    for (int hour = 24; hour < 48; ++hour)
        track.add(hour * kHourMs + 1, nothing);
    for (int hour = 72; hour < 75; ++hour) // 600 frames in three hours do not tell how alike they are
        track.add(hour * kHourMs + 1, nothing);
    EXPECT_EQ(windowsOf(track, rules, 10 * kDayMs).size(), 1u);
    const auto windows = windowsOf(track, rules, 10 * kDayMs, Enough::Frames);
    ASSERT_EQ(windows.size(), 2u);
    EXPECT_EQ(windows[1].total.emptyFrames, 24 * 200);
    EXPECT_EQ(windows[1].toMs, 2 * kDayMs);
}

TEST(Windows, TakeClocksBefore1970)
{
    Track track { "a", "1.0", {} };
    protocol::TelemetryWindow window;
    track.add(-1, window);
    track.add(0, window);
    EXPECT_EQ(track.hours.begin()->first, -1);
    EXPECT_EQ(track.hours.size(), 2u);
}

TEST(Alerts, NeedTwoWindowsInARow)
{
    // 30 % low scores, then 45 %: the mean score falls by 0.06
    const auto once = confidence(judgeDays({ trackOf("a", then(kUsual, { {}, { 0.45 } })) }));
    ASSERT_EQ(once.size(), 1u);
    EXPECT_EQ(once[0].level, Level::Watch);
    const auto twice = confidence(judgeDays({ trackOf("a", then(kUsual, { {}, { 0.45 }, { 0.45 } })) }));
    ASSERT_EQ(twice.size(), 1u);
    EXPECT_EQ(twice[0].level, Level::Act);
    EXPECT_EQ(twice[0].sinceMs, 4 * kDayMs);
    EXPECT_EQ(twice[0].raisedMs, 6 * kDayMs);
    EXPECT_EQ(twice[0].endedMs, 0);
    EXPECT_TRUE(confidence(judgeDays({ trackOf("a", then(kUsual, { { 0.45 }, {}, { 0.45 }, {} })) })).empty());
}

TEST(Alerts, EndWithAWindowWithoutIt)
{
    const auto alerts = confidence(judgeDays({ trackOf("a", then(kUsual, { { 0.45 }, { 0.45 }, { 0.38 }, {} })) }));
    ASSERT_EQ(alerts.size(), 1u);
    EXPECT_EQ(alerts[0].sinceMs, 3 * kDayMs);
    EXPECT_EQ(alerts[0].endedMs, 7 * kDayMs);
    EXPECT_EQ(alerts[0].level, Level::Warn); // by the newest window in which it was seen: 0.032 less chance
}

TEST(Alerts, OneDayUpAndOneDownIsNoChange)
{
    for (const auto& alert : confidence(judgeDays({ trackOf("a", then(kUsual, { { 0.45 }, { 0.15 } })) })))
        EXPECT_EQ(alert.level, Level::Watch);
}

TEST(Alerts, NeedSize)
{
    // 20,000 predictions an hour make a shift of 0.008 significant beyond doubt, and it is none of anybody's business.
    const auto judgement = judgeDays({ trackOf("a", { { 0.3, 20000 }, { 0.3, 20000 }, { 0.3, 20000 }, { 0.32, 20000 }, { 0.32, 20000 } }) });
    const auto& reading = judgement.tracks[0].windows.back().readings[0];
    EXPECT_EQ(reading.measure, Measure::Confidence);
    EXPECT_TRUE(isSignificant(reading, 0.01));
    EXPECT_TRUE(judgement.alerts.empty());
}

// 12 predictions an hour: 5 of them low, then 6; the mean falls by 0.033. Each day alone could be chance (p = 0.012), both
// together could hardly.
TEST(Alerts, NeedSignificance)
{
    Rules rules;
    rules.windows.leastPredictions = 1;
    const auto shifted = trackOf("a", { { 5 / 12.0, 12 }, { 5 / 12.0, 12 }, { 5 / 12.0, 12 }, { 0.5, 12 }, { 0.5, 12 } });
    const auto alone = judgeDays({ shifted }, 100, {}, rules);
    EXPECT_NEAR(alone.tracks[0].windows.back().readings[0].p, std::erfc(0.4 / 12 / (0.4 * std::sqrt((35 / 144.0) / 864 + 0.25 / 288)) / std::sqrt(2)), 1e-9);
    ASSERT_EQ(confidence(alone).size(), 1u);
    EXPECT_EQ(confidence(alone)[0].level, Level::Warn);
    EXPECT_GT(confidence(alone)[0].reading.pCorrected, 0.01);
    EXPECT_LT(confidence(alone)[0].reading.pTwice, 0.01);
    // Among forty more devices that are as before, the same readings prove nothing.
    std::vector<Track> fleet { shifted };
    for (int i = 0; i < 40; ++i)
        fleet.push_back(trackOf("b" + std::to_string(i), std::vector<Day>(5, { 5 / 12.0, 12 })));
    EXPECT_TRUE(judgeDays(fleet, 100, {}, rules).alerts.empty());
}

TEST(Alerts, BrightnessOutOfTheKnownRange)
{
    const auto judgement = judgeDays({ trackOf("a", then(kUsual, { { 0.3, 100, 4 }, { 0.3, 100, 4 } })) });
    ASSERT_EQ(judgement.alerts.size(), 1u);
    EXPECT_EQ(judgement.alerts[0].reading.measure, Measure::Brightness);
    EXPECT_EQ(judgement.alerts[0].level, Level::Act);
    EXPECT_NEAR(judgement.alerts[0].reading.now, 4.5 / 16, 1e-12);
}

// Somebody has hung a coat over it: no prediction, so no window of scores ever ends again.
TEST(Alerts, ACameraThatSeesNothingAnyMore)
{
    Track track = trackOf("a", kUsual);
    protocol::TelemetryWindow nothing;
    nothing.frames = nothing.emptyFrames = 100;
    for (int hour = 3 * 24; hour < 5 * 24; ++hour)
        track.add(hour * kHourMs + 1, nothing);
    const auto judgement = judgeDays({ track });
    ASSERT_EQ(judgement.alerts.size(), 1u);
    const auto& alert = judgement.alerts[0];
    EXPECT_EQ(alert.reading.measure, Measure::Empty);
    EXPECT_EQ(alert.level, Level::Act);
    EXPECT_EQ(alert.sinceMs, 3 * kDayMs);
    EXPECT_EQ(alert.raisedMs, 5 * kDayMs);
    EXPECT_EQ(alert.reading.now, 1);
    EXPECT_EQ(judgement.tracks[0].fieldWindows, 3);
}

// 200 predictions a day: scores are compared over three days each, the light every day.
TEST(Alerts, FewPredictionsAreGatheredWhilePicturesAreComparedEveryDay)
{
    std::vector<Track> tracks;
    for (const double low : { 0.3, 0.6 }) {
        Track track { "a" + std::to_string(tracks.size()), "1.0", {} };
        for (const auto& [hour, tally] : trackOf("x", std::vector<Day>(9, { 0.3, 9 })).hours)
            track.hours[hour] = tally;
        for (const auto& [hour, tally] : trackOf("x", std::vector<Day>(6, { low, 9 }), "1.0", 9).hours)
            track.hours[hour] = tally;
        for (auto& [hour, tally] : track.hours)
            tally.frames = 50;
        tracks.push_back(track);
    }
    const auto judgement = judgeDays(tracks);
    const auto alerts = confidence(judgement);
    ASSERT_EQ(alerts.size(), 1u);
    EXPECT_EQ(alerts[0].device, "a1");
    EXPECT_EQ(alerts[0].level, Level::Act);
    EXPECT_EQ(alerts[0].sinceMs, 9 * kDayMs);
    EXPECT_EQ(alerts[0].endedMs, 0);
    EXPECT_EQ(judgement.tracks[0].fieldWindows, 5); // of three days each
    EXPECT_EQ(judgement.tracks[0].windows.size(), 12u); // every day after the first three
    EXPECT_EQ(newestReadings(judgement.tracks[0]).size(), 5u); // no telemetry of sharpness
}

TEST(Alerts, OfAVersionThatRunsNoMoreAreClosed)
{
    const auto old = trackOf("a", then(kUsual, { { 0.45 }, { 0.45 } })), next = trackOf("a", { {}, {} }, "1.1", 5);
    const auto alerts = confidence(judgeDays({ old, next }));
    ASSERT_EQ(alerts.size(), 1u);
    EXPECT_EQ(alerts[0].version, "1.0");
    EXPECT_EQ(alerts[0].endedMs, 5 * kDayMs);
}

TEST(Alerts, CompareConfidenceWithTheValidationSetWhereItIsKnown)
{
    // The validation set had 30 % low scores; the field has 45 % from the first day on: known after two days.
    Window validation;
    for (const auto& [hour, tally] : trackOf("v", kUsual).hours)
        validation.add(tally);
    const auto track = trackOf("a", { { 0.45 }, { 0.45 } });
    EXPECT_TRUE(judgeDays({ track }).alerts.empty());
    const auto alerts = judgeDays({ track }, 100, { { "1.0", validation } }).alerts;
    ASSERT_EQ(alerts.size(), 1u); // brightness is not compared with it
    EXPECT_TRUE(alerts[0].reading.byValidation);
    EXPECT_TRUE(judgeDays({ track }, 100, { { "1.1", validation } }).alerts.empty()); // of another version
    Rules field;
    field.reference = ReferenceChoice::Field;
    EXPECT_TRUE(judgeDays({ track }, 100, { { "1.0", validation } }, field).alerts.empty());
    Rules all;
    all.reference = ReferenceChoice::Validation;
    const auto readings = judgeDays({ track }, 100, { { "1.0", validation } }, all).tracks[0].windows.back().readings;
    EXPECT_EQ(std::count_if(readings.begin(), readings.end(), [](const Reading& r) { return r.byValidation; }), 4); // all but the input's two
    Window little;
    little.add(trackOf("v", { {} }).hours.begin()->second); // 100 predictions
    EXPECT_TRUE(judgeDays({ track }, 100, { { "1.0", little } }).alerts.empty());
}

}
}
