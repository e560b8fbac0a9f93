// The pool and real workers (`percept decode --stdio`). Faults are preloaded into the workers, see decode_fault.cpp.
#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/time.h"
#include "core/media/picture.h"
#include "core/runs/decode_pool.h"
#include "core/runs/process.h"
#include "tests/support/faulty_picture.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace percept::runs {
namespace {

using protocol::DecodeRequest;
using testing::HasSubstr;
using namespace std::chrono_literals;

class Decoding : public testing::Test {
protected:
    void SetUp() override
    {
        if (!test::hasProgram("percept"))
            GTEST_SKIP() << "percept is not built here: ninja percept";
        ::setenv("LD_PRELOAD", DECODE_FAULT, 1);
    }
    void TearDown() override { ::unsetenv("LD_PRELOAD"); }

    std::string write(const std::string& name, const std::vector<std::uint8_t>& bytes) const
    {
        EXPECT_TRUE(base::atomicWrite(m_folder / name, bytes).hasValue());
        return (m_folder / name).string();
    }
    std::string sound(const std::string& name) const { return write(name, test::faultyJpeg("nothing")); }
    std::string faulty(const std::string& what) const { return write(what + ".jpg", test::faultyJpeg(what)); }
    static DecodeRequest probe(std::vector<std::string> files)
    {
        DecodeRequest request;
        request.files = std::move(files);
        request.hash = true;
        return request;
    }
    static DecodePool::Options impatient(double seconds)
    {
        DecodePool::Options options;
        options.limitSeconds = seconds;
        return options;
    }
    static std::string reason(const base::Result<protocol::DecodedPicture>& picture)
    {
        return picture.hasError() ? picture.error().message : "";
    }

