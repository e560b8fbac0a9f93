#include "core/base/time.h"
#include "core/dataset/store.h"

namespace percept::dataset {

base::Result<void> Store::checkImport(BatchId batch) const
{
    if (!m_import || m_import->batch() != batch)
        return base::usage("The import is not under way.");
    return {};
}

base::Result<void> Store::dropImport()
{
    const std::int64_t batch = m_import->batch().value;
    PERCEPT_TRY(transact([&]() -> base::Result<void> {
        removeUnfinishedBatch(*m_connection, batch);
        return {};
    }));
    m_import.reset();
    m_importFailed = false;
    return {};
}

base::Result<BatchId> Store::beginImport(const std::string& title)
{
    if (m_import && m_importFailed)
        PERCEPT_TRY(dropImport());
    if (m_import)
        return base::Error { base::ErrorCode::Conflict, "Another import is under way. Wait until it has finished.",
            {} };
    Importer import(*m_connection, m_paths, m_importBoxes);
    auto batch = transact([&]() -> base::Result<BatchId> { return import.begin(title, base::nowMs()); });
    if (batch.hasValue())
        m_import.emplace(std::move(import));
    return batch;
}

base::Result<void> Store::addToImport(BatchId batch, std::span<const ImportItem> items)
{
    PERCEPT_TRY(checkImport(batch));
    if (m_importFailed)
        return base::failed("The import failed before and has to be started anew.");
    PERCEPT_TRY(checkImportItems(items));
    const Connection::UncheckedReferences unchecked(*m_connection);
    // Nothing of the batch counts before finishImport(), whose commit takes these to the disk with it.
    auto added = transact(
        [&]() -> base::Result<void> {
            m_import->add(items, base::nowMs());
            return {};
        },
        Connection::Durability::InOrder);
    // What the importer gathered in memory is ahead of the disk then.
    m_importFailed = added.hasError();
    return added;
}

base::Result<ImportTotals> Store::finishImport(BatchId batch)
{
    PERCEPT_TRY(checkImport(batch));
    if (m_importFailed)
        return base::failed("The import failed before and has to be started anew.");
    const ImportTotals totals = m_import->totals();
    auto finished = transact([&]() -> base::Result<void> {
        m_import->finish(m_log, base::nowMs());
        return {};
    });
    if (finished.hasError()) {
        m_importFailed = true;
        return finished.error();
    }
    m_import.reset();
    return totals;
}

base::Result<void> Store::abandonImport(BatchId batch)
{
    PERCEPT_TRY(checkImport(batch));
    return dropImport();
}

}
