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

ChildProcess::Sent ChildProcess::sendRest(double deadline)
{
    Question& question = *m_question;
    while (question.sent < question.bytes.size()) {
        const ssize_t count = ::write(m_in, question.bytes.data() + question.sent, question.bytes.size() - question.sent);
        if (count > 0) {
            question.sent += static_cast<std::size_t>(count);
            continue;
        }
        if (count < 0 && errno == EINTR)
            continue;
        if (count == 0 || errno != EAGAIN)
            return Sent::NobodyReads;
        const double left = deadline - base::monotonicSeconds();
        if (left <= 0)
            return Sent::NotYet;
        pollfd waiting { m_in, POLLOUT, 0 };
        (void)::poll(&waiting, 1, static_cast<int>(std::min(kLookSeconds, left) * 1000) + 1);
    }
    return Sent::All;
}

base::Error ChildProcess::isGone()
{
    killAndReap();
    m_question.reset();
    return base::Error { base::ErrorCode::Conflict, "The " + m_name + " " + describeEnd() + ".", {} };
}

base::Result<void> ChildProcess::begin(const nlohmann::json& request, std::span<const std::uint8_t> payload)
{
    if (!isAlive())
        return isGone();
    nlohmann::json line = request;
    if (!payload.empty())
        line["bytes"] = payload.size();
    Question question { request, protocol::dumpLine(line) + "\n", 0, 0 };
    question.lineBytes = question.bytes.size();
    question.bytes.append(reinterpret_cast<const char*>(payload.data()), payload.size());
    m_question = std::move(question);
    return {};
}

std::optional<base::Result<nlohmann::json>> ChildProcess::await(double seconds)
{
    const double deadline = base::monotonicSeconds() + seconds;
    const Sent sent = sendRest(deadline);
    if (sent == Sent::NotYet)
        return std::nullopt;
    if (sent == Sent::NobodyReads && m_question->sent < m_question->lineBytes)
        return isGone();
    const auto text = m_reader.readLine(std::max(0.0, deadline - base::monotonicSeconds())); // also when it has gone: then it will not come
    if (text.hasError() && text.error().code == base::ErrorCode::Cancelled)
        return std::nullopt;
    if (text.hasValue() && text.value().has_value())
        return answerFrom(*text.value());
    killAndReap();
    m_question.reset();
    return base::failed("The " + m_name + " " + describeEnd() + " while it answered.");
}

base::Result<nlohmann::json> ChildProcess::answerFrom(const std::string& text)
{
    auto answer = protocol::parseJson(text, "The answer of the " + m_name);
    const auto checked = answer.hasValue() ? checkChildAnswer(m_question->request, answer.value()) : base::Result<void>(answer.error());
    m_question.reset();
    if (checked.hasValue())
        return answer;
    killAndReap(); // what it would say next belongs to no question that can be known
    return base::failed("The " + m_name + " gave an answer that makes no sense and was ended: " + checked.error().message);
}

base::Error ChildProcess::giveUp(double waitedSeconds)
{
    killAndReap();
    m_question.reset();
    m_hasTimedOut = true;
    return base::failed(fmt::format("The {} gave no answer for {:.3g} seconds and was ended.", m_name, waitedSeconds));
}

base::Result<nlohmann::json> ChildProcess::ask(
    const nlohmann::json& request, std::span<const std::uint8_t> payload, double timeoutSeconds, const base::CancelToken& cancel)
{
    PERCEPT_TRY(begin(request, payload));
    const double deadline = base::monotonicSeconds() + timeoutSeconds;
    while (true) {
        const double left = std::max(0.0, deadline - base::monotonicSeconds());
        if (auto answer = await(std::min(kLookSeconds, left)))
            return std::move(*answer);
        if (cancel.isCancelled()) {
            killAndReap();
            return base::cancelled();
        }
        if (left <= 0)
            return giveUp(timeoutSeconds);
    }
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

}
