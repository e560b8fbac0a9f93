#include "core/media/codec.h"
#include "core/media/orientation.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <jpeglib.h>
#include <jerror.h>

namespace percept::media {

namespace {

// A progressive file may hold any number of scans, each of which costs a pass over the whole picture. Encoders write some ten;
// small pictures may have more of them, large ones not so many that they take minutes.
constexpr std::uint64_t kFewScans = 20, kManyScans = 100, kScannedPixels = 100'000'000;

// One decompression. Everything with a destructor lives here, outside the frame that setjmp returns to, so a longjmp out
// of libjpeg skips no destructor.
class JpegReader {
public:
    explicit JpegReader(const CodecInput& input)
        : m_input(input)
    {
        m_info.err = jpeg_std_error(&m_errors);
        m_errors.error_exit = onError;
        m_errors.emit_message = onMessage;
        m_errors.output_message = [](j_common_ptr) {};
        m_info.client_data = this;
        m_isCreated = guarded(&JpegReader::create);
    }
    ~JpegReader()
    {
        if (m_isCreated)
            jpeg_destroy_decompress(&m_info);
    }
    JpegReader(const JpegReader&) = delete;
    JpegReader& operator=(const JpegReader&) = delete;

    base::Result<Header> readHeader()
    {
        if (!m_isCreated || !guarded(&JpegReader::parseHeader))
            return problem();
        PERCEPT_TRY(checkSize(m_input, m_info.image_width, m_info.image_height));
        return Header { static_cast<int>(m_info.image_width), static_cast<int>(m_info.image_height), orientation() };
    }

    base::Result<cv::Mat> decode(int minLongSide)
    {
        chooseOutput(minLongSide);
        if (!guarded(&JpegReader::start))
            return problem();
        m_picture.create(static_cast<int>(m_info.output_height), static_cast<int>(m_info.output_width), CV_8UC3);
        if (m_isCmyk)
            m_cmykRow.resize(m_info.output_width * 4u);
        if (!guarded(&JpegReader::readRows))
            return problem();
        return m_picture;
    }

private:
    using Step = void (JpegReader::*)();

    // Runs one step; false when libjpeg gave up in it. No object with a destructor may live in this frame or in a step.
    bool guarded(Step step)
    {
        if (setjmp(m_jump) != 0)
            return false;
        (this->*step)();
        return true;
    }

    static void onError(j_common_ptr info)
    {
        auto* self = static_cast<JpegReader*>(info->client_data);
        self->m_code = info->err->msg_code;
        info->err->format_message(info, self->m_message);
        std::longjmp(self->m_jump, 1);
    }

    // Warnings: what libjpeg would repair by inventing pixels is an error here.
    static void onMessage(j_common_ptr info, int level)
    {
        if (level >= 0)
            return;
        switch (info->err->msg_code) {
        case JWRN_JPEG_EOF:
        case JWRN_HIT_MARKER:
        case JWRN_HUFF_BAD_CODE:
        case JWRN_ARITH_BAD_CODE:
        case JWRN_BOGUS_PROGRESSION:
        case JWRN_MUST_RESYNC:
        case JWRN_NOT_SEQUENTIAL: onError(info); break;
        default: break;
        }
    }

    void create() { jpeg_create_decompress(&m_info); }

    void parseHeader()
    {
        jpeg_mem_src(&m_info, m_input.bytes.data(), m_input.bytes.size());
        jpeg_save_markers(&m_info, JPEG_APP0 + 1, 0xFFFF);
        jpeg_read_header(&m_info, TRUE);
    }

    int orientation() const
    {
        for (const jpeg_marker_struct* marker = m_info.marker_list; marker != nullptr; marker = marker->next)
            if (marker->marker == JPEG_APP0 + 1 && marker->data_length > 6 && std::memcmp(marker->data, "Exif\0", 6) == 0)
                return exifOrientation({ marker->data, marker->data_length });
        return 1;
    }

    void chooseOutput(int minLongSide)
    {
        m_isCmyk = m_info.jpeg_color_space == JCS_CMYK || m_info.jpeg_color_space == JCS_YCCK;
        m_info.out_color_space = m_isCmyk ? JCS_CMYK : JCS_RGB;
        m_info.dct_method = JDCT_ISLOW;
        if (minLongSide <= 0)
            return;
        const auto longSide = static_cast<std::int64_t>(std::max(m_info.image_width, m_info.image_height));
        for (const unsigned int eighths : { 1u, 2u, 4u }) { // the steps that libjpeg-turbo has vector code for
            if (longSide * eighths / 8 >= minLongSide) {
                m_info.scale_num = eighths;
                m_info.scale_denom = 8;
                m_info.do_fancy_upsampling = FALSE;
                return;
            }
        }
    }

    void start()
    {
        // A progressive picture is read scan by scan first, so that their number can be limited.
        m_info.buffered_image = jpeg_has_multiple_scans(&m_info);
        jpeg_start_decompress(&m_info);
        if (!m_info.buffered_image)
            return;
        int status = JPEG_SUSPENDED;
        do {
            status = jpeg_consume_input(&m_info);
            if (m_info.input_scan_number > maxScans())
                ERREXIT(&m_info, JERR_BAD_LENGTH);
        } while (status != JPEG_REACHED_EOI && status != JPEG_SUSPENDED);
        jpeg_start_output(&m_info, m_info.input_scan_number);
    }

