// Files that are not what they should be: foreign, newer, older, damaged, changed by hand.
#include "core/base/hash.h"
#include "core/base/random.h"
#include "core/dataset/project_lock.h"
#include "core/dataset/schema.h"
#include "tests/core/dataset/store_support.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>
#include <sys/mount.h>

namespace percept::dataset::testing {

class OpenTest : public StoreTest
{
protected:
    fs::path database() const { return m_project / "project.db"; }
    void sql(const std::string& statements)
    {
        m_store.reset();
        SQLite::Database(database().string(), SQLite::OPEN_READWRITE).exec(statements);
    }
    std::string hash() { return *base::sha256OfFile(database()); }

    // Both ways to open give the same refusal, and the file is as it was.
    void expectRefused(const std::string& part)
    {
        m_store.reset();
        const std::string before = hash();
        const auto writer = ProjectStore::open(m_project, "open_test");
        ASSERT_TRUE(writer.hasError());
        EXPECT_EQ(writer.error().code, base::ErrorCode::Refused) << writer.error().message << writer.error().detail;
        EXPECT_NE(writer.error().message.find(part), std::string::npos) << writer.error().message;
        const auto reader = ProjectReader::open(m_project);
        ASSERT_TRUE(reader.hasError());
        EXPECT_EQ(reader.error().code, base::ErrorCode::Refused) << reader.error().message;
        EXPECT_NE(reader.error().message.find(part), std::string::npos) << reader.error().message;
        EXPECT_EQ(hash(), before);
    }
};

TEST_F(OpenTest, NothingThere)
{
    EXPECT_EQ(ProjectStore::open(m_project, "x").error().code, base::ErrorCode::NotFound);
    EXPECT_EQ(ProjectReader::open(m_project).error().code, base::ErrorCode::NotFound);
    fs::create_directories(m_project);
    EXPECT_EQ(ProjectStore::open(m_project, "x").error().code, base::ErrorCode::Refused);
    std::ofstream(database()).flush();
    EXPECT_EQ(ProjectStore::open(m_project, "x").error().code, base::ErrorCode::Refused);
}

TEST_F(OpenTest, AFileOfAnotherKind)
{
    fs::create_directories(m_project);
    std::ofstream(database()) << std::string(5000, 'x');
    expectRefused("is not a Percept project");
}

TEST_F(OpenTest, ADatabaseOfAnotherProgram)
{
    fs::create_directories(m_project);
    SQLite::Database(database().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec("CREATE TABLE x(a); PRAGMA application_id=77");
    expectRefused("is not a Percept project");
    EXPECT_FALSE(fs::exists(m_project / "lock")); // not even a lock is left behind
}

TEST_F(OpenTest, AProjectOfANewerPercept)
{
    create();
    sql("PRAGMA user_version=" + std::to_string(schemaVersion() + 5));
    expectRefused("format " + std::to_string(schemaVersion() + 5) + "; this program knows formats up to "
        + std::to_string(schemaVersion()));
}

TEST_F(OpenTest, TablesThatSomebodyChanged)
{
    create();
    sql("CREATE TRIGGER evil AFTER INSERT ON annotation BEGIN DELETE FROM annotation; END");
    expectRefused("was changed by another program");
}

TEST_F(OpenTest, AnOlderFormatIsBackedUpAndBroughtUpToDate)
{
    create();
    importPictures(2);
    sql("DROP TABLE model_version; DROP TABLE run_record; DROP TABLE run_thresholds; DROP TABLE field_sample; PRAGMA user_version=1");
    EXPECT_EQ(ProjectReader::open(m_project).error().code, base::ErrorCode::Refused);
    reopen();
    EXPECT_EQ(items().size(), 2u);
    EXPECT_EQ(m_store->addModelVersion("r0001", "x")->version, "1.0");
    const auto backups = *listBackups(m_project);
    ASSERT_EQ(backups.size(), 1u);
    EXPECT_EQ(backups[0].reason, "before-upgrade");
    EXPECT_EQ(SQLite::Database(backups[0].file.string()).execAndGet("PRAGMA user_version").getInt(), 1);
    expectSound();
}

// What another program changed behind the log: the check names it, and undo does not build on it.
class TamperTest : public OpenTest
{
protected:
    void SetUp() override
    {
        create();
        importItems({ importItem(0, {}, true), importItem(1, {}, true) });
        const auto all = items();
        apply({ add(all[0].id, labels()[0].id) }, "Drew");
        apply({ SetItemSet { all[1].id, domain::SplitSet::Test } }, "Moved");
        apply({ EditRun { .run = "r0001", .name = "A" } }, "Named");
        apply({ SetRunThresholds { "r0001", { "network", { 0.5 } }, { 0.4 } } }, "Chose");
        ASSERT_TRUE(m_store->freezeVersion().hasValue());
        m_store.reset();
    }
    // The store's own guards are no guard against another program.
    void tamper(const std::string& statements)
    {
        SQLite::Database other(database().string(), SQLite::OPEN_READWRITE);
        sqlite3_db_config(other.getHandle(), SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
        other.exec(statements);
    }
    std::string findings()
    {
        std::string all;
        const auto found = checkStore(m_project, false, {});
        for (const CheckFinding& finding : found.valueOr({}))
            all += finding.what + "\n";
        return all;
    }
};

TEST_F(TamperTest, TheCheckNamesIt)
{
    const fs::path sound = m_root / "sound.db";
    fs::copy_file(database(), sound);
    EXPECT_EQ(findings(), "");
    const std::pair<const char*, const char*> cases[] {
        { "UPDATE counter SET n = n + 1", "A counter is wrong by 1" },
        { "UPDATE item SET box_count = 7 WHERE id = 1", "says it has 7 boxes and has 1" },
        { "DELETE FROM annotation", "is lost: the change log says that it is there" },
        { "UPDATE annotation SET x = x + 1", "Box 1 is not what the change log says" },
        { "UPDATE item SET split_set = 1 WHERE id = 2", "The state or set of item 2 is not what the change log says" },
        { "UPDATE label SET name = 'blue' WHERE id = 1", "Class 1 is not what the change log says" },
        { "UPDATE run_record SET name = 'B'", "Run 1 is not what the change log says" },
        { "UPDATE run_thresholds SET thresholds = '[0.9]'", "The thresholds of run 1 are not what the change log says" },
        { "UPDATE history SET position = position + 100", "The line of undo has a gap" },
        { "UPDATE version_content SET body = '[]'", "is not what it was when it was frozen" },
    };
    for (const auto& [statement, sentence] : cases) {
        tamper(statement);
        EXPECT_NE(findings().find(sentence), std::string::npos) << statement << ":\n" << findings();
        fs::copy_file(sound, database(), fs::copy_options::overwrite_existing);
    }
}

TEST_F(TamperTest, UndoDoesNotBuildOnIt)
{
    tamper("UPDATE item SET split_set = 1 WHERE id = 2; UPDATE annotation SET x = 77");
    reopen();
    for (int i = 0; i < 2; ++i)
        ASSERT_TRUE(m_store->undo()->has_value()); // what is said of the run
    for (const char* step : { "Moved", "Drew" }) {
        EXPECT_EQ(m_store->undoTitle()->value(), step);
        const auto undone = m_store->undo();
        ASSERT_TRUE(undone.hasError()) << step;
        EXPECT_EQ(undone.error().code, base::ErrorCode::Refused);
        EXPECT_NE(undone.error().message.find("does not fit its content"), std::string::npos) << undone.error().message;
        EXPECT_EQ((*m_store->readItem(ItemId { 2 }))->set, domain::SplitSet::Train);
        EXPECT_EQ(boxes(ItemId { 1 }).at(0).box.x, 77);
        sql("DELETE FROM history WHERE undone = 1; DELETE FROM history WHERE position = (SELECT max(position) FROM history)");
        reopen();
    }
}

// Every mutation of bytes ends in: opens and is sound or says what is wrong, or is refused with a sentence. Never a
// crash.
TEST_F(OpenTest, DamagedFiles)
{
    create();
    std::vector<ImportItem> set;
    for (int i = 0; i < 200; ++i)
        set.push_back(
            importItem(i, { { "red", { 1.0 * i, 2, 3, 4 }, {} }, { "green", { 5, 1.0 * i, 3, 4 }, {} } }, true));
    importItems(set);
    m_store.reset();
    std::string intact;
    {
        std::ifstream in(database(), std::ios::binary);
        intact.assign(std::istreambuf_iterator<char>(in), {});
    }
    const bool nightly = std::getenv("PERCEPT_NIGHTLY") != nullptr;
    int refused = 0, opened = 0;
    for (std::uint64_t seed = 0; seed < (nightly ? 2000u : 120u); ++seed) {
        base::Random random(seed);
        std::string bytes = intact;
        const std::uint64_t kind = random.below(3);
        if (kind == 0)
            bytes[random.below(bytes.size())] ^= static_cast<char>(1u << random.below(8));
        else if (kind == 1)
            bytes.replace(4096 * random.below(bytes.size() / 4096), 4096, 4096, static_cast<char>(random.below(256)));
        else
            bytes.resize(random.below(bytes.size()));
        for (const char* rest : { "-wal", "-shm" })
            fs::remove(database().string() + rest);
        std::ofstream(database(), std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        const auto store = ProjectStore::open(m_project, "open_test");
        if (store.hasError()) {
            ++refused;
            EXPECT_FALSE(store.error().message.empty());
            continue;
        }
        ++opened;
        const auto ids = (*store)->readItemIds({});
        if (ids.hasValue()) {
            for (const ItemId id : *ids)
                (void)(*store)->readAnnotations(id).hasValue();
        }
        (void)checkStore(m_project, false, {}).hasValue();
    }
    EXPECT_GT(refused, 20);
    RecordProperty("opened", opened);
    RecordProperty("refused", refused);
}

// Edits are called saved only on a connection that syncs every commit: anything else is an error, not a warning.
TEST_F(OpenTest, AConnectionThatIsNotDurableIsRefused)
{
    Connection memory(":memory:", Connection::Mode::Create); // has no write-ahead log
    memory.harden();
    EXPECT_THROW(memory.makeDurable(), std::exception);
    create();
    Connection writer(database(), Connection::Mode::ReadWrite);
    writer.harden();
    writer.makeDurable();
    EXPECT_EQ(writer.database().execAndGet("PRAGMA synchronous").getInt(), 2);
    EXPECT_EQ(writer.database().execAndGet("PRAGMA journal_mode").getString(), "wal");
    EXPECT_EQ(writer.database().execAndGet("PRAGMA trusted_schema").getInt(), 0);
    EXPECT_EQ(writer.database().execAndGet("PRAGMA foreign_keys").getInt(), 1);
}

// Chunks of an import need not be on disk one by one; the edit between two of them must be.
TEST_F(OpenTest, EveryWriteIsDurableUnlessItAsksForLess)
{
    create();
    Connection writer(database(), Connection::Mode::ReadWrite);
    writer.harden();
    writer.makeDurable();
    const auto synchronousIn = [&](const auto&... durability) {
        Transaction transaction(writer, Transaction::Kind::Write, durability...);
        return writer.database().execAndGet("PRAGMA synchronous").getInt();
    };
    EXPECT_EQ(synchronousIn(), 2);
    EXPECT_EQ(synchronousIn(Connection::Durability::InOrder), 1);
    EXPECT_EQ(synchronousIn(), 2);
}

TEST_F(OpenTest, NetworkFoldersAreKnown)
{
    EXPECT_EQ(networkFileSystem(0x6969, ""), "nfs");
    EXPECT_EQ(networkFileSystem(static_cast<long>(0xff534d42), ""), "cifs");
    EXPECT_EQ(networkFileSystem(0x517b, ""), "smb");
    EXPECT_EQ(networkFileSystem(static_cast<long>(0xfe534d42), ""), "smb2");
    EXPECT_EQ(networkFileSystem(0x65735546, "fuse.sshfs"), "fuse.sshfs");
    EXPECT_EQ(networkFileSystem(0x65735546, "fuseblk"), std::nullopt); // a local NTFS disk
    EXPECT_EQ(networkFileSystem(0xef53, ""), std::nullopt);
    EXPECT_TRUE(checkFileSystem(m_root).hasValue());
}

// A project on a medium that cannot be written can be read, and says so when it is to be written.
TEST_F(OpenTest, ReadOnlyFolder)
{
    create();
    importPictures(2);
    m_store.reset();
    const fs::path mounted = m_root / "mounted";
    fs::create_directories(mounted);
    if (mount(m_root.c_str(), mounted.c_str(), nullptr, MS_BIND, nullptr) != 0
        || mount(nullptr, mounted.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) != 0) {
        umount(mounted.c_str());
        GTEST_SKIP() << "Mounting is not allowed here; run the test as root";
    }
    const fs::path project = mounted / m_project.filename();
    {
        const auto reader = ProjectReader::open(project);
        ASSERT_TRUE(reader.hasValue()) << reader.error().message << reader.error().detail;
        EXPECT_EQ((*reader)->readCounts()->items, 2);
        const auto writer = ProjectStore::open(project, "open_test");
        ASSERT_TRUE(writer.hasError());
        EXPECT_EQ(writer.error().code, base::ErrorCode::Failed);
        EXPECT_NE(writer.error().message.find("cannot be written"), std::string::npos) << writer.error().message;
        EXPECT_TRUE(ProjectStore::create(mounted / "new.percept", "x", domain::Task::Detection, {}).hasError());
        const auto findings = checkStore(project, true, {});
        ASSERT_TRUE(findings.hasValue()) << findings.error().message << findings.error().detail;
        for (const auto& finding : *findings) // that hashes are to come is no error
            EXPECT_FALSE(finding.isError) << finding.what;
    }
    EXPECT_EQ(umount(mounted.c_str()), 0);
}

}
