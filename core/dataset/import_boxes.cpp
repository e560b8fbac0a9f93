#include "core/dataset/import_boxes.h"

#include <new>
#include <sqlite3.h>

namespace percept::dataset {

namespace {

// SQLite knows the first members alone, so they come first.
struct Table
{
    sqlite3_vtab base {};
    const ImportBoxes* boxes = nullptr;
};
struct Cursor
{
    sqlite3_vtab_cursor base {};
    std::size_t at = 0;
};

Cursor& cursorOf(sqlite3_vtab_cursor* base) { return *reinterpret_cast<Cursor*>(base); }
const std::vector<ImportBoxes::Row>& rowsOf(sqlite3_vtab_cursor* base) { return reinterpret_cast<Table*>(base->pVtab)->boxes->rows; }

int connect(sqlite3* database, void* boxes, int, const char* const*, sqlite3_vtab** table, char**)
{
    const int code = sqlite3_declare_vtab(database, "CREATE TABLE import_box(item, label, x, y, w, h, origin, flags)");
    if (code != SQLITE_OK)
        return code;
    auto* made = new (std::nothrow) Table { {}, static_cast<const ImportBoxes*>(boxes) };
    if (made == nullptr)
        return SQLITE_NOMEM;
    *table = &made->base;
    return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table)
{
    delete reinterpret_cast<Table*>(table);
    return SQLITE_OK;
}

int bestIndex(sqlite3_vtab*, sqlite3_index_info* info)
{
    info->estimatedCost = 1000;
    return SQLITE_OK;
}

int open(sqlite3_vtab*, sqlite3_vtab_cursor** cursor)
{
    auto* made = new (std::nothrow) Cursor;
    if (made == nullptr)
        return SQLITE_NOMEM;
    *cursor = &made->base;
    return SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor)
{
    delete &cursorOf(cursor);
    return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**)
{
    cursorOf(cursor).at = 0;
    return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor)
{
    ++cursorOf(cursor).at;
    return SQLITE_OK;
}

int eof(sqlite3_vtab_cursor* cursor) { return cursorOf(cursor).at >= rowsOf(cursor).size() ? 1 : 0; }

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int number)
{
    const ImportBoxes::Row& row = rowsOf(cursor)[cursorOf(cursor).at];
    switch (number) {
    case 0: sqlite3_result_int64(context, row.item); break;
    case 1: sqlite3_result_int64(context, row.label); break;
    case 2: sqlite3_result_double(context, row.box.x); break;
    case 3: sqlite3_result_double(context, row.box.y); break;
    case 4: sqlite3_result_double(context, row.box.w); break;
    case 5: sqlite3_result_double(context, row.box.h); break;
    case 6: sqlite3_result_int64(context, row.origin); break;
    case 7: sqlite3_result_int64(context, row.flags); break;
    default: break;
    }
    return SQLITE_OK;
}

int rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* id)
{
    *id = static_cast<sqlite3_int64>(cursorOf(cursor).at);
    return SQLITE_OK;
}

// Without xCreate: the table is there without being made, and no schema names it.
const sqlite3_module kModule = [] {
    sqlite3_module module {};
    module.xConnect = connect;
    module.xDisconnect = disconnect;
    module.xBestIndex = bestIndex;
    module.xOpen = open;
    module.xClose = close;
    module.xFilter = filter;
    module.xNext = next;
    module.xEof = eof;
    module.xColumn = column;
    module.xRowid = rowid;
    return module;
}();

}

ImportBoxes::ImportBoxes(Connection& connection)
{
    sqlite3* database = connection.database().getHandle();
    if (sqlite3_create_module(database, "import_box", &kModule, this) != SQLITE_OK)
        throw SQLite::Exception(database);
}

}
