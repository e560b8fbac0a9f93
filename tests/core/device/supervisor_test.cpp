#include "core/device/supervisor.h"

#include "core/base/time.h"
#include "core/device/trial.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_device.h"

#include <atomic>
#include <fstream>
#include <gtest/gtest.h>
#include <thread>

// The supervisor over model processes that are shells: they load whatever they are told, and answer pictures as a test wants.
namespace percept::device {
namespace {

using nlohmann::json;

constexpr const char* kModel = R"({"ok":true,"model":{"name":"Shell","version":"1.0","sha256":"aa","labels":[],"thresholds":[],"releaseCounter":1}})";
constexpr const char* kGolden = R"({"ok":true,"maxScoreDifference":0,"maxBoxDifference":0,"ms":1})";

// `predict`: a shell command for every picture.
std::string shellModel(const std::string& predict, const std::string& load = kModel, const std::string& golden = kGolden)
{
    return "while read -r line; do case \"$line\" in *'\"load\"'*) echo '" + load + "';; *'\"golden\"'*) echo '" + golden + "';; *) " + predict
        + ";; esac; done";
}

std::string saying(const std::string& answer) { return "echo '" + answer + "'"; }

Supervisor::Options optionsFor(const std::string& script)
{
    Supervisor::Options options;
    options.program = "/bin/sh";
    options.arguments = { "-c", script };
    return options;
}

const json kPicture { { "id", 0 }, { "type", "predict" }, { "file", "a.png" } };
const ModelFile kFile { "/nowhere.ppkg", "aa" };

TEST(Supervisor, aModelThatAnswersNonsenseIsStartedAgainAndLeftInTheEnd)
{
    Metrics metrics;
    Supervisor supervisor(optionsFor(shellModel(saying("[]"))), metrics);
    const auto started = supervisor.start(kFile);
    ASSERT_TRUE(started.hasValue()) << started.error().message;
    for (int deaths = 1; deaths <= 3; ++deaths) {
        const auto answer = supervisor.ask(kPicture);
        ASSERT_TRUE(answer.hasError());
        EXPECT_NE(answer.error().message.find("makes no sense"), std::string::npos) << answer.error().message;
        EXPECT_TRUE(supervisor.isServing());
        EXPECT_EQ(metrics.totals().restarts, deaths);
        EXPECT_TRUE(supervisor.ask({ { "type", "golden" } }).hasValue());
    }
    EXPECT_TRUE(supervisor.ask(kPicture).hasError());
    EXPECT_TRUE(supervisor.fatal().has_value());
}

TEST(Supervisor, aModelThatLoadsOrComparesWithNonsenseIsNotServed)
{
    const std::pair<const char*, const char*> cases[] { { "[]", kGolden }, { R"({"ok":true,"model":{"sha256":7}})", kGolden }, { kModel, "[]" },
        { kModel, R"({"ok":true,"maxScoreDifference":null,"maxBoxDifference":0})" } };
    for (const auto& [load, golden] : cases) {
        Metrics metrics;
        Supervisor supervisor(optionsFor(shellModel(saying("{}"), load, golden)), metrics);
        EXPECT_TRUE(supervisor.start(kFile).hasError()) << load << golden;
    }
}

TEST(Supervisor, aModelThatStopsReadingIsReplaced)
{
    Metrics metrics;
    auto options = optionsFor(shellModel("exec sleep 600"));
    options.answerTimeoutSeconds = 0.5;
    Supervisor supervisor(std::move(options), metrics);
    const auto started = supervisor.start(kFile);
    ASSERT_TRUE(started.hasValue()) << started.error().message;
    const double start = base::monotonicSeconds();
    const auto answer = supervisor.ask(kPicture, std::vector<std::uint8_t>(1u << 20));
    EXPECT_LT(base::monotonicSeconds() - start, 20);
    EXPECT_NE(answer.error().message.find("was started again"), std::string::npos) << answer.error().message;
    EXPECT_TRUE(supervisor.ask({ { "type", "golden" } }).hasValue());
}

// What comes over --stdio is relayed as it is.
TEST(Supervisor, aNameThatIsNoTextDoesNotEndIt)
{
    Metrics metrics;
    Supervisor supervisor(optionsFor(shellModel("exit 1")), metrics);
    const auto started = supervisor.start(kFile);
    ASSERT_TRUE(started.hasValue()) << started.error().message;
    EXPECT_TRUE(supervisor.ask({ { "type", "predict" }, { "file", 5 } }).hasError());
    EXPECT_TRUE(supervisor.isServing());
}

TEST(Supervisor, whatFailsAroundOnePictureCostsThatOne)
{
    Metrics metrics;
    Supervisor supervisor(optionsFor(shellModel(saying(R"({"ok":true,"predictions":[]})"))), metrics);
    const auto started = supervisor.start(kFile);
    ASSERT_TRUE(started.hasValue()) << started.error().message;
    supervisor.setObserver([](const Supervisor::Frame&) { throw std::bad_alloc(); });
    EXPECT_TRUE(supervisor.ask(kPicture).hasError());
    supervisor.setObserver({});
    EXPECT_TRUE(supervisor.ask(kPicture).hasValue());
    EXPECT_EQ(metrics.totals().restarts, 0);
}

// A model on trial beside one that answers "ms": 1.
class OnTrial : public ::testing::Test {
protected:
    OnTrial()
    {
        auto options = optionsFor(shellModel(saying(R"({"ok":true,"predictions":[],"ms":1})")));
        options.onTakenBack = [this](RefusalKind kind, const std::string& why) {
            m_why = why;
            m_takenBack = kind;
        };
        m_supervisor.emplace(std::move(options), m_metrics);
        EXPECT_TRUE(m_supervisor->start(kFile).hasValue());
    }
    // `predict`: as of shellModel().
    void adopt(const std::string& predict, double patienceSeconds)
    {
        auto child = ChildProcess::start("/bin/sh", { "-c", shellModel(predict) });
        ASSERT_TRUE(child.hasValue());
        json model = json::parse(kModel)["model"];
        model["version"] = "2.0";
        m_supervisor->adopt({ std::move(child).value(), std::move(model), kFile }, patienceSeconds);
    }
    // "ms" of who has answered; 0: nobody.
    double ask()
    {
        const auto answer = m_supervisor->ask(kPicture);
        return answer.hasValue() ? answer.value().value("ms", 0.0) : 0;
    }

