#include "core/streams/video_file.h"

#include "core/streams/ffmpeg.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <thread>

namespace percept::streams {

namespace {

constexpr unsigned kMostThreads = 2; // the model wants the rest
constexpr double kUsualPictureSeconds = 0.04;

std::string sizeText(int width, int height) { return fmt::format("{} x {}", width, height); }

bool isPossible(int width, int height)
{
    return width > 0 && height > 0 && width <= 65535 && height <= 65535
        && std::int64_t { width } * height <= protocol::kMostVideoPixels;
}

Turn turnOf(const AVStream& stream)
{
    std::size_t size = 0;
    const std::uint8_t* matrix = ::av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    if (matrix == nullptr || size < 9 * sizeof(std::int32_t))
        return Turn::None;
    const double degrees = ::av_display_rotation_get(reinterpret_cast<const std::int32_t*>(matrix)); // counterclockwise
    if (!std::isfinite(degrees))
        return Turn::None;
    const long quarters = std::lround(-degrees / 90) % 4;
    return static_cast<Turn>((quarters + 4) % 4);
}

bool isAcross(Turn turn) { return turn == Turn::Quarter || turn == Turn::ThreeQuarters; }

double secondsOrZero(std::int64_t time, AVRational base)
{
    return time == AV_NOPTS_VALUE || time < 0 || base.den <= 0 ? 0 : static_cast<double>(time) * ::av_q2d(base);
}

bool isDamaged(const AVFrame& frame) { return frame.decode_error_flags != 0 || (frame.flags & AV_FRAME_FLAG_CORRUPT) != 0; }

}

void FreeFrame::operator()(AVFrame* frame) const { ::av_frame_free(&frame); }

base::Result<std::unique_ptr<VideoFile>> VideoFile::open(const std::filesystem::path& path, double fromSeconds)
{
    ::av_log_set_level(AV_LOG_QUIET); // what went wrong is counted and said once
    PERCEPT_ASSIGN(input, VideoInput::open(path));
    std::unique_ptr<VideoFile> file(new VideoFile(std::move(input)));
    PERCEPT_TRY(file->openStream());
    PERCEPT_TRY(file->openDecoder());
    if (fromSeconds > 0)
        PERCEPT_TRY(file->seek(fromSeconds));
    return file;
}

VideoFile::VideoFile(std::unique_ptr<VideoInput> input)
    : m_input(std::move(input))
    , m_packet(::av_packet_alloc())
    , m_frame(::av_frame_alloc())
{
}

VideoFile::~VideoFile()
{
    ::av_packet_free(&m_packet);
    ::avcodec_free_context(&m_decoder);
}

base::Result<void> VideoFile::openStream()
{
    AVFormatContext& format = *m_input->format();
    const int index = ::av_find_best_stream(&format, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    if (index < 0 || (format.streams[index]->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0)
        return base::refused(m_input->name() + " has no moving pictures in it. Give another file.");
    for (unsigned i = 0; i < format.nb_streams; ++i)
        if (static_cast<int>(i) != index)
            format.streams[i]->discard = AVDISCARD_ALL;
    m_stream = format.streams[index];
    const AVCodecParameters& codec = *m_stream->codecpar;
    if (!isPossible(codec.width, codec.height)) {
        const bool isKnown = codec.width > 0 && codec.height > 0; // else FFmpeg has refused it already
        return base::refused(fmt::format("{} has pictures {}; at most 4096 x 4096 pixels are taken. Convert it to a smaller size.",
            m_input->name(), isKnown ? "of " + sizeText(codec.width, codec.height) + " pixels" : "without a size, or of one beyond all measure"));
    }
    m_turn = turnOf(*m_stream);
    m_facts.width = isAcross(m_turn) ? codec.height : codec.width;
    m_facts.height = isAcross(m_turn) ? codec.width : codec.height;
    m_facts.seconds = std::max(secondsOrZero(m_stream->duration, m_stream->time_base), secondsOrZero(format.duration, AV_TIME_BASE_Q));
    const AVRational rate = ::av_guess_frame_rate(&format, m_stream, nullptr);
    // An AVI that was cut off is as long as what is left of it, but knows how many pictures it had.
    if (m_stream->nb_frames > 0 && m_stream->avg_frame_rate.num > 0 && m_stream->avg_frame_rate.den > 0)
        m_facts.seconds = std::max(m_facts.seconds, static_cast<double>(m_stream->nb_frames) / ::av_q2d(m_stream->avg_frame_rate));
    m_facts.framesPerSecond = rate.num > 0 && rate.den > 0 ? ::av_q2d(rate) : 0;
    m_facts.codec = ::avcodec_get_name(codec.codec_id);
    return {};
}

base::Result<void> VideoFile::openDecoder()
{
    const AVCodec* codec = ::avcodec_find_decoder(m_stream->codecpar->codec_id);
    m_decoder = codec != nullptr ? ::avcodec_alloc_context3(codec) : nullptr;
    if (m_decoder == nullptr || m_packet == nullptr || m_frame == nullptr)
        return base::refused(m_input->name() + " is of a kind (" + m_facts.codec + ") that Percept does not play. Convert it to H.264.");
    int status = ::avcodec_parameters_to_context(m_decoder, m_stream->codecpar);
    m_decoder->pkt_timebase = m_stream->time_base;
    m_decoder->max_pixels = protocol::kMostVideoPixels;
    m_decoder->codec_whitelist = ::av_strdup(m_input->format()->codec_whitelist);
    m_decoder->thread_count = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u, kMostThreads));
    if (status >= 0)
        status = ::avcodec_open2(m_decoder, codec, nullptr);
    if (status < 0)
        return base::refused(m_input->name() + " is of a kind (" + m_facts.codec + ") that Percept does not play. Convert it to H.264.",
            describeFfmpeg(status));
    return {};
}

base::Result<void> VideoFile::seek(double seconds)
{
    const std::int64_t start = m_input->format()->start_time == AV_NOPTS_VALUE ? 0 : m_input->format()->start_time;
    const auto wanted = start + static_cast<std::int64_t>(std::min(seconds, 1e9) * AV_TIME_BASE);
    const int status = ::avformat_seek_file(m_input->format(), -1, wanted, wanted, INT64_MAX, 0);
    if (status < 0)
        return base::refused(fmt::format("{} cannot be gone on with after {:.1f} s.", m_input->name(), seconds), describeFfmpeg(status));
    return {};
}

double VideoFile::secondsOf(const AVFrame& frame)
{
    const double usual = m_facts.framesPerSecond > 0 ? 1 / m_facts.framesPerSecond : kUsualPictureSeconds;
    const std::int64_t time = frame.best_effort_timestamp;
    const std::int64_t start = m_stream->start_time == AV_NOPTS_VALUE ? 0 : m_stream->start_time;
    return time == AV_NOPTS_VALUE ? m_lastSeconds + usual
                                  : std::max(0.0, static_cast<double>(time) - static_cast<double>(start)) * ::av_q2d(m_stream->time_base);
}

// What the decoder has ready.
std::optional<VideoFile::Picture> VideoFile::take()
{
    if (isDamaged(*m_frame) || !isPossible(m_frame->width, m_frame->height)) {
        ++m_damaged;
        ::av_frame_unref(m_frame.get());
        return std::nullopt;
    }
    Picture picture { FramePointer(::av_frame_alloc()), secondsOf(*m_frame) };
    if (picture.frame == nullptr)
        return std::nullopt;
    ::av_frame_move_ref(picture.frame.get(), m_frame.get());
    m_lastSeconds = picture.seconds;
    ++m_pictures;
    return picture;
}

base::Result<bool> VideoFile::feed()
{
    if (m_isDraining)
        return false;
    const int status = ::av_read_frame(m_input->format(), m_packet);
    if (status < 0) {
        m_hasReadProblem = status != AVERROR_EOF;
        m_isDraining = true;
        (void)::avcodec_send_packet(m_decoder, nullptr);
        return true;
    }
    int sent = 0;
    if (m_packet->stream_index == m_stream->index)
        sent = ::avcodec_send_packet(m_decoder, m_packet);
    ::av_packet_unref(m_packet);
    if (sent == AVERROR(ENOMEM))
        return base::failed("There is not enough memory to decode " + m_input->name() + ".");
    if (sent < 0)
        ++m_damaged;
    return true;
}

base::Result<std::optional<VideoFile::Picture>> VideoFile::next()
{
    while (true) {
        const int status = ::avcodec_receive_frame(m_decoder, m_frame.get());
        if (status == 0) {
            if (auto picture = take())
                return std::optional(std::move(picture));
            continue;
        }
        if (status == AVERROR_EOF)
            return std::optional<Picture>();
        if (status == AVERROR(ENOMEM))
            return base::failed("There is not enough memory to decode " + m_input->name() + ".");
        if (status != AVERROR(EAGAIN))
            ++m_damaged;
        PERCEPT_ASSIGN(goesOn, feed());
        if (!goesOn)
            return std::optional<Picture>();
    }
}

std::string VideoFile::complaint() const
{
    if (m_pictures == 0)
        return m_input->name() + " has no picture in it that can be decoded. Copy it again from its source.";
    const double missing = m_facts.seconds - m_lastSeconds;
    if (m_facts.seconds > 0 && missing > std::max(1.0, 0.02 * m_facts.seconds))
        return fmt::format("{} ends after {:.1f} s although it says that it is {:.1f} s long: it was cut off. Copy it again from its source.",
            m_input->name(), m_lastSeconds, m_facts.seconds);
    return m_hasReadProblem ? m_input->name() + " is damaged near its end. Copy it again from its source." : std::string();
}

}
