#include "tests/e2e/once_fleet.h"

#include "core/base/hash.h"
#include "tests/support/run_program.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <csignal>
#include <fmt/format.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace percept::test {

namespace fs = std::filesystem;

OutboxDevice::OutboxDevice(fs::path state, const std::string& line)
    : m_state(std::move(state))
{
    const auto enrolled = runProgram("percept-edge", { "enroll", "--state", m_state.string(), line });
    if (enrolled.status != 0)
        throw std::runtime_error(enrolled.err);
}

void OutboxDevice::start(const Work& work)
{
    std::vector<std::string> words { PERCEPT_OUTBOX_DEVICE, m_state.string(), std::to_string(work.count), std::to_string(work.sampleEvery),
        std::to_string(work.mostWaiting), work.broker };
    std::vector<char*> argv;
    for (auto& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    std::error_code ignored;
    fs::remove(m_state / "filled", ignored);
    m_isDone = false;
    m_pid = ::fork();
    if (m_pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::execv(PERCEPT_OUTBOX_DEVICE, argv.data());
        ::_exit(127);
    }
}

bool OutboxDevice::kill()
{
    if (m_pid <= 0)
        return false;
    int status = 0;
    ::kill(m_pid, SIGKILL);
    ::waitpid(m_pid, &status, 0);
    m_pid = 0;
    m_isDone = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return WIFSIGNALED(status);
}

bool OutboxDevice::isDone()
{
    int status = 0;
    if (m_pid > 0 && ::waitpid(m_pid, &status, WNOHANG) == m_pid) {
        m_pid = 0;
        m_isDone = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (!m_isDone)
            throw std::runtime_error("outbox_device has failed");
    }
    return m_isDone;
}

bool OutboxDevice::isFilled() const { return fs::exists(m_state / "filled"); }

Kept readKept(const fs::path& fleet, const std::string& device, int sampleEvery)
{
    SQLite::Database db((fleet / "fleet.db").string(), SQLite::OPEN_READONLY);
    SQLite::Statement query(db, "WITH entry AS (SELECT stream, sequence, received_ms, frames, NULL AS id FROM telemetry "
                                "UNION ALL SELECT stream, sequence, received_ms, -1, id FROM sample) "
                                "SELECT sequence, received_ms, entry.frames, entry.id, stream FROM entry JOIN stream ON stream.id = stream "
                                "JOIN device ON device.id = device WHERE device.name = ? ORDER BY stream, sequence");
    query.bind(1, device);
    Kept kept;
    std::int64_t lastStream = 0;
    for (std::int64_t received = 0; query.executeStep();) {
        const std::int64_t number = ++kept.entries;
        kept.streams += query.getColumn(4).getInt64() != std::exchange(lastStream, query.getColumn(4).getInt64());
        const bool isSample = number % sampleEvery == 0;
        const bool isRight = isSample
            ? query.getColumn(3).getString() == base::sha256Hex(fmt::format("{} {}", device, number)).substr(0, 32)
            : query.getColumn(2).getInt64() == 1 + number % 1000;
        kept.windows += !isSample;
        kept.samples += isSample;
        kept.wrong += !isRight || query.getColumn(0).getInt64() != number || query.getColumn(1).getInt64() < received;
        received = query.getColumn(1).getInt64();
    }
    return kept;
}

}
