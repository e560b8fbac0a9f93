// Thumbnails and real decoders (`percept decode --stdio`). Faults are preloaded into the decoders, see decode_fault.cpp.
#include "app/studio/frame/thumbnails.h"
#include "core/base/files.h"
#include "core/base/time.h"
#include "core/media/picture.h"
#include "tests/support/faulty_picture.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"

#include <QGuiApplication>
#include <QTest>
#include <gtest/gtest.h>

namespace percept::studio {
namespace {

class ThumbnailsTest : public testing::Test {
protected:
    void SetUp() override
    {
        if (!test::hasProgram("percept"))
            GTEST_SKIP() << "percept is not built here: ninja percept";
        ::setenv("LD_PRELOAD", DECODE_FAULT, 1);
        m_thumbnails = std::make_unique<Thumbnails>(m_folder / "cache");
    }
    void TearDown() override { ::unsetenv("LD_PRELOAD"); }

    // Item `id` is the picture id.jpg.
    void write(std::int64_t id, const std::vector<std::uint8_t>& bytes) const
    {
        ASSERT_TRUE(base::atomicWrite(file(id), bytes).hasValue());
    }
    std::filesystem::path file(std::int64_t id) const { return m_folder / (std::to_string(id) + ".jpg"); }
    QImage ask(std::int64_t id)
    {
        domain::Item item;
        item.id.value = id;
        return m_thumbnails->thumbnail(item, file(id));
    }
    QImage wait(std::int64_t id)
    {
        ask(id);
        EXPECT_TRUE(QTest::qWaitFor([&] { return m_thumbnails->pending() == 0; }, 20'000));
        return ask(id);
    }

    test::TemporaryFolder m_folder;
    std::unique_ptr<Thumbnails> m_thumbnails;
};

TEST_F(ThumbnailsTest, ShowThePictureInItsColours)
{
    write(1, media::encodeJpeg(cv::Mat(600, 1024, CV_8UC3, cv::Scalar(200, 120, 40)), 90).value());
    const QImage image = wait(1);
    ASSERT_EQ(image.size(), QSize(256, 150)) << m_thumbnails->problem({ 1 }).toStdString();
    const QColor color = image.pixelColor(128, 75);
    EXPECT_NEAR(color.red(), 200, 3);
    EXPECT_NEAR(color.green(), 120, 3);
    EXPECT_NEAR(color.blue(), 40, 3);
}

TEST_F(ThumbnailsTest, APictureThatCrashesItsDecoderCostsItsThumbnailAlone)
{
    const std::int64_t crashing = 3, last = 8;
    for (std::int64_t id = 1; id <= last; ++id) {
        write(id, test::faultyJpeg(id == crashing ? "crash" : "nothing"));
        ask(id);
    }
    ASSERT_TRUE(QTest::qWaitFor([&] { return m_thumbnails->pending() == 0; }, 20'000));
    for (std::int64_t id = 1; id <= last; ++id)
        EXPECT_EQ(ask(id).isNull(), id == crashing) << id << m_thumbnails->problem({ id }).toStdString();
    EXPECT_TRUE(m_thumbnails->problem({ crashing }).contains(QStringLiteral("3.jpg: the decoder crashed on it")))
        << m_thumbnails->problem({ crashing }).toStdString();
}

TEST_F(ThumbnailsTest, AreReadFromDiskTheNextTime)
{
    write(1, test::faultyJpeg("nothing"));
    ASSERT_FALSE(wait(1).isNull());
    std::filesystem::remove(file(1));
    m_thumbnails = std::make_unique<Thumbnails>(m_folder / "cache");
    EXPECT_EQ(wait(1).size(), QSize(96, 64));
}

TEST_F(ThumbnailsTest, AHangingDecoderKeepsNobodyFromLeaving)
{
    for (std::int64_t id = 1; id <= 6; ++id) {
        write(id, test::faultyJpeg("hang"));
        ask(id);
    }
    QTest::qWait(500);
    const double start = base::monotonicSeconds();
    m_thumbnails.reset();
    EXPECT_LT(base::monotonicSeconds() - start, 2);
}

}
}

int main(int argc, char** argv)
{
    ::testing::InitGoogleTest(&argc, argv);
    QGuiApplication application(argc, argv);
    return RUN_ALL_TESTS();
}
