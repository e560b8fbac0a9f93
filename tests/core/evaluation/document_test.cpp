#include "core/evaluation/evaluation_document.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace percept::evaluation {
namespace {

EvaluationImage sample()
{
    EvaluationImage image;
    image.item = 42;
    image.group = 7;
    image.name = "zellen \"ü\".jpg";
    image.width = 640;
    image.height = 480;
    image.truths = { { 1, { 0.1, 2.0 / 3, 10, 20 } }, { 0, { 5, 5, 50, 60 }, true, 1234.5 } };
    image.detections = { { 1, 0.1 + 0.2, { 0.125, 1e-7, 11, 19 } } };
    return image;
}

TEST(ImageLine, ComesBackBitForBit)
{
    const EvaluationImage image = sample();
    const std::string line = encodeImageLine(image);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto back = decodeImageLine(line);
    ASSERT_TRUE(back.hasValue()) << back.error().message;
    EXPECT_EQ(back->item, 42);
    EXPECT_EQ(back->group, 7);
    EXPECT_EQ(back->name, image.name);
    EXPECT_EQ(back->width, 640);
    ASSERT_EQ(back->truths.size(), 2u);
    EXPECT_EQ(back->truths[0].box, image.truths[0].box);
    EXPECT_LT(back->truths[0].area, 0);
    EXPECT_TRUE(back->truths[1].crowd);
    EXPECT_EQ(back->truths[1].area, 1234.5);
    ASSERT_EQ(back->detections.size(), 1u);
    EXPECT_EQ(back->detections[0].score, image.detections[0].score);
    EXPECT_EQ(back->detections[0].box, image.detections[0].box);
}

TEST(ImageLine, SurvivesNamesThatAreNotUtf8AndBoxesThatAreNotNumbers)
{
    EvaluationImage image = sample();
    image.name = "a\xff\n";
    image.detections.push_back({ 0, std::nan(""), { 0, 0, 1, 1 } });
    const auto back = decodeImageLine(encodeImageLine(image));
    ASSERT_TRUE(back.hasValue());
    EXPECT_EQ(back->detections.size(), 1u);
}

TEST(ImageLine, RefusesWhatIsNotOne)
{
    for (const char* line : { "", "{", "[]", "null", R"({"item":1})", R"({"item":"1","truths":[],"detections":[]})",
             R"({"item":1,"truths":[[0,1,2,3]],"detections":[]})", R"({"item":1,"truths":[[-1,1,2,3,4]],"detections":[]})",
             R"({"item":1,"truths":[[0.5,1,2,3,4]],"detections":[]})", R"({"item":1,"truths":[],"detections":[[0,1,2,3,4]]})",
             R"({"item":1,"truths":[],"detections":[[0,null,1,2,3,4]]})", R"({"item":1,"truths":[],"detections":[[0,1e400,1,2,3,4]]})",
             R"({"item":1,"truths":[],"detections":[["0",1,1,2,3,4]]})", R"({"item":1,"truths":{},"detections":[]})" }) {
        const auto result = decodeImageLine(line);
        ASSERT_TRUE(result.hasError()) << line;
        EXPECT_EQ(result.error().code, base::ErrorCode::Refused);
    }
}

TEST(EvaluationDocument, HoldsWhatTheCommandLinePromises)
{
    std::vector<EvaluationImage> images;
    for (int i = 0; i < 12; ++i) {
        EvaluationImage image;
        image.item = i + 1;
        image.truths = { { 0, { 0, 0, 40, 40 } }, { 1, { 100, 0, 40, 40 } } };
        image.detections = { { 0, 0.9, { 0, 0, 40, 40 } } };
        if (i % 3 != 0)
            image.detections.push_back({ 1, 0.6, { 100, 0, 40, 40 } });
        images.push_back(image);
    }
    const auto document = evaluationDocument(images, { "RBC", "WBC", "none" }, { 0.5, 0.5, 0.5 }, 100, 3);
    EXPECT_EQ(document["items"], 12);
    EXPECT_EQ(document["objects"], 24);
    const auto& metrics = document["metrics"];
    const CocoSummary coco = evaluateCoco(images, 3);
    EXPECT_DOUBLE_EQ(metrics["map50"]["value"], coco.map50);
    for (const char* name : { "map", "map50", "map75" }) {
        EXPECT_LE(metrics[name]["low"].get<double>(), metrics[name]["value"].get<double>());
        EXPECT_GE(metrics[name]["high"].get<double>(), metrics[name]["value"].get<double>());
    }
    for (const char* name : { "map_small", "map_medium", "map_large", "ar1", "ar10", "ar100", "ar_small", "ar_medium", "ar_large" })
        EXPECT_TRUE(metrics[name]["value"].is_number()) << name;
    EXPECT_EQ(metrics["map_small"]["value"], -1);
    EXPECT_DOUBLE_EQ(metrics["found"]["value"], 20.0 / 24);
    ASSERT_EQ(document["per_class"].size(), 3u);
    EXPECT_EQ(document["per_class"][1]["label"], "WBC");
    EXPECT_EQ(document["per_class"][1]["found"], 8);
    EXPECT_EQ(document["per_class"][1]["foundOf"], 12);
    EXPECT_EQ(document["per_class"][2]["map"], -1);
    EXPECT_TRUE(document["per_class"][2]["found_low"].is_null());
    EXPECT_EQ(document["thresholds"].size(), 3u);
}

}
}
