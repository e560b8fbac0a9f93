#include "core/base/files.h"
#include "core/base/time.h"
#include "core/runs/line_buffer.h"
#include "core/runs/process.h"
#include "core/runs/spawn.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <mutex>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace percept::runs {

namespace {

constexpr std::size_t kMaxQueuedInput = 8u << 20;
constexpr std::uint64_t kMaxLogBytes = 64ull << 20;
constexpr int kTailLines = 8;

// The child and its reader thread. Shared by the thread and the handle, so that either may go first.
class Child {
public:
    Child(LineProcess::Options options, std::function<void(std::string_view)> onLine, std::function<void(const Ending&)> onEnd);
    void run(); // the reader thread

    bool queueInput(std::string_view line);
    void closeInput();
    void killChild();
    void letGo(); // the child goes on without us
    void silence(); // from within a callback: this one is the last
    bool waitForEnd(double seconds); // < 0: as long as it takes
    int pid() const { return m_spawnError == 0 ? m_pid : 0; }
    const LineProcess::Options& options() const { return m_options; }

private:
    void openLog();
    Ending follow();
    bool waitForEvent(int pidFd);
    bool takeOutput();
    bool takeErrors();
    void feedInput();
    void endIfSilent();
    bool childExited();
    void endGroup();
    Ending reap();
    Ending describe(Ending ending) const;
    void tellEnd(const Ending& ending);
    void wakeUp() const;

    const LineProcess::Options m_options;
    const std::function<void(std::string_view)> m_onLine;
    const std::function<void(const Ending&)> m_onEnd;
    ChildPipes m_pipes; // reader thread only
    Descriptor m_wake, m_log;
    pid_t m_pid = 0;
    int m_spawnError = 0;
    LineBuffer m_lines;
    TailBuffer m_errorTail;
    std::uint64_t m_logged = 0;
    double m_lastLine = 0;
    bool m_wasSilent = false, m_silenced = false;

    std::mutex m_mutex; // guards what follows
    std::condition_variable m_changed;
    std::string m_input;
    bool m_inputClosed = false, m_reaped = false, m_ended = false, m_leave = false;
};

Child::Child(LineProcess::Options options, std::function<void(std::string_view)> onLine, std::function<void(const Ending&)> onEnd)
    : m_options(std::move(options)), m_onLine(std::move(onLine)), m_onEnd(std::move(onEnd)), m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    m_spawnError = spawnChild(m_options.program, m_options.arguments, m_options.detach, m_pipes, m_pid);
    m_reaped = m_spawnError != 0;
}

void Child::run()
{
    // Writing to a child that has gone must be an error here and not the end of the program; signals for the program go
    // to its other threads.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    Ending ending;
    if (m_spawnError != 0) {
        ending.kind = Ending::Kind::DidNotStart;
        ending.message = fmt::format("{} could not be started: {}. Is Percept installed completely?",
            m_options.program.string(), base::describeErrno(m_spawnError));
    } else {
        ending = follow();
    }
    tellEnd(ending);
}

Ending Child::follow()
{
    openLog();
    m_lastLine = base::monotonicSeconds();
    // Not the end of its output but the end of the process counts: a grandchild may hold the pipes for ever.
    Descriptor pidFd(static_cast<int>(::syscall(SYS_pidfd_open, m_pid, 0)));
    double exitedAt = 0;
    while (true) {
        const bool exited = waitForEvent(pidFd.get());
        if (exited && exitedAt == 0) {
            exitedAt = base::monotonicSeconds();
            endGroup(); // what it may have started and left behind; it might talk on for ever
        }
        const bool more = takeOutput() | takeErrors();
        feedInput();
        {
            const std::scoped_lock lock(m_mutex);
            if (m_leave && !exited) { // one that has ended is taken from the process table all the same
                m_silenced = true;
                return {};
            }
        }
        if (exited && (!more || base::monotonicSeconds() > exitedAt + 2))
            return reap();
        if (!exited)
            endIfSilent();
    }
}

