#include "tests/core/training/trainer_child.h"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

namespace percept::test {

TrainerChild::TrainerChild(const std::filesystem::path& run, const std::vector<std::string>& more)
{
    int in[2], out[2];
    if (::pipe(in) != 0 || ::pipe(out) != 0)
        return;
    m_pid = ::fork();
    if (m_pid == 0) {
        ::dup2(in[0], 0);
        ::dup2(out[1], 1);
        for (const int fd : { in[0], in[1], out[0], out[1] })
            ::close(fd);
        std::vector<std::string> words { PERCEPT_BIN_DIR "/percept-trainer", "--run", run.string() };
        words.insert(words.end(), more.begin(), more.end());
        std::vector<char*> arguments;
        for (auto& word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    m_in = in[1];
    m_out = out[0];
}

TrainerChild::~TrainerChild()
{
    closeInput();
    if (m_pid > 0) {
        kill(SIGKILL);
        wait();
    }
    ::close(m_out);
}

bool TrainerChild::readLine()
{
    std::size_t end = 0;
    while ((end = m_buffer.find('\n')) == std::string::npos) {
        char bytes[4096];
        const auto count = ::read(m_out, bytes, sizeof bytes);
        if (count <= 0)
            return false;
        m_buffer.append(bytes, static_cast<std::size_t>(count));
    }
    const std::string line = m_buffer.substr(0, end);
    m_buffer.erase(0, end + 1);
    auto message = protocol::decodeTrainerMessage(line);
    if (message.hasValue())
        m_messages.push_back(std::move(message).value());
    else
        m_foreign.push_back(line);
    return true;
}

void TrainerChild::read(const std::function<bool(const protocol::TrainerMessage&)>& until)
{
    for (std::size_t before = m_messages.size(); readLine(); before = m_messages.size())
        if (m_messages.size() > before && until(m_messages.back()))
            return;
}

void TrainerChild::send(protocol::TrainerCommand command)
{
    const std::string line = protocol::encode(command) + "\n";
    if (::write(m_in, line.data(), line.size()) < 0)
        closeInput();
}

void TrainerChild::closeInput()
{
    if (m_in >= 0)
        ::close(m_in);
    m_in = -1;
}

void TrainerChild::kill(int signal) { ::kill(m_pid, signal); }

int TrainerChild::wait()
{
    while (readLine()) { }
    int status = 0;
    ::waitpid(m_pid, &status, 0);
    m_pid = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::vector<protocol::FinishedMessage> TrainerChild::finished() const
{
    std::vector<protocol::FinishedMessage> found;
    for (const auto& message : m_messages)
        if (const auto* finished = std::get_if<protocol::FinishedMessage>(&message))
            found.push_back(*finished);
    return found;
}

}
