#pragma once

#include "core/dataset/entity_writer.h"
#include "core/dataset/project_reader.h"

#include <stdexcept>

namespace percept::dataset {

enum class ChangeKind { Edit = 1, Import = 2, Undo = 3, Redo = 4, EmptyTrash = 5 };

struct Detail
{
    Entity entity = Entity::Annotation;
    std::int64_t id = 0;
    std::optional<std::string> before, after; // JSON; nullopt: it did not exist
};

// A step of the line of undo.
struct Step
{
    std::int64_t position = 0;
    std::int64_t change = 0;
    ChangeKind kind = ChangeKind::Edit;
    std::string title;
};

// The stored state is not what the change log says it is: somebody else wrote into the file.
struct HistoryMismatch : std::runtime_error
{
    using std::runtime_error::runtime_error;
};

// The append-only log of changes and, beside it, the line of undo (which change is undone). Used inside a write
// transaction.
class ChangeLog
{
public:
    ChangeLog(Connection& connection, std::string who, std::string program)
        : m_connection(connection)
        , m_who(std::move(who))
        , m_program(std::move(program))
    {
    }

    std::int64_t append(ChangeKind kind, const std::string& title, std::int64_t timeMs, std::int64_t target = 0);
    void appendDetails(std::int64_t change, const std::vector<Detail>& details);
    // Makes `change` the last step; steps that were undone are dropped from the line (not from the log).
    void pushStep(std::int64_t change);
    void dropUndone();
    void setUndone(const Step& step, bool undone);

private:
    Connection& m_connection;
    std::string m_who, m_program;
};

// The login name of the user, for the log.
std::string userName();
std::int64_t readLastChange(Connection& connection);
std::optional<Step> readLastDone(Connection& connection);
std::optional<Step> readFirstUndone(Connection& connection);
std::vector<Detail> readDetails(Connection& connection, std::int64_t change);
std::vector<ChangeEntry> readSteps(Connection& connection, int limit);

// Makes the entity of `detail` what it was after (forward) or before the change. Things of items that were removed from
// the trash for good are left out. Throws HistoryMismatch.
void applyDetail(EntityWriter& writer, const Detail& detail, bool forward);

}
