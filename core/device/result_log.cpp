#include "core/device/result_log.h"

#include "core/base/files.h"
#include "core/protocol/json_fields.h"
#include "core/transport/line_pipe.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <mutex>
#include <unistd.h>
#include <utility>

namespace percept::device {

namespace {

std::string keyOf(const std::string& file, std::int64_t bytes, std::int64_t modifiedMs)
{
    return fmt::format("{}\n{}\n{}", file, bytes, modifiedMs);
}

}

base::Result<ResultLog> ResultLog::open(const std::filesystem::path& path)
{
    if (path.empty())
        return ResultLog(STDOUT_FILENO);
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0)
        return base::failed(fmt::format("{} cannot be written: {}.", path.string(), base::describeErrno(errno)));
    ResultLog log(fd);
    transport::LineReader reader(fd);
    off_t complete = 0;
    while (true) {
        PERCEPT_ASSIGN(line, reader.readLine());
        if (!line.has_value())
            break;
        complete += static_cast<off_t>(line->size()) + 1;
        const auto json = protocol::parseJson(*line, "A line of " + path.string());
        if (json.hasValue())
            log.remember(json.value());
    }
    if (::ftruncate(fd, complete) != 0)
        return base::failed(fmt::format("{} cannot be written: {}.", path.string(), base::describeErrno(errno)));
    return log;
}

ResultLog::~ResultLog()
{
    if (m_fd > STDERR_FILENO)
        ::close(m_fd);
}

ResultLog::ResultLog(ResultLog&& other) noexcept
    : m_fd(std::exchange(other.m_fd, -1))
    , m_known(std::move(other.m_known))
{
}

bool ResultLog::knows(const std::string& file, std::int64_t bytes, std::int64_t modifiedMs) const
{
    return m_known.contains(keyOf(file, bytes, modifiedMs));
}

void ResultLog::remember(const nlohmann::json& line)
{
    protocol::JsonFields fields(line, "A result");
    m_known.insert(keyOf(fields.text("file"), fields.integer("bytes", 0, INT64_MAX, 0),
        fields.integer("modifiedMs", INT64_MIN, INT64_MAX, 0)));
}

base::Result<void> ResultLog::add(const nlohmann::json& line)
{
    remember(line);
    return writeResultLine(m_fd, protocol::dumpLine(line));
}

base::Result<void> writeResultLine(int fd, const std::string& line)
{
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    const auto written = transport::writeLine(fd, line);
    if (written.hasError())
        return base::failed("The results cannot be written. Free some space, or give a state folder that can be written.",
            written.error().message);
    return {};
}

}
