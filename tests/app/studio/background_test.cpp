// Work on other threads that goes wrong: it ends as an error and never ends the program.
#include "app/studio/background.h"
#include "app/studio/frame/job_list.h"

#include <QTest>
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

}
}
