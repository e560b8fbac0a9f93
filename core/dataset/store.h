#pragma once

#include "core/dataset/change_log.h"
#include "core/dataset/imports.h"
#include "core/dataset/project_lock.h"
#include "core/dataset/project_store.h"
#include "core/dataset/queries.h"

namespace percept::dataset {

// ProjectStore over one read-write connection. Each public method is one transaction or none.
class Store final : public WithQueries<ProjectStore>
{
public:
    Store(ProjectLock lock, std::unique_ptr<Connection> connection, const std::filesystem::path& project,
        const std::string& program);
    ~Store() override;

    base::Result<Committed> apply(std::span<const Edit> edits, const std::string& title) override;
    base::Result<std::optional<Committed>> undo() override;
    base::Result<std::optional<Committed>> redo() override;
    base::Result<BatchId> beginImport(const std::string& title) override;
    base::Result<void> addToImport(BatchId batch, std::span<const ImportItem> items) override;
    base::Result<ImportTotals> finishImport(BatchId batch) override;
    base::Result<void> abandonImport(BatchId batch) override;
    base::Result<SplitResult> split(const SplitOptions& options) override;
    base::Result<DatasetVersion> freezeVersion() override;
    base::Result<void> emptyTrash() override;
    base::Result<void> writeContentHashes(std::span<const ItemHash> hashes) override;
    base::Result<std::vector<ItemFile>> moveItemFiles(std::span<const ItemFile> files) override;
    base::Result<void> writeItemProblem(ItemId item, const std::string& problem) override;
    base::Result<std::string> nextRunId() override;
    base::Result<ModelVersion> addModelVersion(const std::string& run, const std::string& file, const std::string& expected) override;
    base::Result<std::vector<std::string>> removeTrashedRuns() override;
    base::Result<void> updateModelVersionFile(const std::string& version, const std::string& file) override;
    base::Result<void> writeFact(const std::string& name, const std::string& value) override;
    base::Result<std::filesystem::path> backup(const std::string& reason) override;
    base::Result<std::optional<std::filesystem::path>> maybeHourlyBackup() override;

private:
    const Queries& queries() const override { return m_queries; }
    // Runs `work` in a write transaction that is committed when it gives a value.
    template <typename Work>
    auto transact(Work work, Connection::Durability durability = Connection::Durability::Full) -> decltype(work())
    {
        return guarded(m_connection->file(), [&]() -> decltype(work()) {
            Transaction transaction(*m_connection, Transaction::Kind::Write, durability);
            auto result = work();
            if (result.hasValue())
                transaction.commit();
            return result;
        });
    }
    base::Result<std::optional<Committed>> travel(bool forward);
    std::optional<Committed> takeStep(bool forward);
    base::Result<void> checkImport(BatchId batch) const;
    base::Result<void> dropImport();

    ProjectLock m_lock; // first: released last
    std::unique_ptr<Connection> m_connection;
    std::filesystem::path m_project;
    Queries m_queries;
    MediaPaths m_paths;
    ChangeLog m_log;
    ImportBoxes m_importBoxes;
    std::optional<Importer> m_import;
    bool m_importFailed = false;
    void checkpointNowAndThen(std::int64_t nowMs);
    std::int64_t m_nextBackupCheckMs = 0, m_lastCheckpointMs = 0;
};

}
