#include "core/media/codec.h"
#include "core/media/orientation.h"

#include <csetjmp>
#include <cstring>
#include <png.h>

namespace percept::media {

namespace {

constexpr png_alloc_size_t kMaxChunkBytes = 16u << 20; // text, profiles, EXIF: no picture needs more

// One decoding; see JpegReader for the rule about setjmp.
class PngReader {
public:
    explicit PngReader(const CodecInput& input)
        : m_input(input)
        , m_png(png_create_read_struct(PNG_LIBPNG_VER_STRING, this, onError, [](png_structp, png_const_charp) {}))
        , m_info(m_png != nullptr ? png_create_info_struct(m_png) : nullptr)
    {
    }
    ~PngReader() { png_destroy_read_struct(&m_png, &m_info, nullptr); }
    PngReader(const PngReader&) = delete;
    PngReader& operator=(const PngReader&) = delete;

    base::Result<Header> readHeader()
    {
        // Our own look at IHDR: the sentence about the size comes before libpng's limits.
        PERCEPT_TRY(checkDeclaredSize());
        if (m_info == nullptr || !guarded(&PngReader::parseHeader))
            return problem();
        return Header { static_cast<int>(m_width), static_cast<int>(m_height), m_orientation };
    }

    base::Result<cv::Mat> decode()
    {
        if (!guarded(&PngReader::chooseOutput))
            return problem();
        m_rgb.create(static_cast<int>(m_height), static_cast<int>(m_width), CV_8UC3);
        // Interlaced pictures are refined in several passes over all rows, so these are kept with their alpha.
        if (m_hasAlpha)
            m_rgba.resize((m_passes > 1 ? m_height : 1u) * std::size_t { m_width } * 4);
        if (!guarded(&PngReader::readRows))
            return problem();
        return m_rgb;
    }

private:
    using Step = void (PngReader::*)();

    bool guarded(Step step)
    {
        if (setjmp(m_jump) != 0)
            return false;
        (this->*step)();
        return true;
    }

    static void onError(png_structp png, png_const_charp message)
    {
        auto* self = static_cast<PngReader*>(png_get_error_ptr(png));
        std::strncpy(self->m_message, message, sizeof self->m_message - 1);
        std::longjmp(self->m_jump, 1);
    }

    static void onRead(png_structp png, png_bytep target, std::size_t wanted)
    {
        auto* self = static_cast<PngReader*>(png_get_io_ptr(png));
        if (wanted > self->m_input.bytes.size() - self->m_position) {
            self->m_isShort = true;
            png_error(png, "end of file");
        }
        std::memcpy(target, self->m_input.bytes.data() + self->m_position, wanted);
        self->m_position += wanted;
    }

