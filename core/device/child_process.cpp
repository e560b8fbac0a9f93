#include "core/device/child_process.h"

#include "core/base/files.h"
#include "core/base/time.h"
#include "core/device/child_answer.h"
#include "core/protocol/json_fields.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char** environ;

namespace percept::device {

namespace {

constexpr double kLookSeconds = 0.1;

struct Pipe {
    int readEnd = -1, writeEnd = -1;
    bool open()
    {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            return false;
        readEnd = ends[0];
        writeEnd = ends[1];
        return true;
    }
    void close() const
    {
        ::close(readEnd);
        ::close(writeEnd);
    }
};

// posix_spawn, not fork: nothing of ours runs between fork and exec, and other threads hold locks.
base::Result<int> spawn(const std::filesystem::path& program, const std::vector<std::string>& arguments, int in, int out)
{
    std::vector<char*> argv { const_cast<char*>(program.c_str()) };
    for (const auto& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, defaults;
    sigemptyset(&none);
    sigfillset(&defaults);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0); // Ctrl-C reaches the supervisor alone, which then drains
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    pid_t pid = -1;
    const int problem = ::posix_spawn(&pid, program.c_str(), &actions, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (problem != 0)
        return base::failed(fmt::format("{} cannot be started: {}.", program.string(), base::describeErrno(problem)));
    return pid;
}

}

base::Result<std::unique_ptr<ChildProcess>> ChildProcess::start(
    const std::filesystem::path& program, const std::vector<std::string>& arguments, std::string name)
{
    Pipe requests, answers;
    if (!requests.open())
        return base::failed("A pipe cannot be made: " + base::describeErrno(errno) + ".");
    if (!answers.open()) {
        requests.close();
        return base::failed("A pipe cannot be made: " + base::describeErrno(errno) + ".");
    }
    const auto pid = spawn(program, arguments, requests.readEnd, answers.writeEnd);
    if (pid.hasError()) {
        requests.close();
        answers.close();
        return pid.error();
    }
    ::close(requests.readEnd);
    ::close(answers.writeEnd);
    ::fcntl(requests.writeEnd, F_SETFL, O_NONBLOCK); // our end only: one that does not read must not hold us
    return std::unique_ptr<ChildProcess>(new ChildProcess(pid.value(), requests.writeEnd, answers.readEnd, std::move(name)));
}

ChildProcess::ChildProcess(int pid, int in, int out, std::string name)
    : m_name(std::move(name))
    , m_pid(pid)
    , m_in(in)
    , m_out(out)
    , m_reader(out)
{
}

ChildProcess::~ChildProcess()
{
    killAndReap();
    if (m_in >= 0)
        ::close(m_in);
    ::close(m_out);
}

bool ChildProcess::isAlive()
{
    if (m_status.has_value())
        return false;
    int status = 0;
    if (::waitpid(m_pid, &status, WNOHANG) != m_pid)
        return true;
    m_status = status;
    return false;
}

void ChildProcess::killAndReap()
{
    if (m_status.has_value())
        return;
    ::kill(m_pid, SIGKILL);
    int status = 0;
    while (::waitpid(m_pid, &status, 0) < 0 && errno == EINTR) { }
    m_status = status;
}

void ChildProcess::finish(double timeoutSeconds)
{
    ::close(m_in);
    m_in = -1;
    const double deadline = base::monotonicSeconds() + timeoutSeconds;
    while (isAlive() && base::monotonicSeconds() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    killAndReap();
}

std::string ChildProcess::describeEnd() const
{
    if (!m_status.has_value())
        return "is still there";
    if (WIFSIGNALED(*m_status))
        return fmt::format("was killed by signal {}", WTERMSIG(*m_status));
    return fmt::format("ended with status {}", WEXITSTATUS(*m_status));
}

// All of it, or Cancelled when it was not read in time, or Failed when nobody reads any more.
base::Result<void> ChildProcess::send(std::string_view bytes, double deadline, const base::CancelToken& cancel)
{
    while (!bytes.empty()) {
        const ssize_t count = ::write(m_in, bytes.data(), bytes.size());
        if (count > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
            continue;
        }
        if (count < 0 && errno == EINTR)
            continue;
        if (count == 0 || errno != EAGAIN)
            return base::failed("Nobody reads the request.");
        const double left = deadline - base::monotonicSeconds();
        if (left <= 0 || cancel.isCancelled())
            return base::cancelled();
        pollfd waiting { m_in, POLLOUT, 0 };
        (void)::poll(&waiting, 1, static_cast<int>(std::min(kLookSeconds, left) * 1000) + 1);
    }
    return {};
}

base::Result<std::optional<std::string>> ChildProcess::readAnswer(double deadline, const base::CancelToken& cancel)
{
    while (true) {
        auto line = m_reader.readLine(std::min(kLookSeconds, std::max(0.0, deadline - base::monotonicSeconds())));
        const bool goesOn = line.hasError() && line.error().code == base::ErrorCode::Cancelled
            && base::monotonicSeconds() < deadline && !cancel.isCancelled();
        if (!goesOn)
            return line;
    }
}

// Ends it.
base::Error ChildProcess::noAnswer(bool isLate, double timeoutSeconds, const base::CancelToken& cancel)
{
    killAndReap();
    if (cancel.isCancelled())
        return base::cancelled();
    m_hasTimedOut = isLate;
    if (m_hasTimedOut)
        return base::failed(fmt::format("The {} gave no answer for {:.3g} seconds and was ended.", m_name, timeoutSeconds));
    return base::failed("The " + m_name + " " + describeEnd() + " while it answered.");
}

base::Result<std::vector<std::uint8_t>> ChildProcess::readBytes(std::size_t count, double timeoutSeconds)
{
    auto bytes = m_reader.readBytes(count, timeoutSeconds);
    if (bytes.hasValue())
        return bytes;
    m_hasTimedOut = bytes.error().code == base::ErrorCode::Cancelled;
    killAndReap();
    return base::failed(m_hasTimedOut ? fmt::format("The {} stopped in the middle of an answer and was ended.", m_name)
                                      : fmt::format("The {} {} while it answered.", m_name, describeEnd()));
}

base::Result<nlohmann::json> ChildProcess::ask(
    const nlohmann::json& request, std::span<const std::uint8_t> payload, double timeoutSeconds, const base::CancelToken& cancel)
{
    const double deadline = base::monotonicSeconds() + timeoutSeconds;
    nlohmann::json line = request;
    if (!payload.empty())
        line["bytes"] = payload.size();
    const auto asked = isAlive() ? send(protocol::dumpLine(line) + "\n", deadline, cancel) : base::Result<void>(base::failed(""));
    if (asked.hasError() && asked.error().code != base::ErrorCode::Cancelled) {
        killAndReap();
        return base::Error { base::ErrorCode::Conflict, "The " + m_name + " " + describeEnd() + ".", {} };
    }
    const auto sent = asked.hasError() ? asked : send({ reinterpret_cast<const char*>(payload.data()), payload.size() }, deadline, cancel);
    if (sent.hasError() && sent.error().code == base::ErrorCode::Cancelled)
        return noAnswer(/*isLate=*/true, timeoutSeconds, cancel);
    const auto text = readAnswer(deadline, cancel); // also when it has gone: then it will not come
    if (text.hasError() || !text.value().has_value())
        return noAnswer(text.hasError() && text.error().code == base::ErrorCode::Cancelled, timeoutSeconds, cancel);
    auto answer = protocol::parseJson(*text.value(), "The answer of the " + m_name);
    const auto checked = answer.hasValue() ? checkChildAnswer(request, answer.value()) : base::Result<void>(answer.error());
    if (checked.hasValue())
        return answer;
    killAndReap(); // what it would say next belongs to no question that can be known
    return base::failed("The " + m_name + " gave an answer that makes no sense and was ended: " + checked.error().message);
}

}
