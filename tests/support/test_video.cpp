#include "tests/support/test_video.h"

#include "core/streams/ffmpeg.h"
#include "tests/support/test_model.h"

#include <memory>
#include <stdexcept>

namespace percept::test {

namespace {

void check(int status, const char* what)
{
    if (status < 0)
        throw std::runtime_error(std::string("the test video: ") + what + " gave " + std::to_string(status));
}

// One file being written. Throws; the edge is makeTestVideo().
class Writer {
public:
    Writer(const std::filesystem::path& path, const TestVideo& video)
        : m_video(video)
    {
        check(::avformat_alloc_output_context2(&m_format, nullptr, nullptr, path.c_str()), "the container");
        const AVCodec* codec = ::avcodec_find_encoder_by_name(video.codec.c_str());
        if (codec == nullptr)
            throw std::runtime_error("the test video: no encoder " + video.codec);
        m_stream = ::avformat_new_stream(m_format, codec);
        openEncoder(codec);
        turn();
        check(::avio_open(&m_format->pb, path.c_str(), AVIO_FLAG_WRITE), "the file");
        AVDictionary* options = nullptr;
        ::av_dict_set(&options, "movflags", "faststart", 0);
        const int status = ::avformat_write_header(m_format, &options);
        ::av_dict_free(&options);
        check(status, "the header");
    }
    ~Writer()
    {
        ::sws_freeContext(m_scaler);
        ::av_frame_free(&m_frame);
        ::avcodec_free_context(&m_encoder);
        if (m_format != nullptr)
            ::avio_closep(&m_format->pb);
        ::avformat_free_context(m_format);
    }
    void add(const cv::Mat& rgb, int number)
    {
        check(::av_frame_make_writable(m_frame), "a frame");
        const std::uint8_t* const from[] = { rgb.data };
        const int stride[] = { static_cast<int>(rgb.step) };
        check(::sws_scale(m_scaler, from, stride, 0, rgb.rows, m_frame->data, m_frame->linesize), "the colours");
        m_frame->pts = number;
        m_frame->quality = FF_QP2LAMBDA * 2;
        encode(m_frame);
    }
    void finish()
    {
        encode(nullptr);
        check(::av_write_trailer(m_format), "the end");
    }

private:
    void openEncoder(const AVCodec* codec)
    {
        m_encoder = ::avcodec_alloc_context3(codec);
        m_encoder->width = m_video.width;
        m_encoder->height = m_video.height;
        m_encoder->pix_fmt = m_video.codec == "mjpeg" ? AV_PIX_FMT_YUVJ444P : AV_PIX_FMT_YUV420P;
        m_encoder->time_base = ::av_d2q(1 / m_video.framesPerSecond, 100'000);
        m_encoder->framerate = ::av_d2q(m_video.framesPerSecond, 100'000);
        m_encoder->gop_size = 12;
        m_encoder->flags |= AV_CODEC_FLAG_QSCALE;
        m_encoder->global_quality = FF_QP2LAMBDA * 2;
        if ((m_format->oformat->flags & AVFMT_GLOBALHEADER) != 0)
            m_encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
        check(::avcodec_open2(m_encoder, codec, nullptr), "the encoder");
        check(::avcodec_parameters_from_context(m_stream->codecpar, m_encoder), "the parameters");
        m_stream->time_base = m_encoder->time_base;
        m_stream->avg_frame_rate = m_encoder->framerate;
        m_frame = ::av_frame_alloc();
        m_frame->format = m_encoder->pix_fmt;
        m_frame->width = m_video.width;
        m_frame->height = m_video.height;
        check(::av_frame_get_buffer(m_frame, 0), "a frame");
        m_scaler = ::sws_getContext(m_video.width, m_video.height, AV_PIX_FMT_RGB24, m_video.width, m_video.height, m_encoder->pix_fmt,
            SWS_BILINEAR, nullptr, nullptr, nullptr);
    }
    void turn()
    {
        if (m_video.quarterTurns == 0)
            return;
        auto* matrix = reinterpret_cast<std::int32_t*>(
            ::av_stream_new_side_data(m_stream, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(std::int32_t)));
        ::av_display_rotation_set(matrix, 90.0 * m_video.quarterTurns);
    }
    void encode(const AVFrame* frame)
    {
        check(::avcodec_send_frame(m_encoder, frame), "encoding");
        std::unique_ptr<AVPacket, void (*)(AVPacket*)> packet(::av_packet_alloc(), [](AVPacket* p) { ::av_packet_free(&p); });
        while (::avcodec_receive_packet(m_encoder, packet.get()) >= 0) {
            packet->stream_index = m_stream->index;
            packet->duration = 1;
            ::av_packet_rescale_ts(packet.get(), m_encoder->time_base, m_stream->time_base);
            check(::av_interleaved_write_frame(m_format, packet.get()), "writing");
        }
    }

    const TestVideo& m_video;
    AVFormatContext* m_format = nullptr;
    AVStream* m_stream = nullptr;
    AVCodecContext* m_encoder = nullptr;
    AVFrame* m_frame = nullptr;
    SwsContext* m_scaler = nullptr;
};

}

// One cell of the test model, which sees 12 x 8 of them.
int testSquareX(const TestVideo& video, int frame) { return video.width / 12 * (frame % 12); }

base::Result<void> makeTestVideo(const std::filesystem::path& path, const TestVideo& video)
{
    try {
        ::av_log_set_level(AV_LOG_ERROR);
        Writer writer(path, video);
        for (int frame = 0; frame < video.frames; ++frame)
            writer.add(video.picture ? video.picture(frame)
                                     : testPicture(video.width, video.height, { { testSquareX(video, frame), video.height / 8 * 3, video.width / 12, 0 } }),
                frame);
        writer.finish();
        return {};
    } catch (const std::exception& problem) {
        return base::failed(problem.what());
    }
}

}
