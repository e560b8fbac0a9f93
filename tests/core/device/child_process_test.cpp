#include "core/device/child_process.h"

#include "core/base/time.h"
#include "core/device/model_session.h"

#include <gtest/gtest.h>
#include <thread>

// What a supervisor makes of a model process that misbehaves; the processes are shells, without a model.
namespace percept::device {
namespace {

using nlohmann::json;

constexpr double kSoonSeconds = 20; // on a machine that has much else to do

std::unique_ptr<ChildProcess> shell(const std::string& script) { return ChildProcess::start("/bin/sh", { "-c", script }).value(); }

class DoesNotRead : public ::testing::TestWithParam<bool> { };

TEST_P(DoesNotRead, countsAsHung)
{
    const auto child = shell("exec sleep 600");
    json request { { "type", "predict" } };
    std::vector<std::uint8_t> payload;
    if (GetParam())
        payload.resize(1u << 20);
    else
        request["file"] = std::string(1u << 20, 'a');
    const double start = base::monotonicSeconds();
    const auto answer = child->ask(request, payload, 0.3);
    EXPECT_LT(base::monotonicSeconds() - start, kSoonSeconds);
    ASSERT_TRUE(answer.hasError());
    EXPECT_EQ(answer.error().code, base::ErrorCode::Failed);
    EXPECT_TRUE(child->hasTimedOut());
    EXPECT_FALSE(child->isAlive());
}

TEST_P(DoesNotRead, isNotWaitedForWhenWeAreToStop)
{
    const auto child = shell("exec sleep 600");
    const base::CancelToken cancel;
    std::thread stopping([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        cancel.cancel();
    });
    const double start = base::monotonicSeconds();
    const auto answer = child->ask({ { "type", "predict" } }, std::vector<std::uint8_t>(GetParam() ? 1u << 20 : 0), 600, cancel);
    stopping.join();
    EXPECT_LT(base::monotonicSeconds() - start, kSoonSeconds);
    EXPECT_EQ(answer.error().code, base::ErrorCode::Cancelled);
    EXPECT_FALSE(child->hasTimedOut());
}

INSTANTIATE_TEST_SUITE_P(Parts, DoesNotRead, ::testing::Bool(), [](const auto& info) { return info.param ? "aPicture" : "aLine"; });

TEST(ChildProcess, takesAPictureThatIsLargerThanAPipe)
{
    const auto child = shell("read -r line; head -c 5000000 | wc -c >&2; echo '{\"ok\":true,\"predictions\":[]}'; exec sleep 600");
    const auto answer = child->ask({ { "type", "predict" } }, std::vector<std::uint8_t>(5'000'000), 60);
    ASSERT_TRUE(answer.hasValue()) << answer.error().message;
    EXPECT_TRUE(child->isAlive());
}

TEST(ChildProcess, oneThatHasGoneCanBeAskedAgainElsewhere)
{
    const auto child = shell("exit 3");
    while (child->isAlive())
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const auto answer = child->ask({ { "type", "predict" } }, {}, 60);
    EXPECT_EQ(answer.error().code, base::ErrorCode::Conflict);
    EXPECT_NE(answer.error().message.find("status 3"), std::string::npos);
}

struct Nonsense {
    const char *type, *answer;
};

constexpr Nonsense kNonsense[] { { "predict", "[]" }, { "predict", "5" }, { "predict", "null" }, { "predict", "{" },
        { "predict", "{}" }, { "predict", R"({"ok":1})" }, { "predict", R"({"ok":"yes"})" },
        { "predict", R"({"ok":false,"error":5})" }, { "predict", R"({"ok":false,"code":[]})" },
        { "predict", R"({"ok":true})" }, { "predict", R"({"ok":true,"predictions":{}})" },
        { "predict", R"({"ok":true,"predictions":[1]})" }, { "predict", R"({"ok":true,"predictions":[],"measured":5})" },
        { "load", R"({"ok":true})" }, { "load", R"({"ok":true,"model":[]})" },
        { "load", R"({"ok":true,"model":{"sha256":5,"name":"a","version":"1","labels":[],"thresholds":[]}})" },
        { "load", R"({"ok":true,"model":{"sha256":"","name":"a","version":"1","labels":[],"thresholds":["a"]}})" },
        { "load", R"({"ok":true,"model":{"sha256":"","name":"a","version":"1","labels":[],"thresholds":[],"releaseCounter":"1"}})" },
        { "model", R"({"ok":true,"model":{"sha256":""}})" }, { "golden", R"({"ok":true,"maxScoreDifference":"0"})" },
        { "golden", R"({"ok":true,"ms":[]})" }, { "picture", R"({"ok":true,"width":"1","height":1,"jpeg":""})" },
        { "picture", R"({"ok":true,"width":1,"height":1,"jpeg":5})" } };

TEST(ChildProcess, oneThatAnswersNonsenseIsABadOne)
{
    for (const auto& [type, text] : kNonsense) {
        SCOPED_TRACE(text);
        const auto child = shell(std::string("read -r line; echo '") + text + "'; exec sleep 600");
        const auto answer = child->ask({ { "type", type }, { "file", 5 } }, {}, 60);
        ASSERT_TRUE(answer.hasError()) << answer.value();
        EXPECT_EQ(answer.error().code, base::ErrorCode::Failed);
        EXPECT_NE(answer.error().message.find("makes no sense"), std::string::npos) << answer.error().message;
        EXPECT_FALSE(child->isAlive());
        EXPECT_FALSE(child->hasTimedOut());
    }
}

TEST(ChildProcess, anErrorIsAnAnswerAndTheChildGoesOn)
{
    const auto child = shell(R"(read -r line; echo '{"ok":false,"error":"It is broken.","code":"refused"}'; exec sleep 600)");
    const auto answer = child->ask({ { "type", "predict" } }, {}, 60);
    ASSERT_TRUE(answer.hasValue()) << answer.error().message;
    EXPECT_EQ(errorOfAnswer(answer.value())->message, "It is broken.");
    EXPECT_EQ(errorOfAnswer(answer.value())->code, base::ErrorCode::Refused);
    EXPECT_TRUE(child->isAlive());
}

TEST(ErrorOfAnswer, whatIsNoAnswerIsAnError)
{
    for (const json& answer : { json(), json::array(), json(5), json::object(), json { { "ok", 1 } }, json { { "ok", false }, { "error", 5 } } })
        EXPECT_TRUE(errorOfAnswer(answer).has_value()) << answer;
    EXPECT_FALSE(errorOfAnswer({ { "ok", true } }).has_value());
}

}
}
