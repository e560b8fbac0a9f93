#include "core/streams/video_input.h"

#include "core/base/files.h"
#include "core/protocol/video_messages.h"
#include "core/streams/ffmpeg.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace percept::streams {

namespace {

constexpr int kBlockBytes = 1 << 16;
constexpr std::int64_t kProbeBytes = 5 << 20, kProbeMicroseconds = 5'000'000;
constexpr int kMostStreams = 64;
constexpr std::size_t kMostBlockBytes = 512 << 20; // that is made at once
// No playlists and no lists of other files among them.
constexpr const char* kContainers = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,ogg,flv,asf";
constexpr const char* kCodecs = "h264,hevc,mpeg4,msmpeg4v3,mpeg1video,mpeg2video,mjpeg,vp8,vp9,libdav1d,theora,prores,dvvideo,"
                                "ffv1,h263,wmv2,wmv3,vc1,rawvideo";

int readBlock(void* opaque, std::uint8_t* to, int size)
{
    while (true) {
        const ssize_t n = ::read(*static_cast<const int*>(opaque), to, static_cast<std::size_t>(size));
        if (n > 0)
            return static_cast<int>(n);
        if (n == 0)
            return AVERROR_EOF;
        if (errno != EINTR)
            return AVERROR(errno);
    }
}

std::int64_t seekTo(void* opaque, std::int64_t offset, int whence)
{
    const int fd = *static_cast<const int*>(opaque);
    struct stat info { };
    if ((whence & AVSEEK_SIZE) != 0)
        return ::fstat(fd, &info) == 0 ? static_cast<std::int64_t>(info.st_size) : AVERROR(errno);
    const off_t at = ::lseek(fd, offset, whence & ~AVSEEK_FORCE);
    return at < 0 ? AVERROR(errno) : static_cast<std::int64_t>(at);
}

// FFmpeg looks into the first pictures to find out what they are: within the same limits as later.
int findStreams(AVFormatContext& format)
{
    std::vector<AVDictionary*> options(format.nb_streams, nullptr);
    for (auto& one : options)
        ::av_dict_set_int(&one, "max_pixels", protocol::kMostVideoPixels, 0);
    const int status = ::avformat_find_stream_info(&format, options.data());
    for (auto& one : options)
        ::av_dict_free(&one);
    return status;
}

int openNothing(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EPERM); }

}

std::string describeFfmpeg(int error)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = {};
    ::av_strerror(error, text, sizeof text);
    return text;
}

base::Result<std::unique_ptr<VideoInput>> VideoInput::open(const std::filesystem::path& path)
{
    const std::string name = path.filename().string();
    // Not waiting: a pipe that nobody writes to is no video either.
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? base::notFound("The video " + path.string() + " does not exist.")
                               : base::failed(path.string() + " cannot be read: " + base::describeErrno(errno) + ".");
    std::unique_ptr<VideoInput> input(new VideoInput(fd, name));
    struct stat info { };
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        return base::refused(path.string() + " is not a file. Give a video file, or a folder of pictures.");
    PERCEPT_TRY(input->openFormat());
    return input;
}

VideoInput::~VideoInput()
{
    ::avformat_close_input(&m_format);
    if (m_bytes != nullptr)
        ::av_freep(static_cast<void*>(&m_bytes->buffer));
    ::avio_context_free(&m_bytes);
    ::close(m_fd);
}

base::Result<void> VideoInput::openFormat()
{
    ::av_max_alloc(kMostBlockBytes);
    auto* buffer = static_cast<unsigned char*>(::av_malloc(kBlockBytes));
    m_bytes = ::avio_alloc_context(buffer, kBlockBytes, 0, const_cast<int*>(&m_fd), readBlock, nullptr, seekTo);
    m_format = ::avformat_alloc_context();
    if (m_bytes == nullptr || m_format == nullptr)
        return base::failed("There is not enough memory to open " + m_name + ".");
    m_format->pb = m_bytes;
    m_format->flags |= AVFMT_FLAG_CUSTOM_IO;
    m_format->io_open = openNothing;
    m_format->probesize = kProbeBytes;
    m_format->max_analyze_duration = kProbeMicroseconds;
    m_format->max_streams = kMostStreams;
    m_format->format_whitelist = ::av_strdup(kContainers);
    m_format->codec_whitelist = ::av_strdup(kCodecs);
    m_format->protocol_whitelist = ::av_strdup("file");
    int status = ::avformat_open_input(&m_format, m_name.c_str(), nullptr, nullptr);
    if (status >= 0)
        status = findStreams(*m_format);
    if (status < 0)
        return base::refused(m_name + " cannot be played: it is no video of a kind that Percept reads, or it was cut off before its "
            "index. Copy it again from its source, or convert it to MP4.", describeFfmpeg(status));
    return {};
}

}
