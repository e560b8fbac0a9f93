#include "core/base/files.h"
#include "core/packaging/package.h"
#include "tests/support/temporary_folder.h"

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <set>
#include <sys/stat.h>
#include <thread>

namespace percept::packaging {
namespace {

class Keys : public ::testing::Test {
protected:
    void SetUp() override { ::setenv("PERCEPT_CONFIG_DIR", m_folder.path().c_str(), 1); }
    void TearDown() override { ::unsetenv("PERCEPT_CONFIG_DIR"); }
    std::filesystem::path keyFile() const { return m_folder / "keys/signing.key"; }
    test::TemporaryFolder m_folder;
};

TEST_F(Keys, areMadeOnFirstUseAndStay)
{
    const auto first = loadOrMakeUserKey(), second = loadOrMakeUserKey();
    ASSERT_TRUE(first.hasValue()) << first.error().message;
    EXPECT_EQ(first.value().publicKey, second.value().publicKey);
    EXPECT_EQ(first.value().secretKey, second.value().secretKey);
    struct stat info { };
    ASSERT_EQ(::stat(keyFile().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(Keys, areOneForProgramsThatStartAtOnce)
{
    std::vector<std::array<std::uint8_t, 32>> keys(8);
    std::vector<std::thread> threads;
    for (auto& key : keys)
        threads.emplace_back([&key] {
            const auto made = loadOrMakeUserKey();
            if (made.hasValue())
                key = made.value().publicKey;
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(std::set(keys.begin(), keys.end()).size(), 1u);
}

TEST_F(Keys, thatOthersCanReadAreRefused)
{
    ASSERT_TRUE(loadOrMakeUserKey().hasValue());
    for (const mode_t mode : { 0644, 0640, 0604, 0620 }) {
        ::chmod(keyFile().c_str(), mode);
        const auto key = loadOrMakeUserKey();
        ASSERT_TRUE(key.hasError()) << std::oct << mode;
        EXPECT_EQ(key.error().code, base::ErrorCode::Refused);
    }
}

TEST_F(Keys, thatAreDamagedAreRefusedAndNotReplaced)
{
    ASSERT_TRUE(loadOrMakeUserKey().hasValue());
    ASSERT_TRUE(base::atomicWrite(keyFile(), std::string_view("AAAA\n")).hasValue());
    ::chmod(keyFile().c_str(), 0600);
    EXPECT_EQ(loadOrMakeUserKey().error().code, base::ErrorCode::Refused);
    EXPECT_EQ(base::readTextFile(keyFile()).value(), "AAAA\n");
}

TEST_F(Keys, textOfAPublicKeyGoesThereAndBack)
{
    const auto key = loadOrMakeUserKey().value().publicKey;
    EXPECT_EQ(publicKeyFromText(publicKeyText(key)).value(), key);
    for (const char* text : { "", "AAAA", "****", " " })
        EXPECT_TRUE(publicKeyFromText(text).hasError()) << text;
    EXPECT_TRUE(publicKeyFromText(publicKeyText(key) + "\n").hasError());
}

}
}
