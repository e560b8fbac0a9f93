#include "core/device/result_log.h"

#include "core/base/files.h"
#include "core/protocol/json_fields.h"
#include "core/transport/line_pipe.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <mutex>
#include <spdlog/spdlog.h>
#include <sstream>
#include <unistd.h>
#include <utility>

namespace percept::device {

namespace {

base::Error notWritten(const std::filesystem::path& path)
{
    return base::failed(fmt::format("{} cannot be written: {}.", path.string(), base::describeErrno(errno)));
}

// The reverse of keyOf(), as a line.
std::string lineOf(const std::string& key)
{
    const std::size_t second = key.rfind('\n'), first = key.rfind('\n', second - 1);
    return protocol::dumpLine({ { "file", key.substr(0, first) }, { "bytes", std::stoll(key.substr(first + 1, second - first - 1)) },
        { "modifiedMs", std::stoll(key.substr(second + 1)) } });
}

}

std::string ResultLog::keyOf(const std::string& file, std::int64_t bytes, std::int64_t modifiedMs)
{
    return fmt::format("{}\n{}\n{}", file, bytes, modifiedMs);
}

ResultLog::ResultLog(std::filesystem::path path, const Limits& limits)
    : m_path(std::move(path))
    , m_limits(limits)
{
}

base::Result<ResultLog> ResultLog::open(const std::filesystem::path& path, const Limits& limits)
{
    ResultLog log(path, limits);
    if (path.empty()) {
        log.m_fd = STDOUT_FILENO;
        return log;
    }
    PERCEPT_TRY(log.readKnown());
    if (const auto opened = log.openFile(); opened.hasError()) {
        // Pictures are answered for others too, and the next answer tries again. Where the folder is not there, it never will be.
        if (std::error_code problem; !std::filesystem::is_directory(path.parent_path(), problem))
            return opened.error();
        spdlog::error("{} Answers for pictures of folders are left out until then.", opened.error().message);
        log.m_isFailing = true;
        log.rememberReadOnly();
        return log;
    }
    PERCEPT_TRY(log.read());
    return log;
}

base::Result<void> ResultLog::openFile()
{
    m_fd = ::open(m_path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    const off_t size = m_fd >= 0 ? ::lseek(m_fd, 0, SEEK_END) : -1;
    if (size < 0)
        return notWritten(m_path);
    m_bytes = size;
    return {};
}

// A memory that is damaged costs no more than that pictures which are still there are answered again.
base::Result<void> ResultLog::readKnown()
{
    const auto text = base::readTextFile(besides(".known"), 1ull << 30);
    if (text.hasError()) {
        if (text.error().code != base::ErrorCode::NotFound)
            spdlog::warn("{} Pictures that were answered long ago are answered again.", text.error().message);
        return {};
    }
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);)
        if (const auto json = protocol::parseJson(line, "A line of " + besides(".known").string()); json.hasValue())
            remember(json.value());
    return {};
}

base::Result<off_t> ResultLog::rememberLines(int fd)
{
    transport::LineReader reader(fd);
    off_t complete = 0;
    while (true) {
        PERCEPT_ASSIGN(line, reader.readLine());
        if (!line.has_value())
            return complete;
        complete += static_cast<off_t>(line->size()) + 1;
        const auto json = protocol::parseJson(*line, "A line of " + m_path.string());
        if (json.hasValue())
            remember(json.value());
    }
}

// Of a file that cannot be written now: what was answered is not answered again.
void ResultLog::rememberReadOnly()
{
    const int fd = ::open(m_path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    if (const auto lines = rememberLines(fd); lines.hasError())
        spdlog::warn("{}", lines.error().message);
    ::close(fd);
}

base::Result<void> ResultLog::read()
{
    if (::lseek(m_fd, 0, SEEK_SET) != 0)
        return notWritten(m_path);
    PERCEPT_ASSIGN(complete, rememberLines(m_fd));
    if (::ftruncate(m_fd, complete) != 0)
        return notWritten(m_path);
    m_bytes = complete;
    return {};
}

ResultLog::~ResultLog() { close(); }

void ResultLog::close()
{
    if (m_fd > STDERR_FILENO)
        ::close(m_fd);
    m_fd = -1;
}

ResultLog::ResultLog(ResultLog&& other) noexcept
    : m_path(std::move(other.m_path))
    , m_limits(other.m_limits)
    , m_fd(std::exchange(other.m_fd, -1))
    , m_bytes(other.m_bytes)
    , m_isFailing(other.m_isFailing)
    , m_known(std::move(other.m_known))
{
}

void ResultLog::remember(const nlohmann::json& line)
{
    if (!isFile())
        return;
    protocol::JsonFields fields(line, "A result");
    m_known.insert(keyOf(fields.text("file"), fields.integer("bytes", 0, INT64_MAX, 0),
        fields.integer("modifiedMs", INT64_MIN, INT64_MAX, 0)));
}

void ResultLog::keepOnly(const std::set<std::string>& present)
{
    std::erase_if(m_known, [&](const std::string& key) { return !present.contains(key); });
}

// The oldest answers go first: where the disk is full, theirs is the room for the memory. The memory is complete before the
// answers that it is of are moved.
base::Result<void> ResultLog::rotate()
{
    std::error_code ignored;
    std::filesystem::remove(besides(".1"), ignored);
    std::string known;
    for (const std::string& key : m_known)
        known += lineOf(key) + "\n";
    PERCEPT_TRY(base::atomicWrite(besides(".known"), std::string_view(known)));
    close();
    if (std::rename(m_path.c_str(), besides(".1").c_str()) != 0)
        return base::failed(fmt::format("{} cannot be renamed: {}.", m_path.string(), base::describeErrno(errno)));
    return openFile();
}

base::Result<void> ResultLog::write(const std::string& line)
{
    if (!isFile())
        return writeResultLine(m_fd, line);
    if (m_fd < 0)
        PERCEPT_TRY(openFile());
    const auto size = static_cast<std::int64_t>(line.size()) + 1;
    if (m_bytes > 0 && m_bytes + size > m_limits.mostBytes)
        PERCEPT_TRY(rotate());
    const auto written = writeResultLine(m_fd, line);
    if (written.hasValue())
        m_bytes += size;
    else
        (void)::ftruncate(m_fd, m_bytes); // no half line before the next one
    return written;
}

base::Result<void> ResultLog::add(const nlohmann::json& line)
{
    const auto written = write(protocol::dumpLine(line));
    remember(line);
    return written;
}

void ResultLog::addOrLeaveOut(const nlohmann::json& line)
{
    const auto written = add(line);
    if (written.hasError() && !m_isFailing)
        spdlog::error("{} Answers for pictures of folders are left out until then.", written.error().message);
    m_isFailing = written.hasError();
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