    base::Result<void> checkDeclaredSize() const
    {
        const auto bytes = m_input.bytes;
        if (bytes.size() < 24)
            return endsEarly(m_input);
        const auto number = [&](std::size_t at) {
            return (std::int64_t { bytes[at] } << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
        };
        return checkSize(m_input, number(16), number(20));
    }

    void parseHeader()
    {
        png_set_read_fn(m_png, this, onRead);
        png_set_user_limits(m_png, 0x7fffffff, 0x7fffffff);
        png_set_chunk_malloc_max(m_png, kMaxChunkBytes);
        png_set_chunk_cache_max(m_png, 64);
        png_read_info(m_png, m_info);
        m_width = png_get_image_width(m_png, m_info);
        m_height = png_get_image_height(m_png, m_info);
        png_uint_32 size = 0;
        png_bytep exif = nullptr;
        if (png_get_eXIf_1(m_png, m_info, &size, &exif) != 0 && exif != nullptr)
            m_orientation = exifOrientation({ exif, size });
    }

    void chooseOutput()
    {
        png_set_expand(m_png);
        png_set_scale_16(m_png);
        png_set_gray_to_rgb(m_png);
        m_hasAlpha = (png_get_color_type(m_png, m_info) & PNG_COLOR_MASK_ALPHA) != 0
            || png_get_valid(m_png, m_info, PNG_INFO_tRNS) != 0;
        m_passes = png_set_interlace_handling(m_png);
        png_read_update_info(m_png, m_info);
        if (png_get_rowbytes(m_png, m_info) != std::size_t { m_width } * (m_hasAlpha ? 4 : 3))
            png_error(m_png, "unexpected row size");
    }

    std::uint8_t* rowTarget(png_uint_32 y)
    {
        if (!m_hasAlpha)
            return m_rgb.ptr<std::uint8_t>(static_cast<int>(y));
        return m_rgba.data() + (m_passes > 1 ? std::size_t { y } * m_width * 4 : 0);
    }

    void readRows()
    {
        for (int pass = 0; pass < m_passes; ++pass) {
            for (png_uint_32 y = 0; y < m_height; ++y) {
                std::uint8_t* row = rowTarget(y);
                png_read_row(m_png, row, nullptr);
                if (m_hasAlpha && pass == m_passes - 1)
                    blendOverWhite(row, m_rgb.ptr<std::uint8_t>(static_cast<int>(y)), static_cast<int>(m_width));
            }
        }
        png_read_end(m_png, nullptr); // to the end chunk: a file without it ends early
    }

    base::Error problem() const { return m_isShort ? endsEarly(m_input) : damaged(m_input, m_message); }

    const CodecInput& m_input;
    png_structp m_png;
    png_infop m_info;
    std::jmp_buf m_jump = {};
    char m_message[200] = {};
    std::size_t m_position = 0;
    bool m_isShort = false, m_hasAlpha = false;
    png_uint_32 m_width = 0, m_height = 0;
    int m_orientation = 1, m_passes = 1;
    cv::Mat m_rgb;
    std::vector<std::uint8_t> m_rgba;
};

class PngWriter {
public:
    explicit PngWriter(const cv::Mat& rgb)
        : m_rgb(rgb)
        , m_png(png_create_write_struct(PNG_LIBPNG_VER_STRING, this, onError, [](png_structp, png_const_charp) {}))
        , m_info(m_png != nullptr ? png_create_info_struct(m_png) : nullptr)
    {
    }
    ~PngWriter() { png_destroy_write_struct(&m_png, &m_info); }
    PngWriter(const PngWriter&) = delete;
    PngWriter& operator=(const PngWriter&) = delete;

    base::Result<std::vector<std::uint8_t>> encode()
    {
        if (m_info == nullptr || !run())
            return base::failed("The picture cannot be written as PNG.");
        return std::move(m_bytes);
    }

private:
    static void onError(png_structp png, png_const_charp)
    {
        std::longjmp(static_cast<PngWriter*>(png_get_error_ptr(png))->m_jump, 1);
    }
    static void onWrite(png_structp png, png_bytep data, std::size_t size)
    {
        auto* self = static_cast<PngWriter*>(png_get_io_ptr(png));
        try {
            self->m_bytes.insert(self->m_bytes.end(), data, data + size);
            return;
        } catch (const std::bad_alloc&) {
        }
        png_error(png, "out of memory");
    }
    bool run()
    {
        if (setjmp(m_jump) != 0)
            return false;
        write();
        return true;
    }
    void write()
    {
        png_set_write_fn(m_png, this, onWrite, nullptr);
        png_set_compression_level(m_png, 4);
        png_set_IHDR(m_png, m_info, static_cast<png_uint_32>(m_rgb.cols), static_cast<png_uint_32>(m_rgb.rows), 8,
            PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
        png_write_info(m_png, m_info);
        for (int y = 0; y < m_rgb.rows; ++y)
            png_write_row(m_png, m_rgb.ptr<std::uint8_t>(y));
        png_write_end(m_png, m_info);
    }

    const cv::Mat& m_rgb;
    png_structp m_png;
    png_infop m_info;
    std::jmp_buf m_jump = {};
    std::vector<std::uint8_t> m_bytes;
};

}

base::Result<Header> readPngHeader(const CodecInput& input)
{
    PngReader reader(input);
    return reader.readHeader();
}

base::Result<Decoded> decodePng(const CodecInput& input)
{
    PngReader reader(input);
    PERCEPT_ASSIGN(header, reader.readHeader());
    PERCEPT_ASSIGN(rgb, reader.decode());
    return Decoded { header, rgb };
}

base::Result<std::vector<std::uint8_t>> encodePng(const cv::Mat& rgb)
{
    if (rgb.type() != CV_8UC3 || rgb.empty())
        return base::usage("Only 8-bit RGB pictures can be written as PNG.");
    PngWriter writer(rgb);
    return writer.encode();
}

}
