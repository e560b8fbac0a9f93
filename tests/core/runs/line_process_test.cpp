#include "core/base/time.h"
#include "core/runs/process.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace percept::runs {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Starts the fake child and keeps what it said.
struct Watched {
    explicit Watched(std::vector<std::string> arguments, LineProcess::Options options = {})
    {
        options.program = FAKE_CHILD;
        options.arguments = std::move(arguments);
        process = LineProcess::start(
            options,
            [this](std::string_view line) {
                const std::scoped_lock lock(mutex);
                lines.emplace_back(line);
            },
            [this](const Ending& e) {
                const std::scoped_lock lock(mutex);
                endings.push_back(e);
            });
    }
    Ending end()
    {
        process->wait();
        const std::scoped_lock lock(mutex);
        EXPECT_EQ(endings.size(), 1u);
        return endings.empty() ? Ending {} : endings.front();
    }
    bool waitForLines(std::size_t count)
    {
        for (int i = 0; i < 500; ++i) {
            {
                const std::scoped_lock lock(mutex);
                if (lines.size() >= count)
                    return true;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return false;
    }
    std::mutex mutex;
    std::vector<std::string> lines;
    std::vector<Ending> endings;
    std::unique_ptr<LineProcess> process; // first to go: its callbacks use the rest
};

bool lives(pid_t pid) { return ::kill(pid, 0) == 0; }
bool goneWithin(pid_t pid, double seconds)
{
    const double end = base::monotonicSeconds() + seconds;
    while (lives(pid) && base::monotonicSeconds() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return !lives(pid);
}
fs::path temporary(const std::string& name)
{
    const auto path = fs::temp_directory_path() / ("percept-runs-" + std::to_string(::getpid()) + "-" + name);
    fs::remove_all(path);
    return path;
}

TEST(LineProcess, hands_over_every_line_and_ends_well)
{
    Watched child({ "--lines", "1000" });
    EXPECT_EQ(child.end().kind, Ending::Kind::Finished);
    ASSERT_EQ(child.lines.size(), 1000u);
    EXPECT_EQ(child.lines[999], "line 999");
}

TEST(LineProcess, says_that_a_program_is_missing)
{
    LineProcess::Options options;
    options.program = "/nowhere/percept-trainer";
    Ending ending;
    auto process = LineProcess::start(options, {}, [&](const Ending& e) { ending = e; });
    process->wait();
    EXPECT_EQ(ending.kind, Ending::Kind::DidNotStart);
    EXPECT_THAT(ending.message, HasSubstr("/nowhere/percept-trainer"));
    EXPECT_EQ(process->pid(), 0);
    EXPECT_FALSE(process->writeLine("x"));
}

TEST(LineProcess, reports_the_status_with_the_last_words)
{
    Watched child({ "--errors", "no memory left", "--exit", "3" });
    const auto ending = child.end();
    EXPECT_EQ(ending.kind, Ending::Kind::FinishedWithError);
    EXPECT_EQ(ending.exitCode, 3);
    EXPECT_THAT(ending.message, HasSubstr("no memory left"));
}

TEST(LineProcess, reports_a_crash_with_its_signal)
{
    Watched child({ "--crash" });
    const auto ending = child.end();
    EXPECT_EQ(ending.kind, Ending::Kind::Crashed);
    EXPECT_EQ(ending.signal, SIGSEGV);
    EXPECT_THAT(ending.message, HasSubstr("SIGSEGV"));
}

TEST(LineProcess, stops_a_child_that_says_nothing)
{
    LineProcess::Options options;
    options.silenceLimitSeconds = 0.3;
    Watched child({ "--lines", "1", "--hang" }, options);
    EXPECT_EQ(child.end().kind, Ending::Kind::Silent);
    EXPECT_TRUE(goneWithin(child.process->pid(), 1));
}

TEST(LineProcess, commands_reach_the_child)
{
    Watched child({ "--echo" });
    for (int i = 0; i < 100; ++i)
        ASSERT_TRUE(child.process->writeLine("command " + std::to_string(i)));
    child.process->closeInput();
    EXPECT_EQ(child.end().kind, Ending::Kind::Finished);
    ASSERT_EQ(child.lines.size(), 100u);
    EXPECT_EQ(child.lines[99], "echo command 99");
}

TEST(LineProcess, writing_to_a_child_that_has_gone_ends_nothing)
{
    Watched child({ "--exit", "0" });
    for (int i = 0; i < 200; ++i) {
        child.process->writeLine(std::string(1000, 'x'));
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(child.end().kind, Ending::Kind::Finished);
}

TEST(LineProcess, writing_never_blocks_and_is_bounded)
{
    Watched child({ "--hang" });
    const std::string much(1 << 20, 'x');
    int taken = 0;
    const double start = base::monotonicSeconds();
    while (taken < 100 && child.process->writeLine(much))
        ++taken;
    EXPECT_LT(taken, 20);
    EXPECT_LT(base::monotonicSeconds() - start, 2);
    child.process->kill();
    EXPECT_EQ(child.end().kind, Ending::Kind::Crashed);
}

TEST(LineProcess, a_flood_in_one_line_is_neither_kept_nor_in_the_way)
{
    Watched child({ "--lines", "1", "--flood" });
    ASSERT_TRUE(child.waitForLines(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    child.process->kill();
    EXPECT_EQ(child.end().kind, Ending::Kind::Crashed);
    EXPECT_EQ(child.lines.size(), 1u);
}

TEST(LineProcess, the_owner_goes_and_the_child_ends_with_its_input)
{
    int pid;
    {
        Watched child({ "--lines", "1", "--echo" });
        ASSERT_TRUE(child.waitForLines(1));
        pid = child.process->pid();
        child.process.reset();
        ASSERT_EQ(child.endings.size(), 1u);
        EXPECT_EQ(child.endings[0].kind, Ending::Kind::Finished);
    }
    EXPECT_FALSE(lives(pid));
}

TEST(LineProcess, the_owner_goes_and_a_stubborn_child_is_killed)
{
    LineProcess::Options options;
    options.graceSeconds = 0.2;
    Watched child({ "--lines", "1", "--ignore-eof" }, options);
    ASSERT_TRUE(child.waitForLines(1));
    const int pid = child.process->pid();
    const double start = base::monotonicSeconds();
    child.process.reset();
    EXPECT_LT(base::monotonicSeconds() - start, 2);
    EXPECT_FALSE(lives(pid));
}

TEST(LineProcess, what_the_child_started_ends_with_it)
{
    const auto file = temporary("grandchild");
    Watched child({ "--grandchild", file.string(), "--exit", "0" });
    EXPECT_EQ(child.end().kind, Ending::Kind::Finished) << "a grandchild that holds the pipes must not hold us";
    pid_t grandchild = 0;
    std::ifstream(file) >> grandchild;
    ASSERT_GT(grandchild, 0);
    // A zombie until init takes it; what counts is that it runs no more.
    const double end = base::monotonicSeconds() + 2;
    std::string stat;
    do {
        std::ifstream in("/proc/" + std::to_string(grandchild) + "/stat");
        stat.clear();
        std::getline(in, stat);
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    } while (!stat.empty() && stat.find(") Z") == std::string::npos && base::monotonicSeconds() < end);
    EXPECT_TRUE(stat.empty() || stat.find(") Z") != std::string::npos) << stat;
    fs::remove(file);
}

TEST(LineProcess, may_be_destroyed_in_its_own_callback)
{
    std::unique_ptr<LineProcess> process;
    std::mutex mutex;
    std::atomic<bool> gone = false;
    LineProcess::Options options;
    options.program = FAKE_CHILD;
    options.arguments = { "--lines", "3", "--hang" };
    {
        const std::scoped_lock lock(mutex);
        process = LineProcess::start(
            options,
            [&](std::string_view) {
                const std::scoped_lock inner(mutex);
                process.reset();
                gone = true;
            },
            {});
    }
    for (int i = 0; i < 300 && !gone; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(gone);
    std::this_thread::sleep_for(std::chrono::milliseconds(100)); // its thread must not touch what has gone
}

TEST(LineProcess, finish_and_kill_race_without_harm)
{
    for (int i = 0; i < 50; ++i) {
        Watched child({ "--lines", "2" });
        std::thread other([&] { child.process->kill(); });
        child.process->closeInput();
        other.join();
        child.end();
    }
}

TEST(LineProcess, errors_go_to_the_log_as_well)
{
    const auto log = temporary("log");
    LineProcess::Options options;
    options.logFile = log;
    Watched child({ "--errors", "first", "--errors", "second" }, options);
    child.end();
    std::ifstream in(log);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    EXPECT_EQ(text, "first\nsecond\n");
    fs::remove(log);
}

TEST(LineProcess, no_descriptor_is_left_open)
{
    const auto count = [] { return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()); };
    const auto before = count();
    for (int i = 0; i < 20; ++i)
        Watched({ "--lines", "1" }).end();
    EXPECT_EQ(count(), before);
}

}
}