    Metrics m_metrics;
    std::string m_why;
    std::atomic<std::optional<RefusalKind>> m_takenBack;
    std::optional<Supervisor> m_supervisor;
};

TEST_F(OnTrial, whatHangsCostsNobodyItsPatience)
{
    adopt("exec sleep 1000", 300);
    const double start = base::monotonicSeconds();
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(ask(), 1) << "the former answers";
    EXPECT_LT(base::monotonicSeconds() - start, 60);
    EXPECT_FALSE(m_supervisor->settle()) << "it owes an answer, so it is not well";
    EXPECT_FALSE(m_takenBack.load()) << "it still has its time";
    EXPECT_TRUE(m_supervisor->takeBack());
    EXPECT_EQ(ask(), 1);
}

TEST_F(OnTrial, whatHangsIsTakenBackWhenItsTimeIsOverThoughNobodyAsks)
{
    adopt("exec sleep 1000", 1);
    EXPECT_EQ(ask(), 1);
    EXPECT_TRUE(test::eventually([this] { return m_takenBack.load().has_value(); }, 60));
    EXPECT_EQ(m_takenBack.load(), RefusalKind::Hang) << m_why;
    EXPECT_EQ(ask(), 1);
    EXPECT_EQ(m_supervisor->model().value("version", ""), "1.0");
}

// What stands in the queue for a processor is not the model's fault; what sleeps is.
TEST(Trial, whatABusyMachineTakesDoesNotCountAgainstTheNewModel)
{
    test::TemporaryFolder proc;
    auto former = ChildProcess::start("/bin/sh", { "-c", shellModel(saying(R"({"ok":true,"predictions":[],"ms":1})")) }).value();
    const auto candidate = ChildProcess::start("/bin/sh", { "-c", shellModel("exec sleep 1000") }).value();
    const auto task = proc.path() / std::to_string(candidate->pid()) / "task" / "1";
    std::filesystem::create_directories(task);
    const auto say = [&](const char* text) { std::ofstream(task / "schedstat") << text; };
    say("0 0 1\n");
    constexpr double kPatience = 2;
    Trial trial({ std::move(former), json::parse(kModel)["model"], kFile }, kPatience, proc.path());
    EXPECT_TRUE(trial.ask(*candidate, kPicture, {}, 60).isFormers);
    say("0 1000000000000 1\n");
    std::this_thread::sleep_for(std::chrono::duration<double>(1.2 * kPatience));
    EXPECT_FALSE(trial.look(*candidate).has_value());
    EXPECT_TRUE(trial.owesAnswer());
    say("0 0 1\n");
    const auto failure = trial.look(*candidate);
    ASSERT_TRUE(failure.has_value());
    EXPECT_EQ(failure->kind, RefusalKind::Hang);
}

TEST_F(OnTrial, whatIsLateOnceGoesOn)
{
    adopt("sleep $((2 - n)); n=2; " + saying(R"({"ok":true,"predictions":[],"ms":2})"), 300);
    std::vector<std::string> observed;
    m_supervisor->setObserver([&](const Supervisor::Frame& frame) { observed.push_back(frame.model.value("version", "")); });
    EXPECT_EQ(ask(), 1) << "the former answers for it";
    EXPECT_TRUE(test::eventually([this] { return ask() == 2; }, 60)) << "it was given up";
    EXPECT_FALSE(m_takenBack.load()) << m_why;
    EXPECT_TRUE(m_supervisor->settle());
    EXPECT_EQ(ask(), 2);
    m_supervisor->setObserver({});
    EXPECT_EQ(observed.front(), "1.0") << "what is counted, is counted for who has answered";
    EXPECT_EQ(observed.back(), "2.0");
}

}
}
