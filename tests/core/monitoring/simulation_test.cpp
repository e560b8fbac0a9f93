// How often the rules cry wolf, and what they miss. Cameras as in tests/support/field.h: every object is seen in three frames
// that follow each other, light and sharpness go with the day, each hour is a little different.
#include "core/monitoring/alerts.h"
#include "tests/support/field.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

namespace percept::monitoring {
namespace {

constexpr int kDevices = 3;
constexpr std::int64_t kDayMs = 24 * kHourMs;

bool isNightly() { return std::getenv("PERCEPT_NIGHTLY") != nullptr; }

// From 500 to 10,000 predictions a day, small windows as often as large ones.
std::int64_t drawVolume(base::Random& random) { return static_cast<std::int64_t>(500 * std::pow(20, random.uniform()) + 0.5); }

// `frames`: an hour; 0: as many as the objects need.
void addDay(Track& track, int day, const test::Field& field, std::int64_t volume, base::Random& random, std::int64_t frames = 0)
{
    test::FieldHour hour;
    hour.frames = frames;
    std::int64_t given = 0;
    for (int h = 0; h < 24; ++h) {
        hour.fromMs = day * kDayMs + h * kHourMs;
        hour.predictions = volume * (h + 1) / 24 - given;
        given += hour.predictions;
        track.add(hour.fromMs, test::drawHour(field, hour, random));
    }
}

// A validation set of the same distribution: 250 pictures with a few objects each.
Window drawValidation(const test::Field& field, base::Random& random)
{
    Window window;
    for (int i = 0; i < 250; ++i) {
        test::FieldHour picture;
        picture.predictions = 1 + static_cast<std::int64_t>(random.below(5));
        picture.repeats = 1;
        auto seen = test::drawHour(field, picture, random);
        seen.brightness.reset();
        seen.sharpness.reset();
        Tally tally;
        tally.add(seen);
        window.add(std::move(tally));
    }
    return window;
}

struct Fleet {
    std::vector<Track> tracks;
    std::map<std::string, Window> validation;
};

// `usualDays` of the usual field, then `shifted` ones of `then` on the first device alone.
Fleet drawFleet(int usualDays, int shiftedDays, const test::Field& then, bool hasValidation, std::uint64_t seed)
{
    Fleet fleet;
    for (int d = 0; d < kDevices; ++d) {
        base::Random random(seed, 11, static_cast<std::uint64_t>(d));
        Track track { "cam-" + std::to_string(d + 1), "1.0", {} };
        const std::int64_t volume = drawVolume(random);
        for (int day = 0; day < usualDays + shiftedDays; ++day)
            addDay(track, day, d == 0 && day >= usualDays ? then : test::usualField(), volume, random);
        fleet.tracks.push_back(std::move(track));
    }
    base::Random random(seed, 12);
    if (hasValidation)
        fleet.validation["1.0"] = drawValidation(test::usualField(), random);
    return fleet;
}

Judgement judged(const Fleet& fleet, int days) { return judge(fleet.tracks, fleet.validation, {}, days * kDayMs); }

bool hasAlert(const Judgement& judgement, const std::string& device = {})
{
    for (const DriftAlert& alert : judgement.alerts)
        if (alert.level != Level::Watch && (device.empty() || alert.device == device))
            return true;
    return false;
}

TEST(Simulation, FiveMorePointsAreLostInTheHarderField)
{
    EXPECT_NEAR(test::usualField().accuracy() - test::harderField().accuracy(), 0.05, 1e-12);
}

// A week of three devices after their three reference days; half of the weeks with a validation set.
TEST(Simulation, AtMostOneWeekInTwentyHasAFalseAlarm)
{
    const int weeks = isNightly() ? 1000 : 200;
    int alarmed = 0;
    for (int week = 0; week < weeks; ++week)
        alarmed += hasAlert(judged(drawFleet(3 + 7, 0, {}, week % 2 == 1, static_cast<std::uint64_t>(week)), 3 + 7));
    std::printf("%d of %d weeks without drift had an alert\n", alarmed, weeks);
    EXPECT_LE(alarmed, weeks / 20);
}

TEST(Simulation, AShiftThatCostsFivePointsIsFoundWithinTwoWindows)
{
    const int cases = isNightly() ? 1000 : 200;
    int found = 0;
    for (int i = 0; i < cases; ++i)
        found += hasAlert(judged(drawFleet(3 + i % 5, 2, test::harderField(), i % 2 == 1, 5000 + static_cast<std::uint64_t>(i)), 5 + i % 5), "cam-1");
    std::printf("%d of %d shifts were found within two windows\n", found, cases);
    EXPECT_GE(found, cases * 9 / 10);
}

TEST(Simulation, ADarkerPictureIsFoundWithinTwoWindows)
{
    const int cases = isNightly() ? 200 : 40;
    int found = 0;
    for (int i = 0; i < cases; ++i)
        for (const auto& alert : judged(drawFleet(4, 2, test::darkerField(), false, 9000 + static_cast<std::uint64_t>(i)), 6).alerts)
            found += alert.level == Level::Act && alert.device == "cam-1" && alert.reading.measure == Measure::Brightness;
    EXPECT_GE(found, cases * 9 / 10);
}

// Cameras that see few objects and many pictures: their windows of pictures end every day, those of scores when there are enough.
test::Field sparse(test::Field field, std::int64_t volume, std::int64_t framesAnHour)
{
    field.emptyShare = 1 - static_cast<double>(volume) / 2 / (24 * static_cast<double>(framesAnHour));
    return field;
}

// 20 to 500 objects and 500 to 10,000 pictures a day.
Fleet drawSparseFleet(int usualDays, int shiftedDays, const test::Field& then, std::uint64_t seed)
{
    Fleet fleet;
    for (int d = 0; d < kDevices; ++d) {
        base::Random random(seed, 13, static_cast<std::uint64_t>(d));
        Track track { "cam-" + std::to_string(d + 1), "1.0", {} };
        const std::int64_t frames = drawVolume(random) / 24 + 1;
        const auto volume = std::min<std::int64_t>(static_cast<std::int64_t>(20 * std::pow(25, random.uniform())), 24 * frames);
        for (int day = 0; day < usualDays + shiftedDays; ++day) {
            const bool isShifted = d == 0 && day >= usualDays;
            const std::int64_t seen = isShifted && then.emptyShare >= 1 ? 0 : volume;
            addDay(track, day, sparse(isShifted ? then : test::usualField(), seen, frames), seen, random, frames);
        }
        fleet.tracks.push_back(std::move(track));
    }
    return fleet;
}

TEST(Simulation, AtMostOneWeekInTwentyOfSparseCamerasHasAFalseAlarm)
{
    const int weeks = isNightly() ? 1000 : 200;
    int alarmed = 0;
    for (int week = 0; week < weeks; ++week)
        alarmed += hasAlert(judged(drawSparseFleet(3 + 7, 0, {}, static_cast<std::uint64_t>(week)), 3 + 7));
    std::printf("%d of %d weeks of sparse cameras without drift had an alert\n", alarmed, weeks);
    EXPECT_LE(alarmed, weeks / 20);
}

// Its light stays what it was: only that nothing is found any more tells.
TEST(Simulation, ACoveredCameraIsFoundWithinTwoWindows)
{
    const int cases = isNightly() ? 200 : 40;
    auto covered = test::usualField();
    covered.emptyShare = 1;
    int found = 0;
    for (int i = 0; i < cases; ++i) {
        Fleet fleet = drawFleet(4, 0, {}, false, 7000 + static_cast<std::uint64_t>(i));
        base::Random random(7000 + static_cast<std::uint64_t>(i), 14);
        for (int day = 4; day < 6; ++day)
            addDay(fleet.tracks[0], day, covered, 0, random, 100);
        for (const auto& alert : judged(fleet, 6).alerts)
            found += alert.level == Level::Act && alert.device == "cam-1" && alert.reading.measure == Measure::Empty;
    }
    EXPECT_GE(found, cases * 9 / 10);
}

}
}
