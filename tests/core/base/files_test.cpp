#include "core/base/files.h"
#include "core/base/fresh_names.h"
#include "tests/support/disk_log.h"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace percept::base;
namespace fs = std::filesystem;

namespace {
int askedForMask = 0;
}

// Stands before libc's: who asks for the mask sets it, for the files that other threads make meanwhile, or for good.
extern "C" mode_t umask(mode_t mask)
{
    ++askedForMask;
    return static_cast<mode_t>(::syscall(SYS_umask, mask));
}

namespace {

class Files : public testing::Test {
protected:
    Files()
    {
        std::string pattern = (fs::temp_directory_path() / "percept-files-XXXXXX").string();
        m_folder = ::mkdtemp(pattern.data());
        fs::create_directory(m_folder / "set");
        std::ofstream(m_folder / "set" / "a.jpg") << "x";
        std::ofstream(m_folder / "secret") << "x";
    }
    ~Files() override { fs::remove_all(m_folder); }
    fs::path m_folder;
};

TEST_F(Files, writesAtomically)
{
    const fs::path file = m_folder / "out.txt";
    ASSERT_TRUE(atomicWrite(file, "one").hasValue());
    ASSERT_TRUE(atomicWrite(file, "two").hasValue());
    EXPECT_EQ(readTextFile(file).value(), "two");
    EXPECT_EQ(std::distance(fs::directory_iterator(m_folder), fs::directory_iterator()), 3) << "a temporary file was left";
}

// At no moment is there none, and a power cut takes neither the new one nor the change of names.
TEST_F(Files, aFolderTakesThePlaceOfAnotherAtOnce)
{
    const fs::path fresh = m_folder / "model.tmp", folder = m_folder / "model";
    for (const char* text : { "one", "two" }) {
        const bool isFirst = !fs::exists(folder);
        fs::create_directory(fresh);
        ASSERT_TRUE(atomicWrite(fresh / "a", text).hasValue());
        percept::test::clearDiskLog();
        const auto done = replaceFolder(fresh, folder);
        ASSERT_TRUE(done.hasValue()) << done.error().message;
        EXPECT_EQ(readTextFile(folder / "a").value(), text);
        EXPECT_FALSE(fs::exists(fresh));
        const auto moved = percept::test::placeInDiskLog((isFirst ? "rename " : "swap ") + fresh.string() + " " + folder.string());
        EXPECT_LT(moved, percept::test::placeInDiskLog("sync " + m_folder.string()));
        EXPECT_LT(percept::test::placeInDiskLog("sync " + m_folder.string()), percept::test::diskLog().size());
    }
    EXPECT_TRUE(replaceFolder(m_folder / "none", folder).hasError());
    EXPECT_EQ(readTextFile(folder / "a").value(), "two");
}

TEST_F(Files, newOnesGetTheRightsOfTheUmaskWhichNobodyTouches)
{
    const auto before = static_cast<mode_t>(::syscall(SYS_umask, 027));
    askedForMask = 0;
    ASSERT_TRUE(atomicWrite(m_folder / "out.txt", "one").hasValue());
    const auto folder = makeFreshFolder(m_folder / "new-");
    ::syscall(SYS_umask, before);
    EXPECT_EQ(askedForMask, 0);
    EXPECT_EQ(static_cast<int>(fs::status(m_folder / "out.txt").permissions()), 0640);
    ASSERT_TRUE(folder.hasValue());
    EXPECT_EQ(static_cast<int>(fs::status(*folder).permissions()), 0750);
    EXPECT_NE(*folder, makeFreshFolder(m_folder / "new-").value());
    EXPECT_NE(makeFreshFolder(m_folder / "missing" / "new-").error().message.find("missing cannot be written"), std::string::npos);
}

TEST_F(Files, saysWhichFileCannotBeWritten)
{
    const auto result = atomicWrite(m_folder / "missing" / "out.txt", "one");
    ASSERT_TRUE(result.hasError());
    EXPECT_NE(result.error().message.find("out.txt"), std::string::npos);
}

TEST_F(Files, refusesNamesThatLeaveTheRoot)
{
    fs::create_symlink(m_folder / "secret", m_folder / "set" / "link");
    for (const char* name : { "../secret", "/etc/passwd", "b/../../secret", "link", "", "..", "a\\b", "\\\\server\\share" })
        EXPECT_TRUE(safePath(m_folder / "set", name).hasError()) << name;
    EXPECT_TRUE(safePath(m_folder / "set", std::string_view("a.jpg\0x", 7)).hasError());
    ASSERT_TRUE(safePath(m_folder / "set", "a.jpg").hasValue());
}

TEST_F(Files, aSiblingWithTheSamePrefixIsOutside)
{
    fs::create_directory(m_folder / "set-b");
    std::ofstream(m_folder / "set-b" / "b.jpg") << "x";
    fs::create_symlink(m_folder / "set-b" / "b.jpg", m_folder / "set" / "b.jpg");
    EXPECT_TRUE(safePath(m_folder / "set", "b.jpg").hasError());
}

TEST_F(Files, readsOnlyRegularFilesOfBoundedSize)
{
    ASSERT_EQ(::mkfifo((m_folder / "fifo").c_str(), 0600), 0);
    EXPECT_TRUE(readFile(m_folder / "fifo").hasError());
    EXPECT_TRUE(readFile(m_folder).hasError());
    std::ofstream(m_folder / "big") << std::string(100, 'x');
    const auto big = readFile(m_folder / "big", 99);
    ASSERT_TRUE(big.hasError());
    EXPECT_EQ(big.error().code, ErrorCode::Refused);
    EXPECT_EQ(readFile(m_folder / "none").error().code, ErrorCode::NotFound);
}

}
