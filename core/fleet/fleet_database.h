#pragma once

#include "core/base/result.h"
#include "core/dataset/connection.h"

#include <filesystem>
#include <memory>

namespace percept::fleet {

inline constexpr const char* kFleetDatabaseName = "fleet.db";

// FOLDER/fleet.db with the discipline of the project store: WAL with synchronous=FULL, read back; a file of another
// program, of a newer Percept or with other tables is refused. Made when it is not there. The caller holds the folder's lock.
base::Result<std::unique_ptr<dataset::Connection>> openFleetDatabase(const std::filesystem::path& folder);

// Read-only, whether a hub runs or not. NotFound: there is none. Refused as above, but not read through for damage.
base::Result<std::unique_ptr<dataset::Connection>> openFleetForReading(const std::filesystem::path& folder);

base::Error describeFleetError(const SQLite::Exception& exception, const std::filesystem::path& database);

// Runs `work` and turns exceptions into Errors: the edge between SQLite and the hub.
template <typename Work>
auto guardedFleet(const std::filesystem::path& database, Work work) -> decltype(work())
{
    try {
        return work();
    } catch (const SQLite::Exception& exception) {
        return describeFleetError(exception, database);
    } catch (const std::exception& exception) {
        return base::failed("The fleet in " + database.parent_path().string() + " could not be used: an unexpected error.",
            exception.what());
    }
}

}
