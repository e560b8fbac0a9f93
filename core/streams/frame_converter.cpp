#include "core/streams/frame_converter.h"

#include "core/streams/ffmpeg.h"

namespace percept::streams {

namespace {

// The old names of full-range formats; the range is told apart below.
AVPixelFormat plainFormat(int format)
{
    switch (format) {
    case AV_PIX_FMT_YUVJ420P: return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P: return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P: return AV_PIX_FMT_YUV444P;
    case AV_PIX_FMT_YUVJ440P: return AV_PIX_FMT_YUV440P;
    default: return static_cast<AVPixelFormat>(format);
    }
}

bool isFullRange(const AVFrame& frame)
{
    return frame.color_range == AVCOL_RANGE_JPEG || plainFormat(frame.format) != frame.format;
}

// Files that do not say are taken as every player takes them: by the size.
int matrixOf(const AVFrame& frame)
{
    if (frame.colorspace == AVCOL_SPC_UNSPECIFIED)
        return frame.height > 576 ? SWS_CS_ITU709 : SWS_CS_ITU601;
    return frame.colorspace == AVCOL_SPC_BT709 ? SWS_CS_ITU709
        : frame.colorspace == AVCOL_SPC_BT2020_NCL || frame.colorspace == AVCOL_SPC_BT2020_CL ? SWS_CS_BT2020
                                                                                              : SWS_CS_ITU601;
}

}

FrameConverter::~FrameConverter() { ::sws_freeContext(m_scaler); }

base::Result<std::vector<std::uint8_t>> FrameConverter::toBmp(const AVFrame& frame, Turn turn)
{
    constexpr std::size_t kAlign = 64; // and room behind each row: swscale writes whole vectors
    m_scaler = ::sws_getCachedContext(m_scaler, frame.width, frame.height, plainFormat(frame.format), frame.width, frame.height,
        AV_PIX_FMT_BGR24, SWS_BILINEAR, nullptr, nullptr, nullptr);
    if (m_scaler == nullptr)
        return base::refused("The video has a kind of colours that Percept does not know. Convert it to H.264.");
    ::sws_setColorspaceDetails(m_scaler, ::sws_getCoefficients(matrixOf(frame)), isFullRange(frame) ? 1 : 0,
        ::sws_getCoefficients(SWS_CS_DEFAULT), /*dstRange=*/1, 0, 1 << 16, 1 << 16);
    const std::size_t stride = (3 * static_cast<std::size_t>(frame.width) + 2 * kAlign - 1) / kAlign * kAlign;
    m_rows.resize(stride * static_cast<std::size_t>(frame.height) + 2 * kAlign);
    const auto misaligned = reinterpret_cast<std::uintptr_t>(m_rows.data()) % kAlign;
    std::uint8_t* first = m_rows.data() + (misaligned == 0 ? 0 : kAlign - misaligned);
    std::uint8_t* const planes[4] = { first };
    const int strides[4] = { static_cast<int>(stride) };
    if (::sws_scale(m_scaler, frame.data, frame.linesize, 0, frame.height, planes, strides) != frame.height)
        return base::failed("A picture of the video could not be converted.");
    return toBitmap({ first, stride, frame.width, frame.height }, turn);
}

}
