#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <memory>

struct AVFormatContext;
struct AVIOContext;

namespace percept::streams {

// The bytes of one regular file for FFmpeg's demuxers. They get nothing else: no protocol of theirs is asked, no further file
// that this one names is opened, and only kinds of container that cameras and phones write are tried.
class VideoInput {
public:
    static base::Result<std::unique_ptr<VideoInput>> open(const std::filesystem::path& path);
    ~VideoInput();
    VideoInput(const VideoInput&) = delete;
    VideoInput& operator=(const VideoInput&) = delete;

    AVFormatContext* format() { return m_format; }
    const std::string& name() const { return m_name; } // of the file, for sentences

private:
    VideoInput(int fd, std::string name)
        : m_fd(fd)
        , m_name(std::move(name))
    {
    }
    base::Result<void> openFormat();

    const int m_fd;
    const std::string m_name;
    AVIOContext* m_bytes = nullptr;
    AVFormatContext* m_format = nullptr;
};

// FFmpeg's own words for an error number, for the log.
std::string describeFfmpeg(int error);

}
