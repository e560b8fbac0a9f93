#include "core/device/stdio.h"
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
