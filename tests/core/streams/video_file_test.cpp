#include "core/streams/video_file.h"

#include "core/base/files.h"
#include "core/media/picture.h"
#include "core/streams/frame_converter.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_video.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <sys/stat.h>

namespace percept::streams {
namespace {

namespace fs = std::filesystem;
using test::TestVideo;

template <std::size_t N>
int replaceAll(std::vector<std::uint8_t>& bytes, const std::uint8_t (&what)[N], const std::uint8_t (&by)[N])
{
    int count = 0;
    for (auto at = bytes.begin(); (at = std::search(at, bytes.end(), what, what + N)) != bytes.end(); ++count)
        std::copy(by, by + N, at);
    return count;
}

long peakKib()
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:"))
            return std::stol(line.substr(6));
    return 0;
}

class VideoFiles : public ::testing::Test {
protected:
    fs::path make(const std::string& name, const TestVideo& video = {})
    {
        const auto made = test::makeTestVideo(m_folder / name, video);
        EXPECT_TRUE(made.hasValue()) << made.error().message;
        return m_folder / name;
    }
    fs::path write(const std::string& name, std::span<const std::uint8_t> bytes)
    {
        EXPECT_TRUE(base::atomicWrite(m_folder / name, bytes).hasValue());
        return m_folder / name;
    }
    struct Played {
        int pictures = 0;
        std::int64_t damaged = 0;
        std::string complaint;
        std::vector<double> seconds;
    };
    static Played play(VideoFile& file)
    {
        Played played;
        while (true) {
            auto picture = file.next();
            if (picture.hasError() || !picture->has_value())
                break;
            ++played.pictures;
            played.seconds.push_back((*picture)->seconds);
        }
        played.damaged = file.damaged();
        played.complaint = file.complaint();
        return played;
    }

