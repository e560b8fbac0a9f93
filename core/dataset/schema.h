#pragma once

#include "core/base/result.h"
#include "core/dataset/connection.h"

#include <span>

namespace percept::dataset {

constexpr int kApplicationId = 0x50657270; // "Perp"
constexpr const char* kDatabaseName = "project.db";

struct Migration
{
    int version;
    std::string_view sql;
};
// Numbered from 1, in order. A migration that was released is never edited.
std::span<const Migration> migrations();
int schemaVersion();

enum class SchemaState { Current, Older };

// Refused with a sentence: a file of another program, of a newer Percept, damaged, or with tables that Percept did not
// make.
base::Result<SchemaState> checkSchema(Connection& connection);
// Makes the tables of an empty database, in one transaction.
void createSchema(Connection& connection);
// Takes an older file to schemaVersion(), all steps in one transaction: after a crash it is old or new, never between.
void migrate(Connection& connection);
// SQLite's own quick check; the whole of it for files up to `maxBytes`, nothing for larger ones.
base::Result<void> quickCheck(Connection& connection, std::uint64_t maxBytes = UINT64_MAX);

}
