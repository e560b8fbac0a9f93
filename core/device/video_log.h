#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>

namespace percept::device {

// Answers for the pictures of videos, a JSON line each: {"file","frame","seconds","width","height","ms","predictions","timeMs",
// "model"} or {"file","frame","seconds","error",..}. A video may go round for months: the file is kept below kMostBytes, the one
// before it beside it (NAME.1), and nothing is held in memory. Any thread.
class VideoLog {
public:
    static constexpr std::int64_t kMostBytes = 32 << 20;
    // An empty path: standard output.
    explicit VideoLog(std::filesystem::path path, std::int64_t mostBytes = kMostBytes);
    ~VideoLog();
    VideoLog(const VideoLog&) = delete;
    VideoLog& operator=(const VideoLog&) = delete;

    // What cannot be written is left out and said once, until it can be again: a full disk keeps nobody from answering.
    void add(const nlohmann::json& line);

private:
    base::Result<void> write(const std::string& line);
    base::Result<void> open();
    void close();

    const std::filesystem::path m_path;
    const std::int64_t m_mostBytes;
    std::mutex m_mutex;
    int m_fd = -1;
    std::int64_t m_bytes = 0;
    bool m_isFailing = false;
};

}
