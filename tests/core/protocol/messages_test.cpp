#include "core/protocol/decode_messages.h"
#include "core/protocol/edge_messages.h"
#include "core/protocol/json_fields.h"
#include "core/protocol/model_spec.h"
#include "core/protocol/run_config.h"
#include "core/protocol/trainer_messages.h"

#include <gtest/gtest.h>
#include <limits>

using namespace percept;
using namespace percept::protocol;

TEST(TrainerMessages, roundTrip)
{
    const TrainerMessage sent = SampleMessage { 3, { { 7, "/a.jpg", { { 1, 0.5, { 1, 2, 3, 4 } } } } } };
    const auto got = decodeTrainerMessage(encode(sent, 9));
    ASSERT_TRUE(got.hasValue());
    const auto& sample = std::get<SampleMessage>(got.value());
    EXPECT_EQ(sample.epoch, 3);
    ASSERT_EQ(sample.items.size(), 1u);
    EXPECT_EQ(sample.items[0].item, 7);
    EXPECT_EQ(sample.items[0].detections[0].box, (domain::Box { 1, 2, 3, 4 }));
}

TEST(TrainerMessages, aDivergedValueIsNull)
{
    const std::string line = encode(MetricMessage { "train/loss", 4, 0.5, std::numeric_limits<double>::quiet_NaN() }, 1);
    EXPECT_NE(line.find("\"value\":null"), std::string::npos);
    EXPECT_FALSE(std::get<MetricMessage>(decodeTrainerMessage(line).value()).value.has_value());
}

