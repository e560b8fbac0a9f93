// What was acknowledged is on disk: kill -9 at random moments, full disk.
#include "core/base/random.h"
#include "tests/core/dataset/store_support.h"

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

namespace percept::dataset::testing {

class DurabilityTest : public StoreTest
{
protected:
    // Draws, moves, undoes and redoes until it is killed; the number of boxes after each commit goes to the pipe.
    [[noreturn]] void workUntilKilled(int acknowledge)
    {
        m_store = std::move(*ProjectStore::open(m_project, "child"));
        const ItemId item = items()[0].id;
        const LabelId red = labels()[0].id;
        for (std::int64_t i = 1;; ++i) {
            std::int64_t change = 0;
            if (i % 5 == 0) {
                const auto undone = m_store->undo();
                change = undone.hasValue() && undone->has_value() ? (*undone)->change.value : 0;
            } else {
                const auto done
                    = m_store->apply(std::vector<Edit> { add(item, red, { 1.0 * static_cast<double>(i), 2, 3, 4 }),
                                         add(item, red, { 1.0 * static_cast<double>(i), 2, 3, 5 }) },
                        "Drew");
                change = done.hasValue() ? done->change.value : 0;
            }
            const std::int64_t said[2] { change, static_cast<std::int64_t>(boxes(item).size()) };
            if (change == 0 || write(acknowledge, said, sizeof said) != static_cast<ssize_t>(sizeof said))
                _exit(1);
        }
    }
};

TEST_F(DurabilityTest, NothingAcknowledgedIsLostByAKill)
{
    create();
    importPictures(1);
    const ItemId item = items()[0].id;
    const int kills = std::getenv("PERCEPT_NIGHTLY") != nullptr ? 1000 : 20;
    std::int64_t acknowledgedCommits = 0;
    for (int round = 0; round < kills; ++round) {
        m_store.reset();
        int pipes[2];
        ASSERT_EQ(pipe(pipes), 0);
        const pid_t child = fork();
        if (child == 0) {
            close(pipes[0]);
            workUntilKilled(pipes[1]);
        }
        close(pipes[1]);
        std::int64_t said[2] { 0, 0 };
        ASSERT_EQ(read(pipes[0], said, sizeof said), static_cast<ssize_t>(sizeof said)); // it is at work
        usleep(static_cast<useconds_t>(base::Random(17, static_cast<std::uint64_t>(round)).below(60000)));
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
        std::int64_t next[2];
        while (read(pipes[0], next, sizeof next) == static_cast<ssize_t>(sizeof next)) {
            said[0] = next[0], said[1] = next[1];
            ++acknowledgedCommits;
        }
        close(pipes[0]);
        reopen(); // the dead process holds no lock
        const std::int64_t revision = *m_store->readRevision();
        ASSERT_GE(revision, said[0]);
        ASSERT_LE(revision, said[0] + 1); // at most the one that was not acknowledged any more
        const auto now = static_cast<std::int64_t>(boxes(item).size());
        if (revision == said[0]) {
            ASSERT_EQ(now, said[1]);
        }
        ASSERT_EQ(now % 2, 0); // a change is whole or not there
        expectSound();
    }
    EXPECT_GT(acknowledgedCommits, kills);
}

// A disk that fills up: a sentence, nothing half done, and work goes on when there is room.
TEST_F(DurabilityTest, FullDisk)
{
    const fs::path disk = m_root / "disk";
    fs::create_directories(disk);
    if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=2m") != 0)
        GTEST_SKIP() << "Mounting is not allowed here; run the test as root";
    m_project = disk / "full.percept";
    create();
    std::vector<ImportItem> set;
    for (int i = 0; i < 40; ++i)
        set.push_back(importItem(i));
    importItems(set);
    const ItemId item = items()[0].id;
    const fs::path filler = disk / "filler";
    {
        std::ofstream out(filler, std::ios::binary);
        const std::string block(4096, 'x');
        while (out.write(block.data(), 4096).flush()) { }
    }
    std::size_t drawn = 0;
    base::Error error;
    for (int i = 0; i < 2000 && error.message.empty(); ++i) {
        const auto done
            = m_store->apply(std::vector<Edit>(20, Edit { add(item, labels()[0].id, { 1.0 * i, 1, 1, 1 }) }), "Drew");
        if (done.hasError())
            error = done.error();
        else
            drawn += 20;
    }
    EXPECT_NE(error.message.find("disk is full"), std::string::npos) << error.message << error.detail;
    EXPECT_EQ(error.code, base::ErrorCode::Failed);
    EXPECT_EQ(boxes(item).size(), drawn);
    EXPECT_TRUE(m_store->backup("x").hasError());
    EXPECT_TRUE(listBackups(m_project)->empty());
    // An import that fails half way leaves nothing, also when it is only given up later.
    const auto batch = m_store->beginImport("x");
    if (batch.hasValue()) {
        std::vector<ImportItem> more;
        for (int i = 0; i < 2000; ++i) {
            more.push_back(set[0]);
            more.back().file = disk / ("n" + std::to_string(i) + ".jpg");
        }
        EXPECT_TRUE(m_store->addToImport(*batch, more).hasError());
        EXPECT_TRUE(m_store->finishImport(*batch).hasError());
    }
    fs::remove(filler);
    EXPECT_EQ(items().size(), 40u);
    apply({ add(item, labels()[0].id) });
    EXPECT_EQ(boxes(item).size(), drawn + 1);
    if (batch.hasValue()) {
        EXPECT_TRUE(m_store->abandonImport(*batch).hasValue());
    }
    expectSound();
    reopen();
    EXPECT_EQ(boxes(item).size(), drawn + 1);
    m_store.reset();
    EXPECT_EQ(umount(disk.c_str()), 0);
}

// A file size limit makes every write fail at some moment, wherever that is.
TEST_F(DurabilityTest, WritesThatFailAtAnyMoment)
{
    create();
    importPictures(1);
    const ItemId item = items()[0].id;
    m_store.reset();
    for (rlim_t limit = 40 * 1024; limit < 400 * 1024; limit += 24 * 1024) {
        int pipes[2];
        ASSERT_EQ(pipe(pipes), 0);
        const pid_t child = fork();
        if (child == 0) {
            signal(SIGXFSZ, SIG_IGN);
            const rlimit bound { limit, limit };
            setrlimit(RLIMIT_FSIZE, &bound);
            auto opened = ProjectStore::open(m_project, "child");
            std::int64_t acknowledged = 0;
            bool silent = false;
            if (opened.hasValue()) {
                m_store = std::move(*opened);
                for (int i = 0; i < 300; ++i) {
                    const auto done
                        = m_store->apply(std::vector<Edit> { add(item, labels()[0].id, { 1.0 * i, 1, 1, 1 }) }, "Drew");
                    if (done.hasValue())
                        acknowledged = done->change.value;
                    else
                        silent = silent || done.error().message.empty();
                }
            }
            (void)!write(pipes[1], &acknowledged, sizeof acknowledged);
            _exit(silent ? 1 : 0);
        }
        close(pipes[1]);
        std::int64_t acknowledged = 0;
        EXPECT_EQ(read(pipes[0], &acknowledged, sizeof acknowledged), static_cast<ssize_t>(sizeof acknowledged));
        close(pipes[0]);
        int status = 0;
        waitpid(child, &status, 0);
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        reopen();
        EXPECT_GE(*m_store->readRevision(), acknowledged);
        expectSound();
        m_store.reset();
    }
}

}
