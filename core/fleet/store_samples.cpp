// Field samples that have come home.
#include "core/fleet/store_access.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

namespace percept::fleet {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFrom = " FROM sample JOIN stream ON stream.id = stream JOIN device ON device.id = device "
                              "LEFT JOIN package ON package.sha256 = sample.package WHERE sample.format <> '' " // what was let go has none
                              "AND (?1 = '' OR device.name = ?1) AND (?2 >> sample.state) & 1 = 1 "
                              "AND (?3 = 0 OR package.name = ?4 OR (?5 = 1 AND package.name IS NULL))";

}

const char* nameOf(SampleState state)
{
    return state == SampleState::Taken ? "taken" : state == SampleState::Ignored ? "ignored" : "waiting";
}

StoredSamples listSamples(Connection& db, const std::filesystem::path& folder, const SampleQuery& wanted)
{
    StoredSamples samples;
    const auto states = static_cast<std::int64_t>(wanted.states);
    const std::int64_t isChoosy = wanted.package || wanted.byHand ? 1 : 0, byHand = wanted.byHand ? 1 : 0;
    samples.total = readInteger(db, std::string("SELECT count(*)") + kFrom, 0, wanted.device, states, isChoosy, wanted.package, byHand);
    Query query(db, std::string("SELECT sample.id, device.name, received_ms, sample.format, sample.state, ifnull(package.name, ''), sample.body") + kFrom
            + " ORDER BY received_ms DESC, stream, sequence DESC LIMIT ?6 OFFSET ?7");
    query.bindAll(wanted.device, states, isChoosy, wanted.package, byHand, std::clamp<std::int64_t>(wanted.most, 1, SampleQuery::kMost),
        std::max<std::int64_t>(wanted.skip, 0));
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
        Query query(db, "SELECT format FROM sample WHERE id = ? AND format <> ''");
        query.bind(id);
        if (!query.next())
            return base::notFound("The hub has no picture named " + id + ".");
        std::error_code ignored; // the file's time is that of the verdict, from which on it is kept for a while
        fs::last_write_time(m_folder / "samples" / (id + "." + query.text(0)), fs::file_time_type::clock::now(), ignored);
        runSql(db, "UPDATE sample SET state = ? WHERE id = ?", static_cast<std::int64_t>(state), id);
        return {};
    });
}

void FleetStore::setSampleLimits(const SampleLimits& limits)
{
    const std::lock_guard lock(m_mutex);
    m_limits = limits;
}

base::Result<std::int64_t> FleetStore::forgetSeenSamples(std::int64_t nowMs, std::int64_t most)
{
    struct Seen {
        std::int64_t stream, sequence;
    };
    return change([&](Connection& db) -> base::Result<std::int64_t> {
        const auto now = fs::file_time_type::clock::now();
        std::vector<Seen> gone;
        Query query(db, "SELECT stream, sequence, id, format FROM sample WHERE state <> 0 AND format <> '' AND received_ms < ?");
        query.bind(nowMs - m_limits.seenMs);
        while (static_cast<std::int64_t>(gone.size()) < most && query.next()) {
            const fs::path picture = m_folder / "samples" / (query.text(2) + "." + query.text(3));
            std::error_code error;
            const auto seen = fs::last_write_time(picture, error);
            if (!error && now - seen < std::chrono::milliseconds(m_limits.seenMs))
                continue;
            fs::remove(picture, error); // the file first: a row of which only that is gone is found again
            if (!error)
                gone.push_back({ query.integer(0), query.integer(1) });
        }
        for (const Seen& sample : gone)
            runSql(db, "UPDATE sample SET format = '', body = '' WHERE stream = ? AND sequence = ?", sample.stream, sample.sequence);
        if (!gone.empty())
            m_sampleUse.clear(); // read anew
        return static_cast<std::int64_t>(gone.size());
    });
}

}
