#include "core/runs/process.h"
#include "tests/core/runs/fake_programs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace percept::runs {
namespace {

using testing::HasSubstr;
using testing_support::FakePrograms;

struct EdgeProcessTest : testing::Test {
    FakePrograms fake { "--edge" };
    std::unique_ptr<EdgeProcess> edge = EdgeProcess::start().value();
};

TEST_F(EdgeProcessTest, loads_and_predicts)
{
    const auto model = edge->load("/models/a.ppkg");
    ASSERT_TRUE(model.hasValue());
    EXPECT_EQ(model->labels, std::vector<std::string> { "a" });
    const auto result = edge->predict("/pictures/a.jpg", 0.02);
    ASSERT_TRUE(result.hasValue());
    ASSERT_EQ(result->predictions.size(), 1u);
    EXPECT_EQ(result->predictions[0].box, (domain::Box { 1, 2, 3, 4 }));
    const auto golden = edge->golden();
    ASSERT_TRUE(golden.hasValue());
    EXPECT_DOUBLE_EQ(golden->maxScoreDifference, 1e-6);
}

TEST_F(EdgeProcessTest, a_refusal_is_handed_on)
{
    ASSERT_TRUE(edge->load("m").hasValue());
    const auto result = edge->predict("refuse.jpg", {});
    ASSERT_TRUE(result.hasError());
    EXPECT_EQ(result.error().code, base::ErrorCode::Refused);
    EXPECT_EQ(result.error().message, "This is no picture.");
}

TEST_F(EdgeProcessTest, a_crash_costs_one_call_and_the_model_comes_back)
{
    ASSERT_TRUE(edge->load("m").hasValue());
    const auto bad = edge->predict("crash.jpg", {});
    ASSERT_TRUE(bad.hasError());
    EXPECT_THAT(bad.error().message, HasSubstr("crash.jpg"));
    EXPECT_THAT(bad.error().message, HasSubstr("SIGSEGV"));
    EXPECT_TRUE(edge->predict("good.jpg", {}).hasValue()) << "the new process must have been given the model again";
}

TEST_F(EdgeProcessTest, stop_ends_a_call_that_hangs)
{
    ASSERT_TRUE(edge->load("m").hasValue());
    std::thread other([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        edge->stop();
    });
    const auto result = edge->predict("hang.jpg", {});
    other.join();
    ASSERT_TRUE(result.hasError());
    EXPECT_EQ(result.error().code, base::ErrorCode::Cancelled);
    EXPECT_EQ(edge->predict("good.jpg", {}).error().code, base::ErrorCode::Cancelled);
}

TEST_F(EdgeProcessTest, lines_that_answer_nothing_are_passed_over)
{
    fake.behave("--garbage --edge");
    EXPECT_TRUE(edge->load("m").hasValue());
}

TEST_F(EdgeProcessTest, a_program_that_always_dies_is_an_error_each_time)
{
    fake.behave("--exit 3");
    EXPECT_TRUE(edge->load("m").hasError());
    EXPECT_TRUE(edge->load("m").hasError());
}

TEST(EdgeProcess, a_missing_program_is_said)
{
    FakePrograms fake("");
    std::filesystem::remove(fake.folder() / "percept-edge");
    const auto edge = EdgeProcess::start();
    ASSERT_TRUE(edge.hasError());
    EXPECT_THAT(edge.error().message, HasSubstr("percept-edge"));
}

}
}
