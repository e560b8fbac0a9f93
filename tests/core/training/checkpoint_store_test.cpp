#include "core/training/checkpoint_store.h"

#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <csignal>

namespace percept::training {
namespace {

std::vector<std::uint8_t> contentOf(float value, std::size_t count = 1)
{
    const std::vector<float> values(count, value);
    return encodeTensorFile({ { "w", { static_cast<std::int64_t>(count) }, values } }, {});
}

void flipByte(const std::filesystem::path& file, std::streamoff at)
{
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(at);
    const char byte = static_cast<char>(stream.get() ^ 0x10);
    stream.seekp(at);
    stream.put(byte);
}

TEST(CheckpointStore, keepsTheTwoNewest)
{
    test::TemporaryFolder folder;
    CheckpointStore store(folder / "checkpoints");
    for (const int step : { 5, 10, 120, 130 })
        ASSERT_TRUE(store.write(step, contentOf(static_cast<float>(step))).hasValue());
    EXPECT_FALSE(std::filesystem::exists(folder / "checkpoints/step-10.ckpt"));
    EXPECT_TRUE(std::filesystem::exists(folder / "checkpoints/step-120.ckpt"));
    const auto found = store.newest([](const auto&, const std::string& s) { FAIL() << s; });
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->step, 130);
    EXPECT_EQ(found->file.floats("w", 1).value(), std::vector<float> { 130 });
}

TEST(CheckpointStore, passesOverEveryDamage)
{
    test::TemporaryFolder folder;
    CheckpointStore store(folder.path());
    ASSERT_TRUE(store.write(1, contentOf(1)).hasValue());
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(folder / "step-1.ckpt"));
    for (std::streamoff at = 0; at < size; ++at) {
        ASSERT_TRUE(store.write(2, contentOf(2)).hasValue());
        flipByte(folder / "step-2.ckpt", at);
        int damaged = 0;
        const auto found = store.newest([&](const auto& file, const std::string&) {
            EXPECT_EQ(file, folder / "step-2.ckpt");
            ++damaged;
        });
        ASSERT_TRUE(found.has_value());
        EXPECT_EQ(found->step, 1) << "byte " << at;
        EXPECT_EQ(damaged, 1);
    }
}

TEST(CheckpointStore, reportsAFullDiskAndKeepsTheLast)
{
    test::TemporaryFolder folder;
    CheckpointStore store(folder.path());
    ASSERT_TRUE(store.write(1, contentOf(1)).hasValue());
    rlimit before {};
    getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small { 4096, before.rlim_max };
    setrlimit(RLIMIT_FSIZE, &small);
    store.writeInBackground(2, contentOf(2, 10'000));
    const auto result = store.waitForWriter();
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    ASSERT_TRUE(result.hasError());
    EXPECT_NE(result.error().message.find("The one before is kept"), std::string::npos) << result.error().message;
    EXPECT_EQ(store.newest([](const auto&, const auto&) {})->step, 1);
    EXPECT_FALSE(std::filesystem::exists(folder / "step-2.ckpt.tmp"));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // they reserve more than any limit leaves
TEST(CheckpointStore, reportsThatThereIsNoMemoryAndKeepsTheLast)
{
    constexpr std::size_t kMegabyte = 1 << 20;
    test::TemporaryFolder folder;
    CheckpointStore store(folder.path());
    ASSERT_TRUE(store.write(1, contentOf(1)).hasValue());
    std::vector<std::uint8_t> large(256 * kMegabyte);
    large.shrink_to_fit(); // no room for the hash behind it: a larger copy is needed
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    rlimit before {};
    getrlimit(RLIMIT_AS, &before);
    const rlimit small { pages * 4096 + 128 * kMegabyte, before.rlim_max };
    setrlimit(RLIMIT_AS, &small);
    store.writeInBackground(2, std::move(large));
    const auto result = store.waitForWriter();
    setrlimit(RLIMIT_AS, &before);
    ASSERT_TRUE(result.hasError());
    EXPECT_NE(result.error().message.find("the one before is kept"), std::string::npos) << result.error().message;
    EXPECT_EQ(store.newest([](const auto&, const auto&) {})->step, 1);
}
#endif

}
}