void Child::openLog()
{
    if (!m_options.logFile.empty())
        m_log = Descriptor(::open(m_options.logFile.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
}

// Sleeps until something is to be done. True: the child has ended.
bool Child::waitForEvent(int pidFd)
{
    bool wantsToWrite;
    {
        const std::scoped_lock lock(m_mutex);
        wantsToWrite = !m_input.empty();
    }
    pollfd fds[] = {
        { m_wake.get(), POLLIN, 0 },
        { m_pipes.output.get(), POLLIN, 0 }, // a closed descriptor is -1, which poll skips
        { m_pipes.errors.get(), POLLIN, 0 },
        { wantsToWrite ? m_pipes.input.get() : -1, POLLOUT, 0 },
        { pidFd, POLLIN, 0 },
    };
    int timeoutMs = pidFd < 0 ? 50 : -1;
    if (m_options.silenceLimitSeconds > 0) {
        const double left = m_lastLine + m_options.silenceLimitSeconds - base::monotonicSeconds();
        const int leftMs = static_cast<int>(std::clamp(left * 1000 + 1, 1.0, 60'000.0));
        timeoutMs = timeoutMs < 0 ? leftMs : std::min(timeoutMs, leftMs);
    }
    ::poll(fds, std::size(fds), timeoutMs);
    if (fds[0].revents != 0) {
        std::uint64_t ignored;
        [[maybe_unused]] const auto count = ::read(m_wake.get(), &ignored, sizeof ignored);
    }
    return childExited();
}

// Reads what is there, 64 KiB at most. True: there may be more.
template <typename F>
bool drain(Descriptor& from, F use)
{
    if (!from.isOpen())
        return false;
    char buffer[65536];
    const auto count = ::read(from.get(), buffer, sizeof buffer);
    if (count > 0)
        use(std::string_view(buffer, static_cast<std::size_t>(count)));
    else if (count == 0 || (errno != EAGAIN && errno != EINTR))
        from.reset();
    return count > 0;
}

bool Child::takeOutput()
{
    return drain(m_pipes.output, [this](std::string_view bytes) {
        m_lines.add(bytes, [this](std::string_view line) {
            m_lastLine = base::monotonicSeconds();
            if (!m_silenced && m_onLine)
                m_onLine(line);
        });
    });
}

bool Child::takeErrors()
{
    return drain(m_pipes.errors, [this](std::string_view bytes) {
        m_errorTail.add(bytes);
        if (!m_log.isOpen() || m_logged > kMaxLogBytes)
            return;
        m_logged += bytes.size();
        // A log that cannot be written (disk full) must not stop the run.
        [[maybe_unused]] const auto written = ::write(m_log.get(), bytes.data(), bytes.size());
    });
}

void Child::feedInput()
{
    const std::scoped_lock lock(m_mutex);
    if (!m_input.empty() && m_pipes.input.isOpen()) {
        const auto count = ::write(m_pipes.input.get(), m_input.data(), m_input.size());
        if (count > 0)
            m_input.erase(0, static_cast<std::size_t>(count));
        else if (errno != EAGAIN && errno != EINTR)
            m_inputClosed = true, m_input.clear(); // it reads no more
    }
    if (m_inputClosed && m_input.empty())
        m_pipes.input.reset();
}

void Child::endIfSilent()
{
    if (m_options.silenceLimitSeconds <= 0 || m_wasSilent || base::monotonicSeconds() < m_lastLine + m_options.silenceLimitSeconds)
        return;
    m_wasSilent = true;
    killChild();
}

// Looks without taking the child from the process table: its pid (and group) stays ours until reap().
bool Child::childExited()
{
    siginfo_t info {};
    return ::waitid(P_PID, static_cast<id_t>(m_pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == m_pid;
}

void Child::endGroup()
{
    if (!m_options.detach)
        killChild();
}

Ending Child::reap()
{
    const std::scoped_lock lock(m_mutex);
    int status = 0;
    const bool known = ::waitpid(m_pid, &status, 0) == m_pid;
    m_reaped = true;
    Ending ending;
    if (m_wasSilent)
        ending.kind = Ending::Kind::Silent;
    else if (known && WIFSIGNALED(status))
        ending.kind = Ending::Kind::Crashed;
    else if (known && WEXITSTATUS(status) != 0)
        ending.kind = Ending::Kind::FinishedWithError;
    if (known && WIFSIGNALED(status))
        ending.signal = WTERMSIG(status);
    else if (known)
        ending.exitCode = WEXITSTATUS(status);
    return describe(ending);
}

Ending Child::describe(Ending ending) const
{
    const auto name = m_options.program.filename().string();
    switch (ending.kind) {
    case Ending::Kind::Silent:
        ending.message = fmt::format("{} said nothing for {:.0f} seconds and was stopped", name, m_options.silenceLimitSeconds);
        break;
    case Ending::Kind::Crashed:
        ending.message = fmt::format("{} ended unexpectedly ({})", name, signalName(ending.signal));
        break;
    case Ending::Kind::FinishedWithError:
        ending.message = fmt::format("{} ended with status {}", name, ending.exitCode);
        break;
    default:
        return ending;
    }
    const auto tail = m_errorTail.lastLines(kTailLines);
    ending.message += tail.empty() ? "." : ". Its last words: " + tail;
    return ending;
}

void Child::tellEnd(const Ending& ending)
{
    if (!m_silenced && m_onEnd)
        m_onEnd(ending);
    const std::scoped_lock lock(m_mutex);
    m_ended = true;
    m_changed.notify_all();
}

void Child::wakeUp() const
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(m_wake.get(), &one, sizeof one);
}

bool Child::queueInput(std::string_view line)
{
    const std::scoped_lock lock(m_mutex);
    if (m_inputClosed || m_reaped || m_input.size() + line.size() > kMaxQueuedInput)
        return false;
    m_input.append(line);
    m_input += '\n';
    wakeUp();
    return true;
}

void Child::closeInput()
{
    const std::scoped_lock lock(m_mutex);
    m_inputClosed = true;
    wakeUp();
}

void Child::killChild()
{
    const std::scoped_lock lock(m_mutex);
    if (!m_reaped)
        ::kill(-m_pid, SIGKILL); // not reaped yet, so the number is still this child's
}

void Child::letGo()
{
    const std::scoped_lock lock(m_mutex);
    m_leave = true;
    wakeUp();
}

void Child::silence() { m_silenced = true; }

bool Child::waitForEnd(double seconds)
{
    std::unique_lock lock(m_mutex);
    const auto ended = [this] { return m_ended; };
    if (seconds < 0) {
        m_changed.wait(lock, ended);
        return true;
    }
    return m_changed.wait_for(lock, std::chrono::duration<double>(seconds), ended);
}

class LineProcessImpl final : public LineProcess {
public:
    explicit LineProcessImpl(std::shared_ptr<Child> child) : m_child(std::move(child))
    {
        m_thread = std::thread([kept = m_child] { kept->run(); });
    }

    ~LineProcessImpl() override
    {
        if (m_thread.get_id() == std::this_thread::get_id()) { // destroyed inside its own callback
            m_child->silence();
            m_child->options().detach ? m_child->letGo() : m_child->killChild();
            m_thread.detach();
            return;
        }
        if (m_child->options().detach) {
            m_child->letGo();
        } else {
            m_child->closeInput();
            if (!m_child->waitForEnd(m_child->options().graceSeconds))
                m_child->killChild();
        }
        m_thread.join();
    }

    bool writeLine(std::string_view line) override { return m_child->queueInput(line); }
    void closeInput() override { m_child->closeInput(); }
    void kill() override { m_child->killChild(); }
    void wait() override { m_child->waitForEnd(-1); }
    int pid() const override { return m_child->pid(); }

private:
    std::shared_ptr<Child> m_child;
    std::thread m_thread;
};

}

std::unique_ptr<LineProcess> LineProcess::start(const Options& options, std::function<void(std::string_view)> onLine,
    std::function<void(const Ending&)> onEnd)
{
    return std::make_unique<LineProcessImpl>(std::make_shared<Child>(options, std::move(onLine), std::move(onEnd)));
}

}
