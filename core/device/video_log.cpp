#include "core/device/video_log.h"

#include "core/base/files.h"
#include "core/device/result_log.h"
#include "core/protocol/json_fields.h"
#include "core/transport/line_pipe.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace percept::device {

VideoLog::VideoLog(std::filesystem::path path, std::int64_t mostBytes)
    : m_path(std::move(path))
    , m_mostBytes(mostBytes)
{
}

VideoLog::~VideoLog() { close(); }

void VideoLog::close()
{
    if (m_fd >= 0)
        ::close(m_fd);
    m_fd = -1;
}

base::Result<void> VideoLog::open()
{
    m_fd = ::open(m_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    const off_t size = m_fd >= 0 ? ::lseek(m_fd, 0, SEEK_END) : -1;
    if (size < 0)
        return base::failed(fmt::format("{} cannot be written: {}.", m_path.string(), base::describeErrno(errno)));
    m_bytes = size;
    return {};
}

base::Result<void> VideoLog::write(const std::string& line)
{
    if (m_path.empty())
        return writeResultLine(STDOUT_FILENO, line);
    if (m_fd < 0)
        PERCEPT_TRY(open());
    if (m_bytes > 0 && m_bytes + static_cast<std::int64_t>(line.size()) >= m_mostBytes) {
        close();
        if (std::rename(m_path.c_str(), (m_path.string() + ".1").c_str()) != 0)
            return base::failed(fmt::format("{} cannot be renamed: {}.", m_path.string(), base::describeErrno(errno)));
        PERCEPT_TRY(open());
    }
    const auto written = writeResultLine(m_fd, line);
    if (written.hasValue())
        m_bytes += static_cast<std::int64_t>(line.size()) + 1;
    else
        (void)::ftruncate(m_fd, m_bytes); // no half line before the next one
    return written;
}

void VideoLog::add(const nlohmann::json& line)
{
    const std::lock_guard lock(m_mutex);
    const auto written = write(protocol::dumpLine(line));
    if (written.hasError() && !m_isFailing)
        spdlog::error("{} Answers for videos are left out until then.", written.error().message);
    m_isFailing = written.hasError();
}

}
