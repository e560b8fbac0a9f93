// Field samples that have come home.
#include "core/fleet/store_access.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace percept::fleet {

namespace {

constexpr const char* kFrom = " FROM sample JOIN stream ON stream.id = stream JOIN device ON device.id = device WHERE sample.id IS NOT NULL "
                              "AND (?1 = '' OR device.name = ?1) AND (?2 = 0 OR sample.state = 0)";

}

base::Result<StoredSamples> FleetStore::readSamples(const SampleQuery& wanted) const
{
    return read([&](Connection& db) -> base::Result<StoredSamples> {
        StoredSamples samples;
        samples.total = readInteger(db, std::string("SELECT count(*)") + kFrom, 0, wanted.device, static_cast<std::int64_t>(wanted.onlyWaiting));
        Query query(db, std::string("SELECT sample.id, device.name, received_ms, sample.format, sample.state, sample.body") + kFrom
                + " ORDER BY received_ms DESC, stream, sequence DESC LIMIT ?3");
        query.bindAll(wanted.device, static_cast<std::int64_t>(wanted.onlyWaiting), std::clamp<std::int64_t>(wanted.most, 1, SampleQuery::kMost));
        while (query.next()) {
            StoredSample sample { query.text(0), query.text(1), query.integer(2), m_folder / "samples" / (query.text(0) + "." + query.text(3)),
                static_cast<SampleState>(query.integer(4)), nlohmann::json::parse(query.text(5), nullptr, /*allow_exceptions=*/false) };
            samples.newest.push_back(std::move(sample));
        }
        return samples;
    });
}

}
