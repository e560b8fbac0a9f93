// Work on other threads that goes wrong: it ends as an error and never ends the program.
#include "app/studio/background.h"
#include "app/studio/frame/background_reader.h"
#include "app/studio/frame/job_list.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_project.h"

#include <QTest>
#include <atomic>
#include <gtest/gtest.h>
#include <stdexcept>

namespace percept::studio {
namespace {

constexpr int kLongMs = 20'000;

TEST(Background, AJobThatThrowsFails)
{
    JobList jobs;
    QObject receiver;
    std::optional<base::Error> error;
    Job* job = jobs.start<int>({ QStringLiteral("Work"), {}, {} }, &receiver,
        [](const base::ProgressFn&, const base::CancelToken&) -> base::Result<int> { throw std::out_of_range("map::at"); },
        [&](const base::Result<int>& done) { error = done.error(); });
    ASSERT_TRUE(QTest::qWaitFor([&] { return error.has_value(); }, kLongMs));
    EXPECT_EQ(job->state(), Job::State::Failed);
    EXPECT_NE(error->message.find("map::at"), std::string::npos) << error->message;
    EXPECT_EQ(job->error().toStdString(), error->message);
}

TEST(Background, ShortWorkThatThrowsIsAnErrorWhereItCanBeOne)
{
    QObject receiver;
    bool isTold = false, hasFailed = false;
    runInBackground(&receiver, []() -> int { throw 7; }, [&](int) { isTold = true; });
    runInBackground(
        &receiver, []() -> base::Result<void> { throw std::runtime_error("no"); }, [&](const base::Result<void>& done) { hasFailed = done.hasError(); });
    ASSERT_TRUE(QTest::qWaitFor([&] { return hasFailed; }, kLongMs));
    QThreadPool::globalInstance()->waitForDone();
    QCoreApplication::processEvents();
    EXPECT_FALSE(isTold) << "there is no number to give";
}

class ReaderTest : public testing::Test {
protected:
    ReaderTest()
    {
        test::makeSquaresProject(folder / "s.percept", folder / "pictures", 3);
    }
    BackgroundReader::Open open()
    {
        return [this]() -> base::Result<std::unique_ptr<dataset::ProjectReader>> {
            ++tries;
            if (!isThere)
                return base::failed("The disk is not there.");
            return dataset::ProjectReader::open(folder / "s.percept");
        };
    }
    BackgroundReader::Report report()
    {
        return [this](const base::Error& error) { told.push_back(error.message); };
    }
    void ask(BackgroundReader& reader)
    {
        reader.post([this](dataset::ProjectReader& project) {
            const auto items = project.readItemIds({}).valueOr({}).size();
            return [this, items] { answers.push_back(items); };
        });
    }

    test::TemporaryFolder folder;
    std::atomic<bool> isThere = false;
    std::atomic<int> tries = 0;
    std::vector<std::string> told;
    std::vector<std::size_t> answers;
};

TEST_F(ReaderTest, WaitsForAProjectThatCannotBeOpened)
{
    BackgroundReader reader(open(), report());
    ask(reader);
    ASSERT_TRUE(QTest::qWaitFor([&] { return told.size() == 1; }, kLongMs));
    EXPECT_EQ(told[0], "The disk is not there.");
    ask(reader);
    ASSERT_TRUE(QTest::qWaitFor([&] { return tries == 2; }, kLongMs));
    isThere = true;
    ask(reader);
    ASSERT_TRUE(QTest::qWaitFor([&] { return answers.size() == 3; }, kLongMs)) << "no task is lost";
    EXPECT_EQ(answers, (std::vector<std::size_t> { 3, 3, 3 }));
    EXPECT_EQ(told.size(), 1u) << "told once";
}

TEST_F(ReaderTest, ATaskThatThrowsIsToldAndTheNextIsDone)
{
    isThere = true;
    BackgroundReader reader(open(), report());
    reader.post([](dataset::ProjectReader&) -> std::function<void()> { throw std::out_of_range("map::at"); });
    ask(reader);
    ASSERT_TRUE(QTest::qWaitFor([&] { return answers.size() == 1; }, kLongMs));
    ASSERT_EQ(told.size(), 1u);
    EXPECT_NE(told[0].find("map::at"), std::string::npos);
}

}
}
