#include "core/training/reporter.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace percept::training {

Reporter::Reporter(int fd, double heartbeatSeconds, std::filesystem::path progressFile)
    : m_fd(fd)
    , m_progressFile(std::move(progressFile))
    , m_heartbeat([this, heartbeatSeconds] { beat(heartbeatSeconds); })
{
}

Reporter::~Reporter()
{
    {
        std::lock_guard lock(m_mutex);
        m_finished = true;
    }
    m_stopped.notify_all();
    m_heartbeat.join();
}

void Reporter::beat(double seconds)
{
    std::unique_lock lock(m_mutex);
    while (!m_stopped.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return m_finished; }))
        if (m_sequence > 0) // reading the run may take longer than a beat, and the first word is hello
            write(m_progress);
}

// A parent that has gone is noticed on stdin; here the line is just lost.
void Reporter::write(const protocol::TrainerMessage& message)
{
    const std::string line = protocol::encode(message, m_sequence++) + "\n";
    if (!m_progressFile.empty() && std::holds_alternative<protocol::ProgressMessage>(message))
        keepProgress(line);
    std::size_t done = 0;
    while (done < line.size()) {
        const auto written = ::write(m_fd, line.data() + done, line.size() - done);
        if (written <= 0 && errno != EINTR)
            return;
        done += written > 0 ? static_cast<std::size_t>(written) : 0;
    }
}

// Whole or not at all, but not worth a flush: the next beat writes it again. On a full disk it is missing, and that is all.
void Reporter::keepProgress(const std::string& line)
{
    const std::filesystem::path temporary = m_progressFile.string() + ".new";
    std::error_code ignored;
    if (std::ofstream file(temporary, std::ios::binary); !(file << line) || !file.flush())
        std::filesystem::remove(temporary, ignored);
    else
        std::filesystem::rename(temporary, m_progressFile, ignored);
}

void Reporter::send(const protocol::TrainerMessage& message)
{
    std::lock_guard lock(m_mutex);
    if (!m_finished)
        write(message);
}

void Reporter::progress(const protocol::ProgressMessage& progress)
{
    std::lock_guard lock(m_mutex);
    const std::string phase = m_progress.phase;
    m_progress = progress;
    if (m_progress.phase.empty())
        m_progress.phase = phase;
}

void Reporter::phase(const std::string& phase)
{
    std::lock_guard lock(m_mutex);
    m_progress.phase = phase;
    if (!m_finished)
        write(m_progress);
}

void Reporter::finish(const protocol::FinishedMessage& message)
{
    std::lock_guard lock(m_mutex);
    if (!m_finished)
        write(message);
    m_finished = true;
}

namespace {

volatile std::sig_atomic_t askedToLeave = 0;
void onLeaveSignal(int) { askedToLeave = 1; }
void onParentSignal(int) { }

void installSignals(bool detached)
{
    struct sigaction action {};
    action.sa_handler = onLeaveSignal;
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN); // a limit on file sizes is an error of the write, as a full disk is
    if (detached) {
        std::signal(SIGHUP, SIG_IGN);
        return;
    }
    // Comes when the thread that started us ends, which need not be the end of the parent: run() looks who the parent is.
    action.sa_handler = onParentSignal;
    sigaction(SIGHUP, &action, nullptr);
    prctl(PR_SET_PDEATHSIG, SIGHUP);
}

}

Control::Control(int fd, bool detached, std::filesystem::path runFolder)
    : m_folder(std::move(runFolder))
{
    installSignals(detached);
    m_thread = std::thread([this, fd, detached] { run(fd, detached); });
}

Control::~Control()
{
    m_quit = true;
    m_thread.join();
}

void Control::leave(std::atomic<bool>& reason)
{
    reason = true;
    m_paused = false;
    m_leaving = true;
}

void Control::lookForFiles()
{
    if (m_folder.empty())
        return;
    if (::unlink((m_folder / "stop").c_str()) == 0)
        leave(m_stop);
    m_isHeld = ::access((m_folder / "pause").c_str(), F_OK) == 0;
}

void Control::run(int fd, bool detached)
{
    const pid_t parent = ::getppid();
    std::string buffer;
    bool isOpen = true;
    while (!m_quit) {
        pollfd poller { isOpen ? fd : -1, POLLIN, 0 };
        const int ready = ::poll(&poller, 1, 200);
        if (askedToLeave || (!detached && ::getppid() != parent))
            leave(m_parentGone);
        lookForFiles();
        if (ready <= 0)
            continue;
        char bytes[4096];
        const auto count = ::read(fd, bytes, sizeof bytes);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            isOpen = false;
            if (!detached)
                leave(m_parentGone);
            continue;
        }
        buffer.append(bytes, static_cast<std::size_t>(count));
        for (std::size_t end = 0; (end = buffer.find('\n')) != std::string::npos; buffer.erase(0, end + 1))
            handle(std::string_view(buffer).substr(0, end));
        if (buffer.size() > 65536)
            buffer.clear(); // no command is that long
    }
}

void Control::handle(std::string_view line)
{
    const auto command = protocol::decodeTrainerCommand(line);
    if (command.hasError()) {
        spdlog::warn("A command on stdin was not understood and is ignored.");
        return;
    }
    switch (*command) {
    case protocol::TrainerCommand::Stop: leave(m_stop); break;
    case protocol::TrainerCommand::Pause: m_paused = !m_leaving; break;
    case protocol::TrainerCommand::Resume: m_paused = false; break;
    case protocol::TrainerCommand::Checkpoint: m_checkpoint = true; break;
    }
}

}