    test::TemporaryFolder m_folder;
};

// What the worker itself says and how it ends.
struct Talk {
    std::vector<std::string> lines;
    Ending ending;
};
Talk talk(const std::vector<std::string>& said)
{
    Talk heard;
    LineProcess::Options options;
    options.program = base::sisterProgram("percept");
    options.arguments = { "decode", "--stdio" };
    auto process = LineProcess::start(
        options, [&](std::string_view line) { heard.lines.emplace_back(line); }, [&](const Ending& ending) { heard.ending = ending; });
    for (const auto& line : said)
        process->writeLine(line);
    process->closeInput();
    process->wait();
    return heard;
}

TEST_F(Decoding, SaysWhatAnImportHasToKnow)
{
    DecodePool pool;
    const auto file = sound("a.jpg");
    const auto answer = pool.ask(probe({ file, sound("b.jpg"), (m_folder / "none.jpg").string() })).get();
    ASSERT_TRUE(answer.hasValue()) << answer.error().message;
    ASSERT_EQ(answer->size(), 3u);
    const auto& a = answer->at(0);
    ASSERT_TRUE(a.hasValue()) << a.error().message;
    EXPECT_EQ(a->width, 96);
    EXPECT_EQ(a->height, 64);
    EXPECT_EQ(a->format, "jpeg");
    EXPECT_EQ(a->fileBytes, static_cast<std::int64_t>(std::filesystem::file_size(file)));
    EXPECT_EQ(a->sha256, base::sha256OfFile(file).value());
    EXPECT_TRUE(answer->at(1).hasValue());
    EXPECT_EQ(answer->at(2).error().code, base::ErrorCode::NotFound);
}

// The second worker takes its time to start; the first does the work meanwhile.
TEST_F(Decoding, AWorkerThatStartsLateKeepsNobodyWaiting)
{
    const auto program = m_folder / "slow-to-start";
    const std::string script = "#!/bin/sh\nmkdir '" + (m_folder / "first").string() + "' 2>/dev/null || sleep 4\nexec '"
        + base::sisterProgram("percept").string() + "' \"$@\"\n";
    ASSERT_TRUE(base::atomicWrite(program, script).hasValue());
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    DecodePool::Options options;
    options.program = program;
    options.workers = 2;
    DecodePool pool(options);
    ASSERT_TRUE(pool.ask(probe({ sound("a.jpg") })).get().hasValue()); // one is there
    const double start = base::monotonicSeconds();
    std::vector<std::future<DecodePool::Answer>> answers;
    for (int i = 0; i < 12; ++i)
        answers.push_back(pool.ask(probe({ sound(std::to_string(i) + ".jpg") })));
    for (auto& answer : answers)
        EXPECT_TRUE(answer.get().hasValue());
    EXPECT_LT(base::monotonicSeconds() - start, 3);
}

TEST_F(Decoding, MakesThumbnails)
{
    DecodePool pool;
    DecodeRequest request;
    request.type = DecodeRequest::Type::Thumbnail;
    request.longSide = 48;
    request.files = { sound("a.jpg") };
    const auto answer = pool.ask(request).get();
    ASSERT_TRUE(answer.hasValue() && answer->at(0).hasValue());
    const protocol::DecodedPicture& picture = answer->at(0).value();
    EXPECT_EQ(picture.width, 48);
    EXPECT_EQ(picture.height, 32);
    ASSERT_EQ(picture.rgb.size(), 48u * 32 * 3);
    for (const auto& [channel, value] : { std::pair(0, 200), std::pair(1, 120), std::pair(2, 40) })
        EXPECT_NEAR(picture.rgb[48 * 16 * 3 + 24 * 3 + channel], value, 4) << channel;
}

TEST_F(Decoding, APictureThatCrashesItsDecoderIsBlamedAlone)
{
    DecodePool pool;
    for (const char* what : { "crash", "abort", "exit", "babble" }) {
        const auto answer = pool.ask(probe({ sound("a.jpg"), faulty(what), sound("b.jpg") })).get();
        ASSERT_TRUE(answer.hasValue()) << answer.error().message;
        EXPECT_TRUE(answer->at(0).hasValue()) << reason(answer->at(0));
        EXPECT_EQ(reason(answer->at(1)), std::string(what) + ".jpg: the decoder crashed on it; it is left out. Open it in another program and save it anew to use it.");
        EXPECT_TRUE(answer->at(2).hasValue()) << reason(answer->at(2));
    }
}

TEST_F(Decoding, ManyCrashesCostThemselves)
{
    DecodePool pool;
    std::vector<std::future<DecodePool::Answer>> answers;
    for (int bunch = 0; bunch < 6; ++bunch) {
        std::vector<std::string> files;
        for (int i = 0; i < 8; ++i)
            files.push_back(i % 4 == 1 ? faulty("crash") : sound(std::to_string(i) + ".jpg"));
        answers.push_back(pool.ask(probe(std::move(files))));
    }
    for (auto& future : answers) {
        const auto answer = future.get();
        ASSERT_TRUE(answer.hasValue()) << answer.error().message;
        for (std::size_t i = 0; i < 8; ++i)
            EXPECT_EQ(answer->at(i).hasError(), i % 4 == 1) << i << reason(answer->at(i));
    }
}

TEST_F(Decoding, AHangIsEndedAndBlamed)
{
    DecodePool pool(impatient(1));
    const auto start = base::monotonicSeconds();
    const auto answer = pool.ask(probe({ sound("a.jpg"), faulty("hang"), sound("b.jpg") })).get();
    ASSERT_TRUE(answer.hasValue());
    EXPECT_TRUE(answer->at(0).hasValue() && answer->at(2).hasValue());
    EXPECT_EQ(reason(answer->at(1)), "hang.jpg: the decoder took longer than 1 seconds on it; it is left out.");
    EXPECT_LT(base::monotonicSeconds() - start, 20);
}

TEST_F(Decoding, AWorkerThatIsKilledInTheMiddleIsReplaced)
{
    DecodePool::Options options;
    options.workers = 1;
    DecodePool pool(options);
    auto hanging = pool.ask(probe({ faulty("hang") }));
    auto behind = pool.ask(probe({ sound("a.jpg") }));
    // Half a second is enough to start and to fall into the picture; if not, it is asked again and killed again.
    while (hanging.wait_for(500ms) != std::future_status::ready)
        for (const int pid : pool.workerPids())
            ::kill(pid, SIGKILL);
    const auto answer = hanging.get();
    ASSERT_TRUE(answer.hasValue()) << answer.error().message;
    EXPECT_THAT(reason(answer->at(0)), HasSubstr("hang.jpg: the decoder crashed on it"));
    const auto next = behind.get();
    ASSERT_TRUE(next.hasValue()) << next.error().message;
    EXPECT_TRUE(next->at(0).hasValue()) << reason(next->at(0));
}

TEST_F(Decoding, MemoryHasALimit)
{
    DecodePool pool;
    const auto answer = pool.ask(probe({ faulty("bloat") })).get();
    ASSERT_TRUE(answer.hasValue());
    EXPECT_TRUE(answer->at(0).hasValue()) << "the decoder took 16 GiB: " << reason(answer->at(0));
}

TEST_F(Decoding, WhoTakesADecoderOverGetsNowhere)
{
    const auto hello = talk({});
    ASSERT_FALSE(hello.lines.empty());
    if (!std::filesystem::exists("/proc/sys/kernel/seccomp"))
        GTEST_SKIP() << "this system has no filter of system calls: " << hello.lines[0];
    EXPECT_EQ(protocol::decodeHelloFromLine(hello.lines[0])->confined, "seccomp");
    DecodePool pool;
    const auto answer = pool.ask(probe({ faulty("canary") })).get();
    ASSERT_TRUE(answer.hasValue());
    EXPECT_TRUE(answer->at(0).hasValue()) << "it could write, connect, run or signal something: " << reason(answer->at(0));
}

TEST_F(Decoding, GarbageIsAnsweredAndTheWorkerGoesOn)
{
    const auto heard = talk({ "garbage", "[1]", std::string(100'000, '['), R"({"id":1,"type":"weather","files":["a"]})",
        R"({"id":2,"type":"probe","files":[7]})", R"({"id":3,"type":"probe","files":["/dev/zero"]})",
        protocol::encode(probe({ sound("a.jpg") })) });
    ASSERT_EQ(heard.lines.size(), 8u) << testing::PrintToString(heard.lines);
    for (std::size_t i = 1; i < 6; ++i)
        EXPECT_THAT(heard.lines[i], HasSubstr(R"("ok":false)"));
    EXPECT_THAT(heard.lines[6], HasSubstr("zero is not a regular file"));
    EXPECT_THAT(heard.lines[7], HasSubstr("jpeg 96 64 1 "));
    EXPECT_EQ(heard.ending.kind, Ending::Kind::Finished);
}

TEST_F(Decoding, WithoutAWorkerThereIsASentence)
{
    for (const char* program : { "/nowhere/percept", "/bin/echo", "/bin/true" }) {
        DecodePool::Options options;
        options.program = program;
        DecodePool pool(options);
        const auto answer = pool.ask(probe({ sound("a.jpg") })).get();
        ASSERT_TRUE(answer.hasError()) << program;
        EXPECT_EQ(answer.error().code, base::ErrorCode::Failed);
        EXPECT_THAT(answer.error().message, HasSubstr(std::filesystem::path(program).filename().string()));
        EXPECT_TRUE(pool.ask(probe({ sound("a.jpg") })).get().hasError());
    }
}

TEST_F(Decoding, StoppingCancelsWhatIsUnderWay)
{
    DecodePool pool;
    std::vector<std::future<DecodePool::Answer>> answers;
    for (int i = 0; i < 12; ++i)
        answers.push_back(pool.ask(probe({ faulty("hang") })));
    std::this_thread::sleep_for(500ms);
    const auto start = base::monotonicSeconds();
    pool.stop();
    for (auto& answer : answers)
        EXPECT_EQ(answer.get().error().code, base::ErrorCode::Cancelled);
    EXPECT_LT(base::monotonicSeconds() - start, 2);
    EXPECT_EQ(pool.ask(probe({ sound("a.jpg") })).get().error().code, base::ErrorCode::Cancelled);
}

TEST_F(Decoding, IdleWorkersEnd)
{
    DecodePool::Options options;
    options.idleSeconds = 0.2;
    DecodePool pool(options);
    ASSERT_TRUE(pool.ask(probe({ sound("a.jpg") })).get().hasValue());
    for (int i = 0; i < 50 && !pool.workerPids().empty(); ++i)
        std::this_thread::sleep_for(100ms);
    EXPECT_TRUE(pool.workerPids().empty());
    EXPECT_TRUE(pool.ask(probe({ sound("a.jpg") })).get().hasValue());
}

}
}
