#include "core/device/control_socket.h"

#include "core/base/time.h"
#include "tests/support/temporary_folder.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace percept::device {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json echo(const json& request) { return { { "ok", true }, { "asked", request } }; }

void interruptAllThreads()
{
    for (const auto& task : fs::directory_iterator("/proc/self/task"))
        ::syscall(SYS_tgkill, ::getpid(), std::stoi(task.path().filename().string()), SIGUSR1);
}

// A test that hangs says less than one that fails.
void stopOrFail(ControlServer& server, double seconds)
{
    std::promise<void> done;
    auto isDone = done.get_future();
    std::thread stopping([&] {
        server.stop();
        done.set_value();
    });
    if (isDone.wait_for(std::chrono::duration<double>(seconds)) != std::future_status::ready) {
        std::fprintf(stderr, "the server of the control socket does not stop\n");
        std::_Exit(1);
    }
    stopping.join();
}

TEST(ControlServer, aSignalDoesNotKeepItFromAnsweringOrStopping)
{
    struct sigaction action { };
    action.sa_handler = [](int) { };
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGUSR1, &action, nullptr);
    test::TemporaryFolder folder;
    ControlServer server;
    ASSERT_TRUE(server.start(folder.path(), echo).hasValue());
    for (int i = 0; i < 20; ++i) {
        interruptAllThreads();
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(askEdge(folder.path(), { { "n", 1 } })->at("asked").at("n"), 1);
    interruptAllThreads();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stopOrFail(server, 20);
}

TEST(ControlServer, aHandlerThatThrowsCostsOneAnswer)
{
    test::TemporaryFolder folder;
    ControlServer server;
    ASSERT_TRUE(server.start(folder.path(), [](const json& request) {
        if (request.contains("throw"))
            throw std::runtime_error("out of something");
        return echo(request);
    }).hasValue());
    EXPECT_TRUE(askEdge(folder.path(), { { "throw", true } }).hasError());
    EXPECT_TRUE(askEdge(folder.path(), { { "n", 1 } }).hasValue());
}

// One who asks and asks and never reads an answer.
TEST(ControlServer, aClientThatDoesNotReadDoesNotKeepItFromStopping)
{
    test::TemporaryFolder folder;
    ControlServer server;
    std::atomic<bool> wasAsked = false;
    ASSERT_TRUE(server.start(folder.path(), [&](const json&) {
        wasAsked = true;
        return json { { "ok", true }, { "text", std::string(4u << 20, 'a') } };
    }).hasValue());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address { };
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof(address.sun_path), "%s", (folder / "control").c_str());
    ASSERT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    ASSERT_EQ(::write(fd, "{}\n", 3), 3);
    for (int i = 0; i < 2000 && !wasAsked; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    stopOrFail(server, 40);
    ::close(fd);
}

// What answers there is another program of the same user, not necessarily this version.
TEST(AskEdge, anAnswerThatIsNoneIsAnError)
{
    for (const json& answer : { json::array(), json(5), json { { "ok", "yes" } }, json { { "ok", false }, { "error", 5 } } }) {
        test::TemporaryFolder folder;
        ControlServer server;
        ASSERT_TRUE(server.start(folder.path(), [&](const json&) { return answer; }).hasValue());
        EXPECT_TRUE(askEdge(folder.path(), { { "type", "status" } }).hasError()) << answer;
    }
}

}
}
