#include "core/device/stdio.h"

#include "core/base/hash.h"
#include "core/media/picture.h"
#include "core/transport/line_pipe.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>

namespace percept::device {
namespace {

using nlohmann::json;

TEST(ModelSession, takesAPictureThatASupervisorSendsAlong)
{
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestPackage(folder / "a.ppkg").hasValue());
    ModelSession session({ 1 });
    const json loaded = session.answer({ { "id", 1 }, { "type", "load" }, { "package", (folder / "a.ppkg").string() } });
    ASSERT_TRUE(loaded.value("ok", false)) << loaded;
    const auto png = media::encodePng(test::testPicture(96, 64, { { 16, 16, 8, 0 } })).value();
    const json answer = session.answer({ { "id", 2 }, { "type", "predict" }, { "file", "picture" } }, png);
    ASSERT_TRUE(answer.value("ok", false)) << answer;
    EXPECT_EQ(answer["predictions"].size(), 1u);
}

TEST(ModelSession, measuresWithoutChangingTheAnswerAndMakesSmallerPictures)
{
    test::TemporaryFolder folder;
    ASSERT_TRUE(test::makeTestPackage(folder / "a.ppkg").hasValue());
    ModelSession session({ 1 });
    ASSERT_TRUE(session.answer({ { "id", 1 }, { "type", "load" }, { "package", (folder / "a.ppkg").string() } }).value("ok", false));
    const auto png = media::encodePng(test::testPicture(96, 64, { { 16, 16, 8, 0 } })).value();
    const json plain = session.answer({ { "id", 2 }, { "type", "predict" }, { "file", "picture" } }, png);
    json measured = session.answer({ { "id", 2 }, { "type", "predict" }, { "file", "picture" }, { "measure", true } }, png);
    EXPECT_EQ(measured["predictions"], plain["predictions"]);
    ASSERT_EQ(measured["measured"]["scores"].size(), 2u);
    EXPECT_EQ(measured["measured"]["scores"][0], plain["predictions"][0]["score"]);
    EXPECT_LT(measured["measured"]["scores"][1], 0.5); // under its threshold, and told all the same
    EXPECT_NEAR(measured["measured"]["brightness"].get<double>(), 0.5, 0.1);
    EXPECT_FALSE(plain.contains("measured"));
    const auto large = media::encodePng(test::testPicture(960, 640, { })).value();
    const json small = session.answer({ { "id", 3 }, { "type", "picture" }, { "file", "x" }, { "longSide", 96 }, { "boxes", plain["predictions"] } }, large);
    ASSERT_TRUE(small.value("ok", false)) << small;
    EXPECT_EQ(small["width"], 96);
    EXPECT_EQ(small["height"], 64);
    const auto jpeg = base::fromBase64(small["jpeg"].get<std::string>()).value();
    EXPECT_EQ(media::decodePicture(jpeg, "x")->cols, 96);
    const json nonsense = session.answer({ { "id", 4 }, { "type", "picture" }, { "file", "x" }, { "boxes", { 1, "a", nullptr } } }, large);
    EXPECT_TRUE(nonsense.value("ok", false)); // what is no box is left out
    EXPECT_FALSE(session.answer({ { "id", 5 }, { "type", "picture" }, { "file", "x" }, { "longSide", 1'000'000 } }, large).value("ok", true));
}

// Bytes between the lines: only where a supervisor may send them, and only as many as it says.
TEST(Stdio, payloadIsReadOnlyForASupervisor)
{
    for (const bool takesPayload : { true, false }) {
        int in[2], out[2];
        ASSERT_EQ(::pipe2(in, O_CLOEXEC), 0);
        ASSERT_EQ(::pipe2(out, O_CLOEXEC), 0);
        ASSERT_TRUE(transport::writeLine(in[1], R"({"id":1,"type":"golden","bytes":5})").hasValue());
        ASSERT_TRUE(transport::writeLine(in[1], "12345{\"id\":2,\"type\":\"golden\"}").hasValue());
        ::close(in[1]);
        ModelSession session({ 1 });
        EXPECT_EQ(serveStdio(session, in[0], out[1], { takesPayload }), 0);
        ::close(out[1]);
        transport::LineReader reader(out[0]);
        EXPECT_EQ(json::parse(*reader.readLine().value())["id"], 1);
        const json second = json::parse(*reader.readLine().value());
        EXPECT_EQ(second["id"], takesPayload ? json(2) : json());
        EXPECT_FALSE(reader.readLine().value().has_value());
        ::close(in[0]);
        ::close(out[0]);
    }
}

}
}
