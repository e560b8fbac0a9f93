// Whether what is to be rolled out is said to be worse than what runs.
#include "core/services/rollout_caution.h"
#include "tests/core/report/collect_fixture.h"

#include "tests/support/test_package.h"

#include <gmock/gmock.h>

namespace percept::report {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class RolloutCautionTest : public CollectTest {
protected:
    template <typename Before, typename Now>
    void makeVersions(int pictures, Before before, Now now, const std::string& group = {})
    {
        import(0, pictures, SplitSet::Test, group);
        addRun("r0001", before, "1.0");
        addRun("r0002", now, "1.1");
        ASSERT_TRUE(m_store->addModelVersion("r0001", "packages/a.ppkg").hasValue());
        ASSERT_TRUE(m_store->addModelVersion("r0002", "packages/b.ppkg").hasValue());
    }
    services::RolloutCaution compared(const std::string& now, const std::string& against)
    {
        auto caution = services::compareBeforeRollout(m_project, now, against, {}, {});
        EXPECT_TRUE(caution.hasValue()) << caution.error().message;
        return caution.hasValue() ? *caution : services::RolloutCaution();
    }
};

TEST_F(RolloutCautionTest, AWorseModelIsSaidToBe)
{
    makeVersions(30, kAll, kFour);
    const auto caution = compared("1.1", "1.0");
    EXPECT_TRUE(caution.isLower);
    EXPECT_TRUE(caution.isProven);
    EXPECT_EQ(caution.pictures, 30);
    EXPECT_LT(caution.high, 0);
    EXPECT_THAT(caution.words, StartsWith("Version 1.1 scores lower than version 1.0, which runs: AP50 −50.0 points ("));
    EXPECT_THAT(caution.words, HasSubstr("30 pictures) on today's test set. That is more than chance."));
}

TEST_F(RolloutCautionTest, ABetterOneIsNot)
{
    makeVersions(30, kFour, kAll);
    const auto caution = compared("1.1", "1.0");
    EXPECT_FALSE(caution.isLower);
    EXPECT_GT(caution.points, 0);
    EXPECT_THAT(caution.words, IsEmpty());
    EXPECT_FALSE(compared("1.0", "1.0").isLower) << "as good";
}

// One object of one picture less: lower, and that may be chance.
TEST_F(RolloutCautionTest, ADifferenceThatChanceMakesIsCalledThat)
{
    makeVersions(30, kAll, [](int i, int k) { return !(i == 3 && k == 0); });
    const auto caution = compared("1.1", "1.0");
    EXPECT_TRUE(caution.isLower);
    EXPECT_FALSE(caution.isProven);
    EXPECT_THAT(caution.words, HasSubstr("; that may be chance."));
}

// AP50 asks for no threshold: the same model that ships with one that nearly nothing reaches is as good by it.
TEST_F(RolloutCautionTest, AThresholdThatNothingReachesIsSaid)
{
    makeVersions(30, kMost, kMost);
    setThresholds("r0002", 0.95);
    const auto caution = compared("1.1", "1.0");
    EXPECT_TRUE(caution.isLower);
    EXPECT_TRUE(caution.isProven);
    EXPECT_EQ(caution.points, 0);
    EXPECT_EQ(caution.foundNow, 0);
    EXPECT_DOUBLE_EQ(caution.foundAgainst, 0.9);
    EXPECT_EQ(caution.words, "Version 1.1 finds 0 of 100 objects of today's test set; version 1.0, which runs, finds 90. Each at the thresholds that it ships with.");
    EXPECT_FALSE(compared("1.0", "1.1").isLower) << "it finds more, and the boxes below are right";
}

TEST_F(RolloutCautionTest, MoreFalseAlarmsAreSaid)
{
    makeVersions(30, kAll, kAll);
    setThresholds("r0002", 0.3); // each picture has one answer at 0.4 that is none
    const auto caution = compared("1.1", "1.0");
    EXPECT_TRUE(caution.isLower);
    EXPECT_EQ(caution.words,
        "Version 1.1 has 100 false alarms on 100 pictures of today's test set; version 1.0, which runs, has 0. Each at the thresholds that it ships with.");
}

TEST_F(RolloutCautionTest, PicturesOfOneMomentProveNothing)
{
    makeVersions(30, kAll, kFour, "one moment");
    setThresholds("r0002", 0.3);
    const auto caution = compared("1.1", "1.0");
    EXPECT_TRUE(caution.isLower);
    EXPECT_FALSE(caution.isProven);
    EXPECT_THAT(caution.words, HasSubstr("too few pictures to tell"));
    EXPECT_THAT(caution.words, testing::Not(HasSubstr("nan")));
}

TEST_F(RolloutCautionTest, OfAScoreAloneItIsSaidToo)
{
    makeVersions(9, kAll, [](int i, int k) { return !(i == 3 && k == 0); });
    EXPECT_THAT(compared("1.1", "1.0").words, testing::EndsWith("points (9 pictures) on today's test set; these are too few pictures to tell."));
}

TEST_F(RolloutCautionTest, WhatIsNotThereIsNamed)
{
    makeVersions(5, kAll, kAll);
    const auto missing = services::compareBeforeRollout(m_project, "1.1", "7.0", {}, {});
    ASSERT_TRUE(missing.hasError());
    EXPECT_THAT(missing.error().message, HasSubstr("7.0"));
}

TEST_F(RolloutCautionTest, AnotherProjectsModelThatMakesWayIsNamed)
{
    fleet::FleetState fleet;
    fleet::DeviceState device;
    device.name = "cam-1";
    device.ring = "test";
    device.running = fleet::NamedModel { "Cells", "1.2", std::string(64, 'b') };
    fleet.devices.push_back(device);
    const auto none = [](const fleet::NamedModel&) { return false; };
    EXPECT_EQ(services::otherModelWords(fleet, m_root / "fleet", none), "Another project's model runs there (Cells, version 1.2): this one takes its place.");
    fs::create_directories(m_root / "fleet" / "packages");
    auto manifest = test::testManifest(test::testSpec(), "1.2");
    manifest.createdMs = 1'790'000'000'000;
    ASSERT_TRUE(packaging::writePackage(m_root / "fleet" / "packages" / (std::string(64, 'b') + ".ppkg"), manifest, test::testPackageFiles(test::testSpec()), test::testKey()).hasValue());
    EXPECT_THAT(services::otherModelWords(fleet, m_root / "fleet", none), HasSubstr("version 1.2, signed on 21 September 2026)"));
    EXPECT_THAT(services::otherModelWords(fleet, m_root / "fleet", [](const fleet::NamedModel&) { return true; }), IsEmpty());
}

TEST_F(RolloutCautionTest, ThePackageLeadsToItsProject)
{
    fs::create_directories(m_project / "packages");
    write(m_project / "packages" / "a.ppkg", "a package");
    write(m_root / "a.ppkg", "a package");
    EXPECT_EQ(services::projectOfPackage(m_project / "packages" / "a.ppkg"), fs::canonical(m_project));
    EXPECT_EQ(services::projectOfPackage(m_root / "a.ppkg"), fs::path());
}

}
}
