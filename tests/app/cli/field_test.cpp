// percept fleet take and percept compare: keys and exit statuses of resources/help/command-line.md, on a fleet.db with pictures.
#include "core/dataset/project_store.h"
#include "core/fleet/fleet_store.h"
#include "core/media/picture.h"
#include "tests/app/cli/cli_fixture.h"
#include "tests/support/test_model.h"

#include <gmock/gmock.h>

namespace percept {
namespace {

using testing::HasSubstr;

struct FieldCli : Cli {
    FieldCli()
    {
        EXPECT_TRUE(dataset::ProjectStore::create(folder / "parts.percept", "Parts", domain::Task::Detection, { "bolt", "nut" }).hasValue());
        auto store = fleet::FleetStore::open(state, "test").value();
        EXPECT_TRUE(store->enrol(store->makeToken("cam-1", "all", 1, 1000).value(), "cam-1", 2).hasValue());
        const std::string sha(64, 'f');
        EXPECT_TRUE(store->writePackage({ sha, 10, "Parts", "1.0", 1, "signer" }, 1).hasValue());
        for (int i = 1; i <= 3; ++i) {
            const auto png = media::encodePng(test::testPicture(80, 60, { { i * 10, 8, 16, 0 } })).value();
            protocol::FieldSample sample { std::string(32, 'a'), i, std::string(31, '0') + std::to_string(i), i * 60'000, sha, "1.0", i == 1 ? "random" : "edge", 80, 60,
                { { i == 3 ? "zebra" : "bolt", 0.8, { i * 10.0, 8, 16, 16 } } }, "png", png };
            const fleet::Incoming message { "cam-1", sample };
            EXPECT_TRUE(store->ingest({ &message, 1 }, 10 + i).hasValue());
        }
    }
    json take(std::vector<std::string> arguments, int status = 0)
    {
        arguments.insert(arguments.begin(), { "fleet", "take", "parts.percept", "--state", state });
        return document(arguments, status);
    }
    static std::string id(int i) { return std::string(31, '0') + std::to_string(i); }

    std::string state = (folder / "fleet").string();
};

TEST_F(FieldCli, pictures_are_taken_once_and_what_cannot_be_is_listed)
{
    const auto taken = take({ "--all", "--right" });
    expectKeys(taken, { "taken", "problems" });
    ASSERT_EQ(taken["taken"].size(), 2u);
    for (const auto& one : taken["taken"]) {
        expectKeys(one, { "id", "item", "set", "file" });
        EXPECT_EQ(one["set"], one["id"] == id(1) ? "test" : "train");
        EXPECT_TRUE(std::filesystem::exists(one["file"].get<std::string>()));
    }
    ASSERT_EQ(taken["problems"].size(), 1u);
    EXPECT_THAT(taken["problems"][0].value("what", ""), HasSubstr("zebra"));
    EXPECT_EQ(take({ "--all" })["taken"].size(), 1u); // the zebra, to be labeled
    EXPECT_EQ(document({ "stats", "parts.percept" })["items"], 3);
    EXPECT_EQ(document({ "undo", "parts.percept" }).size(), document({ "redo", "parts.percept" }).size());
    EXPECT_EQ(document({ "check", "parts.percept" })["ok"], true);
}

TEST_F(FieldCli, wrong_calls_change_nothing)
{
    EXPECT_EQ(take({}, 2).value("code", ""), "usage");
    EXPECT_EQ(take({ id(1), "--all" }, 2).value("code", ""), "usage");
    EXPECT_EQ(take({ id(7) }, 1).value("code", ""), "not-found");
    EXPECT_EQ(take({ id(1), "--right", "--ignore" }, 2).value("code", ""), "usage");
    EXPECT_EQ(take({ id(1), "--ignore" }, 1).value("code", ""), "not-found") << "only a hub that runs can be told";
    EXPECT_EQ(document({ "stats", "parts.percept" })["items"], 0);
}

TEST_F(FieldCli, a_comparison_needs_two_models)
{
    EXPECT_THAT(document({ "compare", "parts.percept", "r0001" }, 1).value("error", ""), HasSubstr("percept package"));
    EXPECT_EQ(document({ "compare", "parts.percept", "r0001", "--with", "r0002" }, 1).value("code", ""), "not-found");
    EXPECT_EQ(document({ "compare", "parts.percept" }, 2).value("code", ""), "usage");
    EXPECT_EQ(document({ "compare", "parts.percept", "r0001", "--with", "r0001" }, 2).value("code", ""), "usage") << "a model beside itself tells nothing";
}

}
}
