#include "core/base/files.h"
#include "core/packaging/package_files.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_package.h"

#include <gtest/gtest.h>

namespace percept::packaging {
namespace {

class Flip : public ::testing::Test {
protected:
    void SetUp() override
    {
        // Two labels on a small canvas: the whole package must stay small for every byte of it to be tried.
        const auto made = test::makeTestPackage(m_folder / "small.ppkg", test::testKey(), test::testSpec({ "a", "b" }, 32, 32));
        ASSERT_TRUE(made.hasValue()) << made.error().message;
        m_bytes = base::readFile(m_folder / "small.ppkg").value();
        ASSERT_LE(m_bytes.size(), 64u * 1024);
        ASSERT_TRUE(verifyPackage(m_bytes).hasValue());
    }
    test::TemporaryFolder m_folder;
    Bytes m_bytes;
};

TEST_F(Flip, everyByteOfThePackageIsGuarded)
{
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < m_bytes.size(); ++i) {
        const std::uint8_t before = m_bytes[i];
        m_bytes[i] = static_cast<std::uint8_t>(before ^ (1u << (i % 8)));
        const auto verified = verifyPackage(m_bytes);
        accepted += verified.hasValue();
        if (verified.hasError() && verified.error().code != base::ErrorCode::Refused)
            ADD_FAILURE() << "byte " << i << " gives another error: " << verified.error().message;
        m_bytes[i] = before;
    }
    EXPECT_EQ(accepted, 0u);
    std::printf("%zu bytes flipped in turn, %zu accepted\n", m_bytes.size(), accepted);
}

// The checksums of the zip keep out accidents; who changes a package on purpose writes them anew. What is left then are
// hashes and signature, and they must hold alone.
TEST_F(Flip, everyByteOfTheContentsIsGuardedBySignatureAndHashes)
{
    const EntryMap original = readCanonicalZip(m_bytes).value();
    std::size_t tried = 0, accepted = 0;
    for (const auto& [name, view] : original) {
        Bytes changed(view.begin(), view.end());
        EntryMap entries = original;
        entries.find(name)->second = changed;
        for (std::size_t i = 0; i < changed.size(); ++i) {
            changed[i] ^= static_cast<std::uint8_t>(1u << (i % 8));
            accepted += verifyPackage(writeCanonicalZip(entries).value()).hasValue();
            ++tried;
            changed[i] ^= static_cast<std::uint8_t>(1u << (i % 8));
        }
    }
    EXPECT_EQ(accepted, 0u);
    EXPECT_GT(tried, 10'000u);
}

TEST_F(Flip, everyTruncationIsRefused)
{
    for (std::size_t length = 0; length < m_bytes.size(); length += 7)
        ASSERT_TRUE(verifyPackage(ByteView(m_bytes).first(length)).hasError()) << length;
}

}
}
