#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace percept::interchange {

// A new file, written in large pieces; every write is checked, and close() makes sure that it is on disk if told to.
class OutputFile {
public:
    static base::Result<OutputFile> create(const std::filesystem::path& path);
    OutputFile(OutputFile&& other) noexcept;
    ~OutputFile();

    base::Result<void> write(std::string_view text);
    base::Result<void> close(bool sync);

private:
    OutputFile(int fd, std::string name);
    base::Result<void> flush();

    int m_fd;
    std::string m_name, m_buffer;
};

// 64 -> "64.0": always with a point, and exactly the same number when read.
std::string decimal(double value);

}
