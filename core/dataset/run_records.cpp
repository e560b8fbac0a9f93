#include "core/dataset/run_records.h"

#include "core/dataset/edits.h"
#include "core/dataset/queries.h"

#include <charconv>

namespace percept::dataset {

using nlohmann::json;

namespace {
constexpr std::size_t kMaxNameBytes = 200, kMaxNoteBytes = 10'000, kMaxThresholds = 10'000;

std::string valuesText(const std::vector<double>& values) { return json(values).dump(); }
std::vector<double> valuesOf(const std::string& text) { return json::parse(text).get<std::vector<double>>(); }

bool isBetween0And1(const std::vector<double>& values)
{
    return std::all_of(values.begin(), values.end(), [](double value) { return value >= 0 && value <= 1; });
}
}

std::string runIdOf(std::int64_t run)
{
    const std::string digits = std::to_string(run);
    return "r" + std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}

std::optional<std::int64_t> runNumberOf(const std::string& id)
{
    std::int64_t number = 0;
    const char* end = id.data() + id.size();
    if (id.size() < 2 || std::from_chars(id.data() + 1, end, number).ptr != end || number <= 0 || runIdOf(number) != id)
        return std::nullopt;
    return number;
}

std::string toJson(const RunRecord& record)
{
    return json { { "name", record.name }, { "note", record.note }, { "trashed", record.trashed } }.dump();
}

std::string toJson(const RunThresholds& thresholds)
{
    return json { { "network", thresholds.network }, { "values", thresholds.values } }.dump();
}

RunRecord runFromJson(const std::string& text)
{
    const json j = json::parse(text);
    return { j.at("name").get<std::string>(), j.at("note").get<std::string>(), j.at("trashed").get<bool>() };
}

RunThresholds thresholdsFromJson(const std::string& text)
{
    const json j = json::parse(text);
    return { j.at("network").get<std::string>(), j.at("values").get<std::vector<double>>() };
}

std::optional<RunRecord> EntityWriter::readRun(std::int64_t run) const
{
    Query query(m_connection, "SELECT name, note, trashed, removed FROM run_record WHERE run = ?");
    query.bindAll(run);
    if (!query.next())
        return RunRecord();
    if (query.integer(3) != 0)
        return std::nullopt;
    return RunRecord { query.text(0), query.text(1), query.integer(2) != 0 };
}

std::optional<RunThresholds> EntityWriter::readThresholds(std::int64_t run) const
{
    Query query(m_connection, "SELECT network, thresholds FROM run_thresholds WHERE run = ?");
    query.bindAll(run);
    return query.next() ? std::optional(RunThresholds { query.text(0), valuesOf(query.text(1)) }) : std::nullopt;
}

void EntityWriter::writeRun(std::int64_t run, const RunRecord& after)
{
    runSql(m_connection,
        "INSERT INTO run_record(run, name, note, trashed) VALUES(?, ?, ?, ?) ON CONFLICT(run) DO UPDATE SET name = "
        "excluded.name, note = excluded.note, trashed = excluded.trashed",
        run, after.name, after.note, after.trashed ? 1 : 0);
    m_touchedRuns.insert(run);
}

void EntityWriter::writeThresholds(std::int64_t run, const RunThresholds& after)
{
    runSql(m_connection,
        "INSERT INTO run_thresholds(run, network, thresholds) VALUES(?, ?, ?) ON CONFLICT(run) DO UPDATE SET network = "
        "excluded.network, thresholds = excluded.thresholds",
        run, after.network, valuesText(after.values));
    m_touchedRuns.insert(run);
}

base::Result<void> EditApplier::applyOne(const EditRun& edit)
{
    const auto number = runNumberOf(edit.run);
    const auto before = number ? m_writer.readRun(*number) : std::nullopt;
    if (!before)
        return base::notFound("The run " + edit.run + " is no longer in the project. Nothing was changed.");
    RunRecord after = *before;
    after.name = edit.name.value_or(after.name);
    after.note = edit.note.value_or(after.note);
    after.trashed = edit.trashed.value_or(after.trashed);
    if (after == *before)
        return {};
    if (after.name.size() > kMaxNameBytes || (!after.name.empty() && cleanLabelName(after.name) != after.name))
        return base::refused("The name of a run has at most 200 bytes, and no line breaks or blanks at its ends. Nothing was changed.");
    if (after.note.size() > kMaxNoteBytes || !isValidUtf8(after.note))
        return base::refused("The note of a run has at most 10,000 bytes of text. Nothing was changed.");
    Query version(m_connection, "SELECT version FROM model_version WHERE run = ? ORDER BY id DESC");
    version.bindAll(edit.run);
    if (after.trashed && version.next())
        return base::refused("Model " + version.text(0) + " was made of this run, so it cannot be deleted. Nothing was changed.");
    m_writer.writeRun(*number, after);
    m_details.push_back({ Entity::Run, *number, toJson(*before), toJson(after) });
    return {};
}

base::Result<void> EditApplier::applyOne(const SetRunThresholds& edit)
{
    const auto number = runNumberOf(edit.run);
    if (!number || !m_writer.readRun(*number))
        return base::notFound("The run " + edit.run + " is no longer in the project. Nothing was changed.");
    const auto& values = edit.thresholds.values;
    if (values.empty() || values.size() > kMaxThresholds || edit.before.size() != values.size() || edit.thresholds.network.empty()
        || !isBetween0And1(values) || !isBetween0And1(edit.before))
        return base::usage("A threshold must lie between 0 and 1, one for each class.");
    const auto stored = m_writer.readThresholds(*number);
    // The first choice for this network: undo goes back to what its check had chosen.
    const RunThresholds before = stored && stored->network == edit.thresholds.network ? *stored
                                                                                     : RunThresholds { edit.thresholds.network, edit.before };
    if (before == edit.thresholds)
        return {};
    m_writer.writeThresholds(*number, edit.thresholds);
    m_details.push_back({ Entity::RunThresholds, *number, toJson(before), toJson(edit.thresholds) });
    return {};
}

base::Result<std::map<std::string, RunRecord>> Queries::readRunRecords() const
{
    return snapshot([&]() -> base::Result<std::map<std::string, RunRecord>> {
        std::map<std::string, RunRecord> records;
        Query query(m_connection, "SELECT run, name, note, trashed, removed FROM run_record");
        while (query.next())
            records[runIdOf(query.integer(0))] = { query.text(1), query.text(2), query.integer(3) != 0, query.integer(4) != 0 };
        Query thresholds(m_connection, "SELECT run, network, thresholds FROM run_thresholds");
        while (thresholds.next())
            records[runIdOf(thresholds.integer(0))].thresholds = RunThresholds { thresholds.text(1), valuesOf(thresholds.text(2)) };
        return records;
    });
}

}
