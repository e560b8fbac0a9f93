#pragma once

#include "core/base/cancel.h"
#include "core/base/result.h"
#include "core/transport/line_pipe.h"

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace percept::device {

// A model process (`percept-edge --serve`), or another one that meets foreign bytes, on two pipes. The thread that starts it must outlive it, because the child dies
// with that thread (PR_SET_PDEATHSIG) and so never outlives its supervisor. The destructor ends it.
class ChildProcess {
public:
    // `name`: what sentences call it.
    static base::Result<std::unique_ptr<ChildProcess>> start(
        const std::filesystem::path& program, const std::vector<std::string>& arguments, std::string name = "model process");
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    // Conflict: the request never reached the child, which had gone already, so it can be asked again of another one.
    // Failed: it died, was too slow (to read the request as well as to answer it) or answered what makes no sense, and is dead
    // now. Cancelled: likewise dead, by our own wish. A value is of the shape that checkChildAnswer() wants.
    base::Result<nlohmann::json> ask(
        const nlohmann::json& request, std::span<const std::uint8_t> payload, double timeoutSeconds,
        const base::CancelToken& cancel = {});
    // The same in steps, for who has something else to do meanwhile. After begin() a child owes an answer, and is asked nothing else until
    // await() has given it; nothing: it has not come yet. A child that will not be waited for any longer is ended by giveUp().
    base::Result<void> begin(const nlohmann::json& request, std::span<const std::uint8_t> payload);
    std::optional<base::Result<nlohmann::json>> await(double seconds);
    base::Error giveUp(double waitedSeconds); // a sentence
    // Bytes that follow an answer. An error is the end of the child.
    base::Result<std::vector<std::uint8_t>> readBytes(std::size_t count, double timeoutSeconds);
    bool isAlive();
    // It was ended because it did not read or gave no answer in time.
    bool hasTimedOut() const { return m_hasTimedOut; }
    int pid() const { return m_pid; }
    // "was killed by signal 9", "ended with status 1"; after the death
    std::string describeEnd() const;
    // Closes its input and waits until it has ended by itself, at most so long; then kills it.
    void finish(double timeoutSeconds);

private:
    ChildProcess(int pid, int in, int out, std::string name);
    struct Question {
        nlohmann::json request;
        std::string bytes;                 // line and payload
        std::size_t sent = 0, lineBytes = 0;
    };
    enum class Sent { All, NotYet, NobodyReads };
    Sent sendRest(double deadline);
    base::Error isGone();
    base::Result<nlohmann::json> answerFrom(const std::string& text);
    void killAndReap();

    const std::string m_name;
    int m_pid;
    int m_in, m_out; // our ends: requests, answers
    transport::LineReader m_reader;
    std::optional<int> m_status; // of waitpid, once dead
    std::optional<Question> m_question; // that it owes an answer to
    bool m_hasTimedOut = false;
};

}
