// Whether what is to be rolled out is said to be worse than what runs.
#include "core/services/rollout_caution.h"
#include "tests/core/report/collect_fixture.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"

#include <cstdlib>
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
    // As if the run's model saw something that is not there, less surely than all else, on every `every`-th picture.
    void addAlarms(const std::string& run, int every)
    {
        const fs::path file = m_project / "runs" / run / "predictions-test.jsonl";
        std::ifstream in(file);
        std::string lines;
        int number = 0;
        for (std::string line; std::getline(in, line);) {
            auto image = evaluation::decodeImageLine(line).value();
            if (number++ % every == 0)
                image.detections.push_back({ 0, 0.35, place(kObjects) });
            lines += evaluation::encodeImageLine(image) + "\n";
        }
        write(file, lines);
    }
    // A finished picture that a device chose by chance.
    void takeChance(int number)
    {
        dataset::TakeFieldSample edit;
        const fs::path file = m_root / ("field" + std::to_string(number) + ".jpg");
        write(file, "field " + std::to_string(number));
        const std::string id = std::to_string(number);
        edit.sample = { std::string(32 - id.size(), '0') + id, "cam-1", "1.0", std::string(64, 'f'), "random", 120'000 * (1 + number), {} };
        edit.picture = { file, file.filename().string(), "hash" + id, 10, 400, 300 };
        edit.set = SplitSet::Test;
        edit.state = domain::ItemState::Done;
        for (int k = 0; k < kObjects; ++k) {
            domain::Annotation box;
            box.label = LabelId { k == 4 ? 2 : 1 };
            box.box = place(k);
            edit.boxes.push_back(box);
        }
        const std::vector<dataset::Edit> edits { edit };
        ASSERT_TRUE(m_store->apply(edits, "Took").hasValue());
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

// Ten of 100 objects less are clear enough to be said before AP50 is, also where four pictures prove nothing.
TEST_F(RolloutCautionTest, WhatIsClearIsSaidFirstAndNotCalledProven)
{
    makeVersions(4, kAll, [](int i, int k) { return !(i < 2 && k == 0); });
    const auto caution = compared("1.1", "1.0");
    EXPECT_TRUE(caution.isLower);
    EXPECT_FALSE(caution.isProven);
    EXPECT_THAT(caution.words, StartsWith("Version 1.1 finds 90 of 100 objects of today's test set; version 1.0, which runs, finds 100."));
}

TEST_F(RolloutCautionTest, FalseAlarmsOnAFewPicturesProveNothing)
{
    makeVersions(4, kAll, kAll);
    setThresholds("r0002", 0.3);
    EXPECT_FALSE(compared("1.1", "1.0").isLower);
}

// More of what there is plenty of already is said from a quarter more on.
TEST_F(RolloutCautionTest, AFewMoreFalseAlarmsAmongManyAreNotSaid)
{
    makeVersions(30, kAll, kAll);
    setThresholds("r0001", 0.3);
    setThresholds("r0002", 0.3); // both have one on each picture
    addAlarms("r0002", 5);
    EXPECT_FALSE(compared("1.1", "1.0").isLower) << "120 on 100 pictures";
    addAlarms("r0002", 5);
    EXPECT_TRUE(compared("1.1", "1.0").isLower) << "140";
}

// Better on the pictures that were gathered, worse on those of the field: that is where it will run.
TEST_F(RolloutCautionTest, WorseInTheFieldAloneIsSaid)
{
    import(0, 20, SplitSet::Test);
    for (int i = 0; i < 10; ++i)
        takeChance(i);
    addRun("r0001", [](int i, int k) { return i >= 20 || k < 4; }, "1.0"); // the first 20 are the imported ones
    addRun("r0002", [](int i, int k) { return i < 20 || k < 4; }, "1.1");
    ASSERT_TRUE(m_store->addModelVersion("r0001", "packages/a.ppkg").hasValue());
    ASSERT_TRUE(m_store->addModelVersion("r0002", "packages/b.ppkg").hasValue());
    const auto caution = compared("1.1", "1.0");
    EXPECT_GT(caution.points, 0);
    EXPECT_TRUE(caution.isLower);
    EXPECT_TRUE(caution.isProven);
    EXPECT_THAT(caution.words, HasSubstr("10 pictures) on pictures that devices chose by chance. That is more than chance."));
}

// Without their project packages are compared by what they carry.
class PackagesTest : public testing::Test {
protected:
    PackagesTest() { ::setenv("PERCEPT_CONFIG_DIR", (m_folder / "config").c_str(), 1); }
    fs::path package(const char* version, const char* set, double map50, std::optional<double> found)
    {
        auto manifest = test::testManifest(test::testSpec(), version);
        nlohmann::json metrics { { "map50", { { "value", map50 } } } };
        if (found)
            metrics["found"] = { { "value", *found } };
        manifest.metrics = { { set, { { "metrics", metrics } } } };
        const auto file = m_folder / (std::string(version) + ".ppkg");
        EXPECT_TRUE(packaging::writePackage(file, manifest, test::testPackageFiles(test::testSpec()), test::testKey()).hasValue());
        return file;
    }
    services::RolloutCaution compared(const fs::path& now, const fs::path& against) { return services::comparePackages(now, against).value(); }

    test::TemporaryFolder m_folder;
};

TEST_F(PackagesTest, AreComparedByWhatTheyCarry)
{
    const auto old = package("1.0", "test", 0.9, 0.88);
    EXPECT_THAT(compared(package("1.1", "test", 0.8, 0.88), old).words, StartsWith("Version 1.1 scores lower than version 1.0, which runs: AP50 0.800 against 0.900"));
    const auto caution = compared(package("1.2", "test", 0.95, 0.2), old);
    EXPECT_TRUE(caution.isLower) << "AP50 knows nothing of thresholds";
    EXPECT_FALSE(caution.isProven);
    EXPECT_THAT(caution.words, StartsWith("Version 1.2 finds 20 of 100 objects; version 1.0, which runs, finds 88:"));
    EXPECT_FALSE(compared(package("1.3", "test", 0.91, 0.85), old).isLower) << "3 of 100 less may be another day";
    EXPECT_FALSE(compared(package("1.4", "test", 0.91, std::nullopt), old).isLower) << "not said";
    EXPECT_FALSE(compared(package("1.5", "validation", 0.5, 0.5), old).isLower) << "another set is another measure";
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
