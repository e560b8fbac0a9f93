#pragma once

#include "core/protocol/trainer_messages.h"

#include <filesystem>
#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace percept::test {

// percept-trainer on a run, with both pipes in our hands.
class TrainerChild {
public:
    explicit TrainerChild(const std::filesystem::path& run, const std::vector<std::string>& more = {});
    ~TrainerChild(); // kills

    // Reads lines until `until` says so or the program ends; keeps all messages.
    void read(const std::function<bool(const protocol::TrainerMessage&)>& until);
    void send(protocol::TrainerCommand command);
    void closeInput();
    void kill(int signal);
    pid_t pid() const { return m_pid; }
    int wait(); // reads to the end; exit status, or 128 + signal

    const std::vector<protocol::TrainerMessage>& messages() const { return m_messages; }
    std::vector<protocol::FinishedMessage> finished() const;
    const std::vector<std::string>& foreignLines() const { return m_foreign; } // not of the protocol

private:
    bool readLine();
    pid_t m_pid = -1;
    int m_in = -1, m_out = -1;
    std::string m_buffer;
    std::vector<protocol::TrainerMessage> m_messages;
    std::vector<std::string> m_foreign;
};

}
