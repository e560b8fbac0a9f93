#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace percept::device {

// Answers for pictures of a source, a JSON line each, appended: {"file","width","height","ms","predictions","bytes",
// "modifiedMs","timeMs","model"} or {"file","error",...}. It is also the memory of what was answered already, so that a
// restart neither repeats nor leaves out a picture. One thread.
class ResultLog {
public:
    // Reads what is there; a last line that a crash has torn is cut off. An empty path: standard output, without memory.
    static base::Result<ResultLog> open(const std::filesystem::path& path);
    ~ResultLog();
    ResultLog(ResultLog&& other) noexcept;
    ResultLog& operator=(ResultLog&&) = delete;

    // A file that changed since is a new picture.
    bool knows(const std::string& file, std::int64_t bytes, std::int64_t modifiedMs) const;
    base::Result<void> add(const nlohmann::json& line);

private:
    explicit ResultLog(int fd)
        : m_fd(fd)
    {
    }
    void remember(const nlohmann::json& line);

    int m_fd;
    std::set<std::string> m_known;
};

// One whole line at a time, whichever threads and logs write to that descriptor.
base::Result<void> writeResultLine(int fd, const std::string& line);

}