TEST(TrainerMessages, garbageIsAnErrorAndTheUnknownIsNotFound)
{
    EXPECT_TRUE(decodeTrainerMessage("garbage").hasError());
    EXPECT_TRUE(decodeTrainerMessage("[1,2]").hasError());
    EXPECT_TRUE(decodeTrainerMessage(R"({"type":"progress","epoch":"x"})").hasError());
    EXPECT_TRUE(decodeTrainerMessage(std::string(100'000, '[')).hasError());
    const auto unknown = decodeTrainerMessage(R"({"type":"weather"})");
    ASSERT_TRUE(unknown.hasError());
    EXPECT_EQ(unknown.error().code, base::ErrorCode::NotFound);
}

TEST(TrainerCommands, roundTrip)
{
    for (const auto command : { TrainerCommand::Stop, TrainerCommand::Pause, TrainerCommand::Resume, TrainerCommand::Checkpoint })
        EXPECT_EQ(decodeTrainerCommand(encode(command)).value(), command);
    EXPECT_TRUE(decodeTrainerCommand(R"({"type":"dance"})").hasError());
}

TEST(RunConfig, roundTripsAndNamesTheBadField)
{
    RunConfig config;
    config.run = "r0001";
    config.epochs = 16;
    config.seed = 5;
    EXPECT_EQ(runConfigFromJson(toJson(config)).value(), config);

    auto json = toJson(config);
    json["batchSize"] = 0;
    const auto bad = runConfigFromJson(json);
    ASSERT_TRUE(bad.hasError());
    EXPECT_NE(bad.error().message.find("batchSize"), std::string::npos);
    json = toJson(config);
    json.erase("epochs");
    EXPECT_TRUE(runConfigFromJson(json).hasError());
}

TEST(Snapshot, neverHoldsTestItemsOrBoxesWithoutArea)
{
    SnapshotItem item { 1, 0, "/a.jpg", "", domain::SplitSet::Train, 10, 10, { { 0, { 1, 1, 2, 2 } } } };
    EXPECT_EQ(snapshotItemFromJson(toJson(item)).value(), item);
    auto json = toJson(item);
    json["set"] = "test";
    EXPECT_TRUE(snapshotItemFromJson(json).hasError());
    item.boxes[0].box.w = 0;
    EXPECT_TRUE(snapshotItemFromJson(toJson(item)).hasError());
}

TEST(ModelSpec, roundTripsAndChecksRanges)
{
    ModelSpec spec;
    spec.labels = { { { 3 }, "RBC", 0.4 } };
    spec.inputWidth = 416;
    spec.inputHeight = 320;
    EXPECT_EQ(modelSpecFromJson(toJson(spec)).value(), spec);
    auto old = toJson(spec); // of before there was more than greedy suppression: it goes on answering as it was scored
    old["postprocess"].erase("softSigma");
    old["postprocess"].erase("voteIou");
    const auto read = modelSpecFromJson(old).value().postprocess;
    EXPECT_EQ(read.softSigma, 0);
    EXPECT_EQ(read.voteIou, 0);
    EXPECT_EQ(read.nmsIou, spec.postprocess.nmsIou);
    auto json = toJson(spec);
    json["input"]["resize"] = "other";
    EXPECT_TRUE(modelSpecFromJson(json).hasError());
    json = toJson(spec);
    json["labels"][0]["threshold"] = 7;
    EXPECT_TRUE(modelSpecFromJson(json).hasError());
    json = toJson(spec);
    json["input"]["width"] = 1 << 30;
    EXPECT_TRUE(modelSpecFromJson(json).hasError());
}

TEST(EdgeResult, roundTrips)
{
    const EdgeResult sent { "a.jpg", 10, 20, 1.5, { { "RBC", 0, 0.9, { 1, 2, 3, 4 } } } };
    const auto got = edgeResultFromJson(toJson(sent));
    ASSERT_TRUE(got.hasValue());
    EXPECT_EQ(got->predictions[0].box, sent.predictions[0].box);
    EXPECT_TRUE(edgeResultFromJson(nlohmann::json::parse(R"({"predictions":[{"label":"a","box":[1,2,3]}]})")).hasError());
}

TEST(DecodeMessages, roundTrip)
{
    DecodeRequest request;
    request.type = DecodeRequest::Type::Thumbnail;
    request.id = 7;
    request.files = { "/a.jpg", "/\xc3\xa4.png" };
    request.longSide = 64;
    const auto asked = decodeRequestFromLine(encode(request));
    ASSERT_TRUE(asked.hasValue()) << asked.error().message;
    EXPECT_EQ(asked->files, request.files);
    EXPECT_EQ(asked->longSide, 64);
    EXPECT_EQ(asked->type, request.type);

    DecodedPicture probed { 30, 20, "png", 6, 1234, std::string(64, 'a'), {} }, small { 2, 1, {}, 1, 0, {}, { 1, 2, 255, 4, 5, 6 } };
    const auto answer = decodeAnswerFromLine(encode(DecodeAnswer { 7, { probed, base::notFound("a.jpg is gone."), small } }));
    ASSERT_TRUE(answer.hasValue()) << answer.error().message;
    ASSERT_EQ(answer->pictures.size(), 3u);
    EXPECT_EQ(answer->pictures[0]->sha256, probed.sha256);
    EXPECT_EQ(answer->pictures[0]->orientation, 6);
    EXPECT_EQ(answer->pictures[0]->fileBytes, 1234);
    EXPECT_EQ(answer->pictures[1].error().code, base::ErrorCode::NotFound);
    EXPECT_EQ(answer->pictures[1].error().message, "a.jpg is gone.");
    EXPECT_EQ(answer->pictures[2]->rgb, small.rgb);
}

TEST(DecodeMessages, aDecoderThatWasTakenOverIsNotBelieved)
{
    const std::string hash(64, 'a');
    const auto answer = [](const std::string& picture) { return decodeAnswerFromLine(R"({"id":1,"ok":true,"pictures":[)" + picture + "]}"); };
    for (const std::string& facts : { std::string("png 1 1 1 5 "), "png 1 1 1 5 " + hash })
        EXPECT_TRUE(answer('"' + facts + '"').hasValue()) << facts;
    for (const std::string& facts : { std::string(), std::string("png"), std::string(" 1 1 1 5 "), std::string("png -1 2 1 5 "), std::string("png 1 1e30 1 5 "),
             std::string("png 1 99999999999 1 5 "), std::string("png 1 1 9 5 "), std::string("png 1 1 1 -5 "), std::string("png 1 1 1 5 ../../x"),
             "png 1 1 1 5 " + hash + "a", "png 1 1 1 " + hash, "png 1 1 1 5  " + hash, std::string("a-very-long-format 1 1 1 5 ") })
        EXPECT_TRUE(answer('"' + facts + '"').hasError()) << facts;
    for (const char* picture : { R"({"ok":true})", R"({"ok":true,"width":1,"height":1})", R"({"ok":true,"width":1,"height":1,"rgb":"?"})",
             R"({"ok":true,"width":2,"height":1,"rgb":"AQID"})", R"({"ok":true,"width":1000000000,"height":1000000000,"rgb":"AQID"})",
             R"({"ok":false})", "7" })
        EXPECT_TRUE(answer(picture).hasError()) << picture;
    EXPECT_TRUE(decodeAnswerFromLine(R"({"id":1,"ok":true})").hasError());
}
