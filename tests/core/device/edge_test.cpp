#include "core/base/files.h"
#include "core/media/picture.h"
#include "tests/core/device/edge_process.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"

#include <gtest/gtest.h>

// percept-edge --stdio, as core/protocol/edge_messages.h promises it.
namespace percept::test {
namespace {

using nlohmann::json;

class Stdio : public ::testing::Test {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(makeTestPackage(m_folder / "a.ppkg").hasValue());
        const auto png = media::encodePng(testPicture(192, 128, { { 32, 32, 16, 0 }, { 112, 64, 16, 1 } }));
        ASSERT_TRUE(base::atomicWrite(m_folder / "a.png", std::span<const std::uint8_t>(png.value())).hasValue());
    }
    json load() { return m_edge.ask({ { "id", 1 }, { "type", "load" }, { "package", (m_folder / "a.ppkg").string() } }); }

    TemporaryFolder m_folder;
    EdgeProcess m_edge { { "--stdio", "--threads", "1" } };
};

TEST_F(Stdio, loadsPredictsComparesAndEnds)
{
    const json loaded = load();
    ASSERT_TRUE(loaded.value("ok", false)) << loaded;
    EXPECT_EQ(loaded["id"], 1);
    EXPECT_EQ(loaded["model"]["name"], "Coloured squares");
    EXPECT_EQ(loaded["model"]["version"], "1.0");
    EXPECT_EQ(loaded["model"]["labels"], (json { "red", "blue" }));
    EXPECT_EQ(loaded["model"]["thresholds"], (json { 0.5, 0.5 }));
    const json predicted = m_edge.ask({ { "id", 2 }, { "type", "predict" }, { "file", (m_folder / "a.png").string() } });
    ASSERT_TRUE(predicted.value("ok", false)) << predicted;
    EXPECT_EQ(predicted["width"], 192);
    EXPECT_EQ(predicted["height"], 128);
    ASSERT_EQ(predicted["predictions"].size(), 2u);
    EXPECT_GT(predicted["ms"], 0);
    const json more = m_edge.ask({ { "id", 3 }, { "type", "predict" }, { "file", (m_folder / "a.png").string() }, { "minScore", 0.001 } });
    EXPECT_GE(more["predictions"].size(), 2u);
    const json features = m_edge.ask({ { "id", 4 }, { "type", "features" }, { "file", (m_folder / "a.png").string() } });
    EXPECT_EQ(features["features"].size(), 16u);
    const json golden = m_edge.ask({ { "id", 5 }, { "type", "golden" } });
    ASSERT_TRUE(golden.value("ok", false)) << golden;
    EXPECT_LE(golden["maxScoreDifference"], 1e-4);
    EXPECT_LE(golden["maxBoxDifference"], 0.5);
    m_edge.closeInput();
    EXPECT_EQ(m_edge.wait(), 0);
}

TEST_F(Stdio, loadsTheFolderOfADraft)
{
    ASSERT_TRUE(makeTestDraft(m_folder / "draft").hasValue());
    const json loaded = m_edge.ask({ { "id", 1 }, { "type", "load" }, { "package", (m_folder / "draft").string() } });
    ASSERT_TRUE(loaded.value("ok", false)) << loaded;
    EXPECT_EQ(loaded["model"]["version"], "draft");
}

TEST_F(Stdio, aRequestThatFailsGetsASentenceAndTheProcessGoesOn)
{
    EXPECT_FALSE(m_edge.ask({ { "id", 1 }, { "type", "predict" }, { "file", "/nowhere.png" } }).value("ok", true));
    ASSERT_TRUE(load().value("ok", false));
    ASSERT_TRUE(base::atomicWrite(m_folder / "page.jpg", std::string_view("<html><body>not a picture</body></html>")).hasValue());
    const auto whole = base::readFile(m_folder / "a.png").value();
    ASSERT_TRUE(base::atomicWrite(m_folder / "half.png", std::span(whole).first(whole.size() / 2)).hasValue());
    ASSERT_TRUE(base::atomicWrite(m_folder / "empty.jpg", std::string_view()).hasValue());
    for (const char* name : { "page.jpg", "half.png", "empty.jpg", "missing.jpg", "." }) {
        const json answer = m_edge.ask({ { "id", 7 }, { "type", "predict" }, { "file", (m_folder / name).string() } });
        EXPECT_FALSE(answer.value("ok", true)) << name;
        EXPECT_EQ(answer["id"], 7);
        EXPECT_GT(answer.value("error", "").size(), 15u) << name;
    }
    EXPECT_EQ(m_edge.ask({ { "id", 8 }, { "type", "predict" }, { "file", (m_folder / "missing.jpg").string() } })["code"], "not-found");
    for (const char* line : { "", "hello", "[]", "{}", "{\"id\":1}", "{\"id\":1,\"type\":5}", "{\"id\":1,\"type\":\"fly\"}",
             "{\"id\":1,\"type\":\"predict\"}", "{\"id\":1,\"type\":\"predict\",\"file\":\"a\",\"minScore\":\"x\"}", "\xff\xfe" }) {
        m_edge.writeLine(line);
        const auto answer = m_edge.readLine();
        ASSERT_TRUE(answer.has_value()) << line;
        EXPECT_FALSE(json::parse(*answer).value("ok", true)) << line;
    }
    m_edge.writeLine(std::string(100'000, '['));
    EXPECT_FALSE(json::parse(m_edge.readLine().value_or("{}")).value("ok", true));
    EXPECT_TRUE(m_edge.ask({ { "id", 9 }, { "type", "predict" }, { "file", (m_folder / "a.png").string() } }).value("ok", false));
}

TEST_F(Stdio, aPackageThatIsRefusedLeavesTheModelThatAnswers)
{
    ASSERT_TRUE(load().value("ok", false));
    auto bytes = base::readFile(m_folder / "a.ppkg").value();
    bytes[bytes.size() / 2] ^= 1;
    ASSERT_TRUE(base::atomicWrite(m_folder / "bad.ppkg", std::span<const std::uint8_t>(bytes)).hasValue());
    const json answer = m_edge.ask({ { "id", 2 }, { "type", "load" }, { "package", (m_folder / "bad.ppkg").string() } });
    EXPECT_FALSE(answer.value("ok", true));
    EXPECT_EQ(answer["code"], "refused");
    EXPECT_TRUE(m_edge.ask({ { "id", 3 }, { "type", "predict" }, { "file", (m_folder / "a.png").string() } }).value("ok", false));
}

TEST(CommandLine, wrongCallsAnswerTwo)
{
    for (const std::vector<std::string>& arguments : { std::vector<std::string> {}, { "--fly" }, { "run" }, { "enroll" }, { "enroll", "--state", "/tmp/x", "token" }, { "run", "--state", "/tmp/x", "--mqtt", "a" },
             { "run", "--state", "/tmp/x", "--device", "a" }, { "run", "--state", "/tmp/x", "--http", "127.0.0.1:0", "--trust", "a" },
             { "run", "--state", "/tmp/x", "--collect" }, { "run", "--state", "/tmp/x", "--package", "a.ppkg" } }) {
        EdgeProcess edge(arguments);
        EXPECT_EQ(edge.wait(), 2);
        EXPECT_FALSE(edge.errors().empty());
    }
    EdgeProcess help({ "run", "--help" });
    std::string text;
    while (const auto line = help.readLine())
        text += *line;
    EXPECT_EQ(help.wait(), 0);
    for (const char* there : { "--mqtt", "--device", "--collect", "--trust" })
        EXPECT_NE(text.find(there), std::string::npos) << there;
    for (const char* missing : { "--serve", "--memory-limit" })
        EXPECT_EQ(text.find(missing), std::string::npos) << missing;
}

}
}
