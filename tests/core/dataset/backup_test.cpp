#include "core/dataset/backups.h"
#include "tests/core/dataset/store_support.h"
#include "tests/support/full_disk.h"

#include <sys/wait.h>

namespace percept::dataset::testing {

using BackupTest = StoreTest;

TEST_F(BackupTest, RestoreBringsBackAndKeepsWhatItReplaced)
{
    create();
    importPictures(2);
    const ItemId item = items()[0].id;
    apply({ add(item, labels()[0].id) });
    const auto backup = m_store->backup("by hand");
    ASSERT_TRUE(backup.hasValue()) << backup.error().message;
    apply({ add(item, labels()[1].id) });
    EXPECT_EQ(restoreBackup(m_project, *backup).error().code, base::ErrorCode::Conflict); // it is open
    m_store.reset();
    const auto restored = restoreBackup(m_project, *backup);
    ASSERT_TRUE(restored.hasValue()) << restored.error().message << restored.error().detail;
    reopen();
    EXPECT_EQ(boxes(item).size(), 1u);
    expectSound();
    const auto all = *listBackups(m_project);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].reason, "replaced");
    EXPECT_EQ(all[1].reason, "by-hand");
    m_store.reset();
    ASSERT_TRUE(restoreBackup(m_project, all[0].file).hasValue());
    reopen();
    EXPECT_EQ(boxes(item).size(), 2u);
    expectSound();
}

TEST_F(BackupTest, RestoreAfterDamageAndAfterAKill)
{
    create();
    importPictures(2);
    const fs::path backup = *m_store->backup("by hand");
    m_store.reset();
    // A process that is killed leaves a write-ahead log behind: it must not be played into the restored file.
    const pid_t child = fork();
    if (child == 0) {
        auto store = std::move(*ProjectStore::open(m_project, "child"));
        (void)store->apply(std::vector<Edit> { add((*store->readItemIds({}))[0], (*store->readLabels())[0].id) }, "x");
        kill(getpid(), SIGKILL);
    }
    waitpid(child, nullptr, 0);
    ASSERT_TRUE(fs::exists(m_project / "project.db-wal"));
    ASSERT_TRUE(restoreBackup(m_project, backup).hasValue());
    reopen();
    EXPECT_EQ(m_store->readCounts()->boxes, 0);
    expectSound();
    m_store.reset();
    std::ofstream(m_project / "project.db") << std::string(9000, 'x');
    ASSERT_TRUE(restoreBackup(m_project, backup).hasValue());
    reopen();
    EXPECT_EQ(items().size(), 2u);
    const auto all = *listBackups(m_project);
    EXPECT_EQ(all[0].reason, "damaged");
    // A file that is no backup is refused and nothing moves.
    std::ofstream(m_root / "no.db") << "no";
    m_store.reset();
    EXPECT_EQ(restoreBackup(m_project, m_root / "no.db").error().code, base::ErrorCode::Refused);
    EXPECT_EQ(restoreBackup(m_project, m_root / "none.db").error().code, base::ErrorCode::NotFound);
    reopen();
    EXPECT_EQ(items().size(), 2u);
}

// What is replaced is kept first; without room for that the project stays as it is.
TEST_F(BackupTest, RestoreWithoutRoomForWhatItReplacesChangesNothing)
{
    create();
    importPictures(1);
    const ItemId item = items()[0].id;
    const fs::path backup = *m_store->backup("by hand");
    for (int i = 0; i < 20; ++i)
        apply(std::vector<Edit>(200, add(item, labels()[0].id, { 1.0 * i, 2, 3, 4 })));
    m_store.reset();
    {
        const percept::test::FullDisk roomForTheOldOne(fs::file_size(backup) + 4096);
        const auto restored = restoreBackup(m_project, backup);
        ASSERT_TRUE(restored.hasError());
        EXPECT_EQ(restored.error().code, base::ErrorCode::Failed) << restored.error().message;
    }
    reopen();
    EXPECT_EQ(boxes(item).size(), 4000u);
    EXPECT_EQ(listBackups(m_project)->size(), 1u);
    expectSound();
}

TEST_F(BackupTest, HourlyOnlyAfterChanges)
{
    create();
    importPictures(1);
    EXPECT_FALSE(m_store->maybeHourlyBackup()->has_value()); // not an hour old
    m_store.reset();
    // An hour passes: the backup before is made to look older.
    const auto age = [&] {
        const auto backups = *listBackups(m_project);
        for (const BackupInfo& backup : backups)
            fs::rename(backup.file,
                backup.file.parent_path()
                    / ("20200101T00000" + std::to_string(&backup - backups.data()) + ".000Z-hourly.db"));
    };
    reopen();
    const auto first = m_store->backup("hourly");
    ASSERT_TRUE(first.hasValue());
    age();
    reopen();
    EXPECT_FALSE(m_store->maybeHourlyBackup()->has_value()); // nothing changed
    apply({ SetItemState { items()[0].id, domain::ItemState::Done } });
    const auto second = m_store->maybeHourlyBackup();
    ASSERT_TRUE(second->has_value());
    EXPECT_TRUE(fs::exists(**second));
    EXPECT_FALSE(m_store->maybeHourlyBackup()->has_value());
}

// The clock was years ahead for a month, and is right again.
TEST_F(BackupTest, OnesOfTheFutureKeepNoneAway)
{
    create();
    importPictures(1);
    const auto backup = m_store->backup("hourly");
    ASSERT_TRUE(backup.hasValue());
    const fs::path folder = backup->parent_path();
    for (int day = 1; day <= 28; ++day)
        fs::copy_file(*backup, folder / ("299901" + std::to_string(100 + day).substr(1) + "T000000.000Z-hourly.db"));
    for (const char* hour : { "01", "02", "03" })
        fs::copy_file(*backup, folder / (std::string("20200101T") + hour + "0000.000Z-hourly.db"));
    fs::remove(*backup);
    reopen();
    apply({ SetItemState { items()[0].id, domain::ItemState::Done } });
    const auto made = m_store->maybeHourlyBackup();
    ASSERT_TRUE(made.hasValue());
    ASSERT_TRUE(made->has_value());
    EXPECT_TRUE(fs::exists(**made)) << "and it is not tidied away";
    EXPECT_EQ(listBackups(m_project)->size(), 28u + 3u + 1u);
}

TEST_F(BackupTest, KeepsHoursDaysAndWeeks)
{
    constexpr std::int64_t kHour = 3600 * 1000;
    std::vector<BackupInfo> all;
    for (std::int64_t hour = 24 * 60; hour > 0; --hour) // 60 days, newest first
        all.push_back({ "x", hour * kHour + 1, "hourly" });
    const auto removed = backupsToRemove(all);
    const std::size_t kept = all.size() - removed.size();
    EXPECT_GE(kept, 24u);
    EXPECT_LE(kept, 24u + 7u + 4u);
    std::set<std::int64_t> gone;
    for (const BackupInfo& backup : removed)
        gone.insert(backup.timeMs);
    for (std::size_t i = 0; i < 24; ++i)
        EXPECT_FALSE(gone.contains(all[i].timeMs));
    std::int64_t oldest = INT64_MAX;
    for (const BackupInfo& backup : all) {
        if (!gone.contains(backup.timeMs))
            oldest = std::min(oldest, backup.timeMs);
    }
    EXPECT_LE(oldest, (60 - 14) * 24 * kHour);
    std::vector<BackupInfo> others(15, { "y", 5, "by-hand" });
    EXPECT_EQ(backupsToRemove(others).size(), 5u);
}

}
