#include "core/base/time.h"
#include "core/transport/line_pipe.h"

#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>

namespace percept::transport {
namespace {

class LinePipe : public ::testing::Test {
protected:
    void SetUp() override
    {
        ::signal(SIGPIPE, SIG_IGN);
        ASSERT_EQ(::pipe2(m_ends, O_CLOEXEC), 0);
    }
    void TearDown() override
    {
        ::close(m_ends[0]);
        closeWriter();
    }
    void closeWriter()
    {
        if (m_ends[1] >= 0)
            ::close(m_ends[1]);
        m_ends[1] = -1;
    }
    void write(std::string_view text)
    {
        ASSERT_TRUE(writeAll(m_ends[1], std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())).hasValue());
    }
    int m_ends[2] { -1, -1 };
};

TEST_F(LinePipe, givesWholeLinesHoweverTheyArrive)
{
    std::thread writer([this] {
        for (const char c : std::string("one\n\nthree\nhalf"))
            write(std::string_view(&c, 1));
        closeWriter();
    });
    LineReader reader(m_ends[0]);
    EXPECT_EQ(reader.readLine().value(), "one");
    EXPECT_EQ(reader.readLine().value(), "");
    EXPECT_EQ(reader.readLine().value(), "three");
    EXPECT_FALSE(reader.readLine().value().has_value()); // what has no newline is no line
    writer.join();
}

TEST_F(LinePipe, givesBytesBetweenLines)
{
    const std::string block(200'000, '\n');
    std::thread writer([&] { write("a\n" + block + "b\n"); });
    LineReader reader(m_ends[0]);
    EXPECT_EQ(reader.readLine().value(), "a");
    EXPECT_EQ(reader.readBytes(block.size()).value(), std::vector<std::uint8_t>(block.begin(), block.end()));
    EXPECT_EQ(reader.readLine().value(), "b");
    writer.join();
    closeWriter();
    EXPECT_TRUE(reader.readBytes(1).hasError());
    EXPECT_TRUE(reader.readBytes(0).hasValue());
}

TEST_F(LinePipe, stopsWaitingInTimeAndLosesNothingByIt)
{
    LineReader reader(m_ends[0]);
    write("hal");
    const double start = base::monotonicSeconds();
    EXPECT_EQ(reader.readLine(0.1).error().code, base::ErrorCode::Cancelled);
    EXPECT_GE(base::monotonicSeconds() - start, 0.09);
    write("f\n");
    EXPECT_EQ(reader.readLine(5).value(), "half");
}

TEST_F(LinePipe, refusesALineWithoutEnd)
{
    std::thread writer([this] {
        const std::string block(1 << 20, 'x');
        (void)writeLine(m_ends[1], block);
        for (int i = 0; i < 70; ++i)
            if (writeAll(m_ends[1], std::span(reinterpret_cast<const std::uint8_t*>(block.data()), block.size())).hasError())
                return;
        closeWriter();
    });
    LineReader reader(m_ends[0]);
    EXPECT_EQ(reader.readLine().value()->size(), 1u << 20);
    EXPECT_EQ(reader.readLine().error().code, base::ErrorCode::Refused);
    ::close(m_ends[0]); // the writer stands before a full pipe
    m_ends[0] = -1;
    writer.join();
}

TEST_F(LinePipe, aReaderThatHasGoneIsAnError)
{
    ::close(m_ends[0]);
    EXPECT_TRUE(writeLine(m_ends[1], "x").hasError());
    m_ends[0] = -1;
}

}
}
