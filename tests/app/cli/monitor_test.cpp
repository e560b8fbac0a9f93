// percept monitor: keys and exit statuses of resources/help/command-line.md, on a fleet.db of simulated cameras.
#include "core/base/time.h"
#include "core/dataset/project_store.h"
#include "tests/app/cli/cli_fixture.h"
#include "tests/support/field_fleet.h"

#include <gmock/gmock.h>

namespace percept {
namespace {

using testing::HasSubstr;
using testing::Not;

struct MonitorCli : Cli {
    MonitorCli() { EXPECT_TRUE(dataset::ProjectStore::create(folder / "parts.percept", "Parts", domain::Task::Detection, { "bolt", "nut", "washer" }).hasValue()); }
    std::vector<std::string> call(std::vector<std::string> more = {})
    {
        std::vector<std::string> all { "monitor", "parts.percept", "--state", state };
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    std::string state = (folder / "fleet").string();
};

TEST_F(MonitorCli, without_a_fleet_it_says_how_one_begins)
{
    const auto said = document(call(), 1);
    EXPECT_EQ(said.value("code", ""), "not-found");
    EXPECT_THAT(said.value("error", ""), HasSubstr("percept fleet serve"));
    EXPECT_FALSE(std::filesystem::exists(state)); // looking makes nothing
    EXPECT_EQ(document({ "monitor", "missing.percept" }, 1).value("code", ""), "not-found");
}

TEST_F(MonitorCli, counts_alerts_and_who_is_offline)
{
    const auto now = base::nowMs();
    test::FieldFleet fleet(state, "Parts");
    test::fillThreeCameras(fleet, now);
    const auto all = document(call());
    expectKeys(all, { "now_ms", "from_ms", "hub", "unreadable", "devices", "rows", "alerts" });
    ASSERT_EQ(all["devices"].size(), 3u);
    expectKeys(all["devices"][2], { "device", "ring", "version", "online", "seen_ms", "offline_since_ms", "outbox" });
    EXPECT_EQ(all["devices"][2]["offline_since_ms"], now - 38 * 60'000);
    ASSERT_EQ(all["rows"].size(), 4u);
    expectKeys(all["rows"][0], { "device", "version", "windows", "frames", "empty_frames", "failed_frames", "predictions", "confidence", "fps",
        "latency_p50_ms", "latency_p95_ms", "brightness", "sharpness", "per_class", "field_windows", "newest", "told_from_ms", "told_to_ms" });
    expectKeys(all["rows"][2]["newest"]["readings"][0], { "measure", "effect", "warn", "act", "p", "p_corrected", "significant", "before", "now", "distance", "deviations", "against" });
    ASSERT_EQ(all["alerts"].size(), 2u);
    expectKeys(all["alerts"][0], { "kind", "device", "version", "level", "title", "text", "details", "next", "since_ms", "ended_ms" });
    EXPECT_EQ(all["alerts"][0]["kind"], "offline");
    EXPECT_EQ(all["alerts"][1]["kind"], "brightness");

    const auto text = percept(call());
    EXPECT_EQ(text.status, 0);
    EXPECT_THAT(text.out, HasSubstr("ALERT cam-2: pictures are darker."));
    EXPECT_THAT(text.out, HasSubstr("cam-3                offline since "));
    EXPECT_THAT(text.out, HasSubstr("Check the lamp"));
    EXPECT_THAT(text.out, HasSubstr("For engineers: Population stability index (PSI)"));
    EXPECT_THAT(text.out, Not(HasSubstr("window")));
    // A day holds less than a week.
    const auto day = document(call({ "--days", "1" }));
    EXPECT_LT(day["rows"][2]["frames"].get<std::int64_t>(), all["rows"][2]["frames"].get<std::int64_t>() / 5);
    EXPECT_GT(day["rows"][2]["frames"].get<std::int64_t>(), 0);
    // More is asked of a window than one of them holds.
    EXPECT_THAT(percept(call({ "--at-least", "1000000" })).out, Not(HasSubstr("darker")));
}

}
}
