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
    base::Result<void> send(std::string_view bytes, double deadline, const base::CancelToken& cancel);
    base::Result<std::optional<std::string>> readAnswer(double deadline, const base::CancelToken& cancel);
    base::Error noAnswer(bool isLate, double timeoutSeconds, const base::CancelToken& cancel);
    void killAndReap();

    const std::string m_name;
    int m_pid;
    int m_in, m_out; // our ends: requests, answers
    transport::LineReader m_reader;
    std::optional<int> m_status; // of waitpid, once dead
    bool m_hasTimedOut = false;
};

}
