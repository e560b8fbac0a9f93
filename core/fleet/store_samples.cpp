// Field samples that have come home.
#include "core/fleet/store_access.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace percept::fleet {

namespace {

constexpr const char* kFrom = " FROM sample JOIN stream ON stream.id = stream JOIN device ON device.id = device "
                              "LEFT JOIN package ON package.sha256 = sample.package WHERE sample.id IS NOT NULL "
                              "AND (?1 = '' OR device.name = ?1) AND (?2 = 0 OR sample.state = 0)";

}

const char* nameOf(SampleState state)
{
    return state == SampleState::Taken ? "taken" : state == SampleState::Ignored ? "ignored" : "waiting";
}

StoredSamples listSamples(Connection& db, const std::filesystem::path& folder, const SampleQuery& wanted)
{
    StoredSamples samples;
    samples.total = readInteger(db, std::string("SELECT count(*)") + kFrom, 0, wanted.device, static_cast<std::int64_t>(wanted.onlyWaiting));
    Query query(db, std::string("SELECT sample.id, device.name, received_ms, sample.format, sample.state, ifnull(package.name, ''), sample.body") + kFrom
            + " ORDER BY received_ms DESC, stream, sequence DESC LIMIT ?3");
    query.bindAll(wanted.device, static_cast<std::int64_t>(wanted.onlyWaiting), std::clamp<std::int64_t>(wanted.most, 1, SampleQuery::kMost));
    while (query.next())
        samples.newest.push_back({ query.text(0), query.text(1), query.integer(2), folder / "samples" / (query.text(0) + "." + query.text(3)),
            static_cast<SampleState>(query.integer(4)), query.text(5), nlohmann::json::parse(query.text(6), nullptr, /*allow_exceptions=*/false) });
    return samples;
}

base::Result<StoredSamples> FleetStore::readSamples(const SampleQuery& wanted) const
{
    return read([&](Connection& db) -> base::Result<StoredSamples> { return listSamples(db, m_folder, wanted); });
}

base::Result<void> FleetStore::markSample(const std::string& id, SampleState state)
{
    return change([&](Connection& db) -> base::Result<void> {
        runSql(db, "UPDATE sample SET state = ? WHERE id = ?", static_cast<std::int64_t>(state), id);
        if (db.changes() == 0)
            return base::notFound("The hub has no picture named " + id + ".");
        return {};
    });
}

}