    test::TemporaryFolder m_folder;
};

TEST_F(VideoFiles, givesEveryPictureOfEveryKindWithItsTime)
{
    const struct { const char* name; const char* codec; } kKinds[] { { "a.mp4", "mpeg4" }, { "b.mkv", "mpeg4" }, { "c.avi", "mjpeg" },
        { "d.mov", "mjpeg" }, { "e.ts", "mpeg2video" } };
    for (const auto& [name, codec] : kKinds) {
        const TestVideo video { 192, 128, 40, 25, codec, 0, {} };
        auto file = VideoFile::open(make(name, video));
        ASSERT_TRUE(file.hasValue()) << name << ": " << file.error().message;
        const auto facts = (*file)->facts();
        EXPECT_EQ(facts.width, 192) << name;
        EXPECT_NEAR(facts.framesPerSecond, 25, 0.1) << name;
        EXPECT_NEAR(facts.seconds, 1.6, 0.15) << name;
        const auto played = play(**file);
        EXPECT_EQ(played.pictures, 40) << name;
        EXPECT_EQ(played.damaged, 0) << name;
        EXPECT_EQ(played.complaint, "") << name;
        for (std::size_t i = 0; i < played.seconds.size(); ++i)
            EXPECT_NEAR(played.seconds[i], static_cast<double>(i) / 25, 2e-3) << name;
    }
}

TEST_F(VideoFiles, picturesHaveTheirColoursAndStandUpright)
{
    const TestVideo video { 192, 128, 1, 20, "mjpeg", 1, {} };
    auto file = VideoFile::open(make("turned.mp4", video));
    ASSERT_TRUE(file.hasValue());
    EXPECT_EQ((*file)->facts().width, 128);
    EXPECT_EQ((*file)->facts().height, 192);
    auto picture = (*file)->next();
    FrameConverter converter;
    const auto bmp = converter.toBmp(*(*picture)->frame, (*file)->turn());
    const cv::Mat rgb = media::decodePicture(bmp.value(), "a.bmp").value();
    ASSERT_EQ(rgb.cols, 128);
    const int x = test::testSquareX(video, 0) + 8, y = 128 / 8 * 3 + 8; // in the picture as it lies in the file
    const auto red = rgb.at<cv::Vec3b>(x, 127 - y), grey = rgb.at<cv::Vec3b>(150, 20);
    EXPECT_GT(red[0], 230);
    EXPECT_LT(red[1], 30);
    EXPECT_LT(red[2], 30);
    EXPECT_LT(std::abs(grey[0] - grey[2]), 12);
}

TEST_F(VideoFiles, damagedPicturesAreLeftOutAndCounted)
{
    auto bytes = base::readFile(make("a.avi", { 192, 128, 60, 20, "mjpeg", 0, {} })).value();
    std::mt19937 engine(5);
    for (int hit = 0; hit < 40; ++hit) { // not the header, which stands first
        const std::size_t at = 8000 + engine() % (bytes.size() - 12000);
        for (std::size_t i = 0; i < 200; ++i)
            bytes[at + i] = static_cast<std::uint8_t>(engine());
    }
    auto file = VideoFile::open(write("spoiled.avi", bytes));
    ASSERT_TRUE(file.hasValue()) << file.error().message;
    const auto played = play(**file);
    std::printf("%d pictures, %d damaged\n", played.pictures, static_cast<int>(played.damaged));
    EXPECT_GT(played.damaged, 2);
    EXPECT_GT(played.pictures, 5);
    EXPECT_LE(played.pictures, 60);
}

TEST_F(VideoFiles, oneThatIsCutOffEndsAndSaysSo)
{
    for (const char* name : { "a.mp4", "a.mkv", "a.avi" }) {
        auto bytes = base::readFile(make(name, { 192, 128, 100, 20, "mjpeg", 0, {} })).value();
        for (const double share : { 0.9, 0.5, 0.2 }) {
            auto part = bytes;
            part.resize(static_cast<std::size_t>(share * static_cast<double>(bytes.size())));
            auto file = VideoFile::open(write(std::string("cut-") + name, part));
            if (file.hasError()) {
                EXPECT_EQ(file.error().code, base::ErrorCode::Refused) << name;
                continue;
            }
            const auto played = play(**file);
            EXPECT_GT(played.pictures, 5) << name << share;
            EXPECT_LT(played.pictures, 97) << name << share;
            if (share < 0.6) {
                EXPECT_NE(played.complaint.find("cut off"), std::string::npos) << name << share << played.complaint;
            }
        }
    }
}

// Whatever is done to a file, it is played as far as it goes or refused with a sentence.
TEST_F(VideoFiles, spoiledFilesAreRefusedOrPlayedAsFarAsTheyGo)
{
    const int rounds = std::getenv("PERCEPT_NIGHTLY") != nullptr ? 3000 : 60;
    const fs::path whole[] { make("a.mp4", { 192, 128, 20, 20, "mpeg4", 0, {} }), make("b.mkv", { 192, 128, 20, 20, "mjpeg", 0, {} }),
        make("c.avi", { 192, 128, 20, 20, "mpeg4", 0, {} }), make("d.ts", { 192, 128, 20, 25, "mpeg2video", 0, {} }) };
    std::mt19937 engine(std::random_device { }());
    int refused = 0, pictures = 0;
    for (int round = 0; round < rounds; ++round) {
        const unsigned seed = engine();
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 own(seed);
        auto bytes = base::readFile(whole[round % 4]).value();
        const std::size_t reach = own() % 2 ? bytes.size() : std::min<std::size_t>(bytes.size(), 2000); // often the header
        for (unsigned hits = 1 + own() % 30; hits > 0; --hits)
            bytes[own() % reach] = static_cast<std::uint8_t>(own());
        if (own() % 4 == 0)
            bytes.resize(own() % bytes.size());
        auto file = VideoFile::open(write("spoiled" + whole[round % 4].extension().string(), bytes));
        if (file.hasError()) {
            ++refused;
            EXPECT_GT(file.error().message.size(), 30u);
            EXPECT_NE(file.error().code, base::ErrorCode::NotFound);
            continue;
        }
        const auto played = play(**file);
        pictures += played.pictures;
        EXPECT_LE(played.pictures, 2000);
    }
    std::printf("%d spoiled: %d refused, %d pictures of the others\n", rounds, refused, pictures);
    EXPECT_GT(pictures, rounds);
}

// The size stands in the header: a file of some kilobytes must not cost gigabytes.
TEST_F(VideoFiles, sizesAreCheckedBeforeAnythingIsMadeForThem)
{
    auto bytes = base::readFile(make("a.avi", { 192, 128, 3, 20, "rawvideo", 0, {} })).value();
    const std::uint8_t size[] { 192, 0, 0, 0, 128, 0, 0, 0 }, large[] { 0x88, 0x13, 0, 0, 0x88, 0x13, 0, 0 };
    ASSERT_GT(replaceAll(bytes, size, large), 0);
    const auto file = VideoFile::open(write("large.avi", bytes));
    ASSERT_TRUE(file.hasError());
    EXPECT_EQ(file.error().code, base::ErrorCode::Refused);
    EXPECT_NE(file.error().message.find("at most 4096 x 4096"), std::string::npos) << file.error().message;
}

// A picture of its own says another size than the container.
TEST_F(VideoFiles, sizesThatChangeOnTheWayAreCheckedAsWell)
{
    auto bytes = base::readFile(make("a.avi", { 192, 128, 6, 20, "mjpeg", 0, {} })).value();
    const std::uint8_t size[] { 8, 0, 128, 0, 192 }, large[] { 8, 0xEE, 0x00, 0xEE, 0x00 }; // of a JPEG: height, width
    ASSERT_EQ(replaceAll(bytes, size, large), 6);
    const long before = peakKib();
    auto file = VideoFile::open(write("large.avi", bytes));
    if (file.hasValue()) {
        const auto played = play(**file);
        EXPECT_EQ(played.pictures, 0);
        EXPECT_NE(played.complaint, "");
    }
    EXPECT_LT(peakKib() - before, 200 * 1024);
}

TEST_F(VideoFiles, nothingElseThanThatFileIsOpened)
{
    // Lists of other files, which FFmpeg would follow; a pipe that nobody writes to, a folder, a device.
    const std::string real = make("real.mp4").string();
    const std::pair<const char*, std::string> kLists[] { { "list.mp4", "ffconcat version 1.0\nfile '" + real + "'\n" },
        { "list.ts", "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n" + real + "\n#EXT-X-ENDLIST\n" },
        { "page.avi", "<html></html>" }, { "empty.mkv", "" } };
    for (const auto& [name, text] : kLists) {
        std::ofstream(m_folder / name) << text;
        const auto file = VideoFile::open(m_folder / name);
        ASSERT_TRUE(file.hasError()) << name;
        EXPECT_EQ(file.error().code, base::ErrorCode::Refused) << name;
    }
    ASSERT_EQ(::mkfifo((m_folder / "pipe.mp4").c_str(), 0600), 0);
    for (const fs::path& path : { m_folder / "pipe.mp4", m_folder.path(), fs::path("/dev/zero") })
        EXPECT_EQ(VideoFile::open(path).error().code, base::ErrorCode::Refused) << path;
    EXPECT_EQ(VideoFile::open("http://127.0.0.1:1/a.mp4").error().code, base::ErrorCode::NotFound);
}

TEST_F(VideoFiles, goesOnBehindAPlace)
{
    for (const char* name : { "a.mp4", "a.mkv" }) {
        auto file = VideoFile::open(make(name, { 192, 128, 100, 20, "mpeg4", 0, {} }), 2.1);
        ASSERT_TRUE(file.hasValue()) << file.error().message;
        const auto played = play(**file);
        ASSERT_FALSE(played.seconds.empty());
        EXPECT_GE(played.seconds.front(), 2.1) << name;
        EXPECT_LE(played.seconds.front(), 3.5) << name; // the next picture that stands alone
    }
}

}
}
