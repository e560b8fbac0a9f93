#pragma once

#include "core/dataset/connection.h"
#include "core/domain/annotation.h"

#include <vector>

namespace percept::dataset {

// Boxes on their way into the store. SQL on the connection reads them as the table import_box(item, label, x, y, w, h, origin,
// flags), in their order: one statement that takes a thousand costs half of a thousand statements.
class ImportBoxes
{
public:
    struct Row
    {
        std::int64_t item = 0, label = 0;
        domain::Box box;
        std::int64_t origin = 0, flags = 0;
    };

    // Throws when SQLite has no room for it. It must outlive what the connection runs on it.
    explicit ImportBoxes(Connection& connection);
    ImportBoxes(const ImportBoxes&) = delete;
    ImportBoxes& operator=(const ImportBoxes&) = delete;

    std::vector<Row> rows;
};

}