    int maxScans() const
    {
        const std::uint64_t pixels = std::max<std::uint64_t>(1, std::uint64_t(m_info.image_width) * m_info.image_height);
        return static_cast<int>(std::clamp(kScannedPixels / pixels, kFewScans, kManyScans));
    }

    void readRows()
    {
        while (m_info.output_scanline < m_info.output_height) {
            std::uint8_t* target = m_picture.ptr<std::uint8_t>(static_cast<int>(m_info.output_scanline));
            JSAMPROW row = m_isCmyk ? m_cmykRow.data() : target;
            if (jpeg_read_scanlines(&m_info, &row, 1) != 1)
                ERREXIT(&m_info, JERR_INPUT_EOF);
            if (m_isCmyk)
                convertCmyk(target);
        }
        if (m_info.buffered_image)
            jpeg_finish_output(&m_info);
        jpeg_finish_decompress(&m_info); // reads on to the end marker: a file without it ends early
    }

    // Adobe's programs store the inks inverted (255 = no ink), others as they are.
    void convertCmyk(std::uint8_t* rgb) const
    {
        const std::uint8_t* cmyk = m_cmykRow.data();
        const int flip = m_info.saw_Adobe_marker ? 0 : 255;
        for (unsigned int x = 0; x < m_info.output_width; ++x, cmyk += 4, rgb += 3) {
            const int black = cmyk[3] ^ flip;
            for (int c = 0; c < 3; ++c)
                rgb[c] = static_cast<std::uint8_t>(((cmyk[c] ^ flip) * black + 127) / 255);
        }
    }

    base::Error problem() const
    {
        switch (m_code) {
        case JWRN_JPEG_EOF:
        case JWRN_HIT_MARKER:
        case JERR_INPUT_EOF:
        case JERR_INPUT_EMPTY: return endsEarly(m_input);
        default: return damaged(m_input, m_message);
        }
    }

    const CodecInput& m_input;
    jpeg_decompress_struct m_info = {};
    jpeg_error_mgr m_errors = {};
    std::jmp_buf m_jump = {};
    int m_code = 0;
    char m_message[JMSG_LENGTH_MAX] = {};
    bool m_isCreated = false, m_isCmyk = false;
    cv::Mat m_picture;
    std::vector<std::uint8_t> m_cmykRow;
};

// The compressing side, built the same way.
class JpegWriter {
public:
    JpegWriter(const cv::Mat& rgb, int quality)
        : m_rgb(rgb)
        , m_quality(quality)
    {
        m_info.err = jpeg_std_error(&m_errors);
        m_errors.error_exit = [](j_common_ptr info) {
            auto* self = static_cast<JpegWriter*>(info->client_data);
            info->err->format_message(info, self->m_message);
            std::longjmp(self->m_jump, 1);
        };
        m_errors.output_message = [](j_common_ptr) {};
        m_info.client_data = this;
    }
    ~JpegWriter()
    {
        jpeg_destroy_compress(&m_info);
        std::free(m_buffer);
    }
    JpegWriter(const JpegWriter&) = delete;
    JpegWriter& operator=(const JpegWriter&) = delete;

    base::Result<std::vector<std::uint8_t>> encode()
    {
        if (!run())
            return base::failed("The picture cannot be written as JPEG.", m_message);
        return std::vector<std::uint8_t>(m_buffer, m_buffer + m_size);
    }

private:
    bool run()
    {
        if (setjmp(m_jump) != 0)
            return false;
        compress();
        return true;
    }

    void compress()
    {
        jpeg_create_compress(&m_info);
        jpeg_mem_dest(&m_info, &m_buffer, &m_size);
        m_info.image_width = static_cast<JDIMENSION>(m_rgb.cols);
        m_info.image_height = static_cast<JDIMENSION>(m_rgb.rows);
        m_info.input_components = 3;
        m_info.in_color_space = JCS_RGB;
        jpeg_set_defaults(&m_info);
        jpeg_set_quality(&m_info, m_quality, TRUE);
        jpeg_start_compress(&m_info, TRUE);
        while (m_info.next_scanline < m_info.image_height) {
            JSAMPROW row = const_cast<std::uint8_t*>(m_rgb.ptr<std::uint8_t>(static_cast<int>(m_info.next_scanline)));
            jpeg_write_scanlines(&m_info, &row, 1);
        }
        jpeg_finish_compress(&m_info);
    }

    const cv::Mat& m_rgb;
    int m_quality;
    jpeg_compress_struct m_info = {};
    jpeg_error_mgr m_errors = {};
    std::jmp_buf m_jump = {};
    char m_message[JMSG_LENGTH_MAX] = {};
    unsigned char* m_buffer = nullptr;
    unsigned long m_size = 0;
};

}

base::Result<Header> readJpegHeader(const CodecInput& input)
{
    JpegReader reader(input);
    return reader.readHeader();
}

base::Result<Decoded> decodeJpeg(const CodecInput& input, int minLongSide)
{
    JpegReader reader(input);
    PERCEPT_ASSIGN(header, reader.readHeader());
    PERCEPT_ASSIGN(rgb, reader.decode(minLongSide));
    return Decoded { header, rgb };
}

base::Result<std::vector<std::uint8_t>> encodeJpeg(const cv::Mat& rgb, int quality)
{
    if (rgb.type() != CV_8UC3 || rgb.empty() || rgb.cols > 65500 || rgb.rows > 65500)
        return base::usage("Only 8-bit RGB pictures of up to 65,500 pixels a side can be written as JPEG.");
    JpegWriter writer(rgb, std::clamp(quality, 1, 100));
    return writer.encode();
}

}
