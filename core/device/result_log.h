#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <sys/types.h>

namespace percept::device {

// Answers for pictures of a source, a JSON line each, appended: {"file","width","height","ms","predictions","bytes",
// "modifiedMs","timeMs","model"} or {"file","error",...}. It is also the memory of what was answered already, so that a
// restart neither repeats nor leaves out a picture. One thread.
//
// A folder may be watched for years: the file is kept below mostBytes, the one before it beside it (NAME.1), and what older
// ones had answered in NAME.known, {"file","bytes","modifiedMs"} a line.
class ResultLog {
public:
    struct Limits {
        std::int64_t mostBytes = 32 << 20;
        std::size_t mostGone = 10'000; // pictures that are there no more and are remembered all the same
    };
    // Reads what is there; a last line that a crash has torn is cut off. An empty path: standard output, without memory.
    static base::Result<ResultLog> open(const std::filesystem::path& path, const Limits& limits);
    static base::Result<ResultLog> open(const std::filesystem::path& path) { return open(path, Limits()); }
    ~ResultLog();
    ResultLog(ResultLog&& other) noexcept;
    ResultLog& operator=(ResultLog&&) = delete;
    bool isFile() const { return !m_path.empty(); } // else whoever reads standard output

    // A file that changed since is a new picture.
    bool knows(const std::string& file, std::int64_t bytes, std::int64_t modifiedMs) const { return m_known.contains(keyOf(file, bytes, modifiedMs)); }
    // It counts as answered also where the line could not be written, until the next start.
    base::Result<void> add(const nlohmann::json& line);
    // The same for who goes on whatever happens: what cannot be written is left out and said once, until it can be again.
    void addOrLeaveOut(const nlohmann::json& line);

    // Whether it remembers so much more than `present` pictures that those which have gone are to be forgotten.
    bool isOverfull(std::size_t present) const { return m_known.size() > 2 * present + m_limits.mostGone; }
    // Forgets all but these, see keyOf().
    void keepOnly(const std::set<std::string>& present);
    static std::string keyOf(const std::string& file, std::int64_t bytes, std::int64_t modifiedMs);

private:
    ResultLog(std::filesystem::path path, const Limits& limits);
    base::Result<void> read();
    base::Result<off_t> rememberLines(int fd); // bytes of the complete lines
    void rememberReadOnly();
    base::Result<void> readKnown();
    base::Result<void> write(const std::string& line);
    base::Result<void> openFile();
    base::Result<void> rotate();
    void close();
    void remember(const nlohmann::json& line);
    std::filesystem::path besides(const char* ending) const { return m_path.string() + ending; }

    std::filesystem::path m_path;
    Limits m_limits;
    int m_fd = -1;
    std::int64_t m_bytes = 0;
    bool m_isFailing = false;
    std::set<std::string> m_known;
};

// One whole line at a time, whichever threads and logs write to that descriptor.
base::Result<void> writeResultLine(int fd, const std::string& line);

}
