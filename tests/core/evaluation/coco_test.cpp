#include "core/evaluation/detection_metrics.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace percept::evaluation {
namespace {

struct Fixture {
    std::vector<EvaluationImage> images;
    int classes = 0;
    std::vector<double> stats;
    std::vector<std::array<double, 3>> perClass;
};

Fixture readFixture(const std::string& path)
{
    std::ifstream file(path);
    const auto json = nlohmann::json::parse(file);
    Fixture fixture;
    fixture.classes = json["classes"];
    fixture.stats = json["stats"].get<std::vector<double>>();
    fixture.perClass = json["per_class"].get<std::vector<std::array<double, 3>>>();
    for (const auto& line : json["images"]) {
        EvaluationImage image;
        image.item = line["item"];
        for (const auto& t : line["truths"])
            image.truths.push_back({ t[0], { t[1], t[2], t[3], t[4] }, t[5].get<int>() != 0, t[6] });
        for (const auto& d : line["detections"])
            image.detections.push_back({ d[0], d[1], { d[2], d[3], d[4], d[5] } });
        fixture.images.push_back(image);
    }
    return fixture;
}

std::vector<double> twelve(const CocoSummary& s)
{
    return { s.map, s.map50, s.map75, s.mapSmall, s.mapMedium, s.mapLarge, s.ar1, s.ar10, s.ar100, s.arSmall, s.arMedium,
        s.arLarge };
}

void expectAsPycocotools(const Fixture& fixture)
{
    const CocoSummary summary = evaluateCoco(fixture.images, fixture.classes);
    ASSERT_EQ(fixture.stats.size(), 12u);
    for (std::size_t i = 0; i < 12; ++i)
        EXPECT_NEAR(twelve(summary)[i], fixture.stats[i], 1e-9) << "number " << i;
    ASSERT_EQ(summary.mapPerClass.size(), fixture.perClass.size());
    for (std::size_t c = 0; c < fixture.perClass.size(); ++c) {
        EXPECT_NEAR(summary.mapPerClass[c], fixture.perClass[c][0], 1e-9);
        EXPECT_NEAR(summary.map50PerClass[c], fixture.perClass[c][1], 1e-9);
        EXPECT_NEAR(summary.map75PerClass[c], fixture.perClass[c][2], 1e-9);
    }
}

TEST(EvaluateCoco, GivesPycocotoolsNumbersOnTheStoredFixture)
{
    expectAsPycocotools(readFixture(PERCEPT_SOURCE_DIR "/tests/data/evaluation/coco.json"));
}

// A new random set each time it is asked, scored by pycocotools now.
TEST(EvaluateCoco, GivesPycocotoolsNumbersOnNewSets)
{
    const std::string python = "PYTHONPATH='" PERCEPT_DEPS_DIR "/witness' python3 ";
    if (std::system((python + "-c 'import pycocotools.cocoeval' 2>/dev/null").c_str()) != 0)
        GTEST_SKIP() << "pycocotools is not in " PERCEPT_DEPS_DIR "/witness; ./installer/test.sh puts it there";
    const std::string out = testing::TempDir() + "percept_coco_" + std::to_string(::getpid()) + ".json";
    for (const char* options : { "--seed 101", "--seed 102 --classes 1 --images 8", "--seed 103 --images 40 --detections 130 --classes 2" }) {
        const std::string command
            = python + "'" PERCEPT_SOURCE_DIR "/tests/core/evaluation/make_fixture.py' '" + out + "' " + options;
        ASSERT_EQ(std::system(command.c_str()), 0) << command;
        SCOPED_TRACE(options);
        expectAsPycocotools(readFixture(out));
    }
    std::remove(out.c_str());
}

TEST(EvaluateCoco, IsUndefinedWithoutTruths)
{
    EvaluationImage image;
    image.detections.push_back({ 0, 0.9, { 0, 0, 10, 10 } });
    for (const double v : twelve(evaluateCoco({ image }, 2)))
        EXPECT_EQ(v, -1);
    for (const double v : twelve(evaluateCoco({}, 2)))
        EXPECT_EQ(v, -1);
}

TEST(EvaluateCoco, CountsOneFoundOfTwoByHand)
{
    // Two medium objects, one found exactly: recall .5, so 51 of the 101 points have precision 1.
    EvaluationImage image;
    image.truths = { { 0, { 0, 0, 40, 40 } }, { 0, { 100, 100, 40, 40 } } };
    image.detections = { { 0, 0.9, { 0, 0, 40, 40 } } };
    const auto s = evaluateCoco({ image }, 1);
    EXPECT_NEAR(s.map, 51.0 / 101, 1e-12);
    EXPECT_NEAR(s.mapMedium, 51.0 / 101, 1e-12);
    EXPECT_EQ(s.mapSmall, -1);
    EXPECT_NEAR(s.ar100, 0.5, 1e-12);
}

// As pycocotools has it: both ends belong to a range.
TEST(EvaluateCoco, AnAreaOnTheLineCountsOnBothSides)
{
    EvaluationImage image;
    image.truths = { { 0, { 0, 0, 32, 32 } } };
    image.detections = { { 0, 0.9, { 0, 0, 32, 32 } } };
    auto s = evaluateCoco({ image }, 1);
    EXPECT_NEAR(s.mapSmall, 1, 1e-12);
    EXPECT_NEAR(s.mapMedium, 1, 1e-12);
    EXPECT_EQ(s.mapLarge, -1);
    image.truths[0].box = image.detections[0].box = { 0, 0, 96, 96 };
    s = evaluateCoco({ image }, 1);
    EXPECT_NEAR(s.mapMedium, 1, 1e-12);
    EXPECT_NEAR(s.mapLarge, 1, 1e-12);
}

TEST(EvaluateCoco, SkipsWhatIsNotANumberOrNotAClass)
{
    EvaluationImage image;
    image.truths = { { 0, { 0, 0, 40, 40 } }, { 7, { 0, 0, 5, 5 } } };
    image.detections = { { 0, std::nan(""), { 0, 0, 40, 40 } }, { -1, 0.9, { 0, 0, 40, 40 } }, { 0, 0.5, { 0, 0, 40, 40 } },
        { 0, 0.6, { 0, 0, std::nan(""), 40 } } };
    EXPECT_NEAR(evaluateCoco({ image }, 1).map, 1, 1e-12);
}

}
}
