// Telemetry and samples: taken once, in order, and answered after the commit.
#include "core/base/files.h"
#include "core/fleet/sample_quota.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

namespace percept::fleet {

namespace {

constexpr std::int64_t kMostStreams = 1000; // of one device: a new one is rare

struct Stream {
    std::int64_t id = 0, device = 0, last = 0;
    DeviceTotals added; // by this commit
};

// What this commit's messages of a device say about its being there; the last word counts.
struct Life {
    bool spoke = false, isOnline = false;
};

// One commit's worth of messages: streams are looked up once and their new ends written once.
class Ingestion {
public:
    Ingestion(Connection& db, const std::filesystem::path& samples, const SampleLimits& limits, std::map<std::int64_t, SampleUse>& uses, std::int64_t nowMs)
        : m_db(db)
        , m_samples(samples)
        , m_limits(limits)
        , m_uses(uses)
        , m_nowMs(nowMs)
    {
    }

    base::Result<void> take(const Incoming& message)
    {
        const auto* presence = std::get_if<protocol::Presence>(&message.body);
        Life& life = m_lives[message.device];
        life.isOnline = !presence || presence->online;
        life.spoke = life.spoke || life.isOnline; // an absence is the broker's word, not a sign of life
        return std::visit([&](const auto& body) { return take(message.device, body); }, message.body);
    }

    std::vector<Outgoing> finish()
    {
        std::vector<Outgoing> answers;
        for (const auto& [key, stream] : m_streams) {
            const DeviceTotals& added = stream.added;
            runSql(m_db, "UPDATE stream SET last_sequence = ?, windows = windows + ?, frames = frames + ?, objects = objects + ?, "
                         "samples = samples + ?, dropped = dropped + ? WHERE id = ?",
                stream.last, added.windows, added.frames, added.objects, added.samples, added.dropped, stream.id);
            answers.push_back({ key.first, { key.second, stream.last } });
        }
        for (const auto& [device, life] : m_lives)
            runSql(m_db, "UPDATE device SET online = ?1, seen_ms = CASE WHEN ?2 THEN ?3 ELSE seen_ms END WHERE name = ?4 AND removed_ms = 0",
                life.isOnline, life.spoke, m_nowMs, device);
        return answers;
    }

private:
    base::Result<void> take(const std::string& device, const protocol::TelemetryBatch& batch)
    {
        PERCEPT_ASSIGN(stream, find(device, batch.stream));
        if (stream)
            takeBatch(*stream, batch);
        return {};
    }
    base::Result<void> take(const std::string& device, const protocol::FieldSample& sample)
    {
        PERCEPT_ASSIGN(stream, find(device, sample.stream));
        return stream ? takeSample(device, *stream, sample) : base::Result<void>();
    }
    base::Result<void> take(const std::string& device, const protocol::ReportedState& state)
    {
        runSql(m_db, "UPDATE device SET reported = ? WHERE name = ? AND removed_ms = 0", protocol::encode(state), device);
        return {};
    }
    base::Result<void> take(const std::string&, const protocol::Presence&) { return {}; }

    // Null: the device is not enrolled, or makes streams without end.
    base::Result<Stream*> find(const std::string& device, const std::string& name)
    {
        const auto key = std::pair(device, name);
        if (const auto found = m_streams.find(key); found != m_streams.end())
            return &found->second;
        PERCEPT_ASSIGN(row, findDevice(m_db, device));
        if (!row)
            return static_cast<Stream*>(nullptr);
        Stream stream = readStream(row->id, name);
        if (stream.id == 0) {
            if (readInteger(m_db, "SELECT count(*) FROM stream WHERE device = ?", 0, row->id) >= kMostStreams)
                return static_cast<Stream*>(nullptr);
            runSql(m_db, "INSERT INTO stream(device, name) VALUES(?, ?)", row->id, name);
            stream.id = m_db.lastInsertId();
        }
        return &m_streams.emplace(key, stream).first->second;
    }

    Stream readStream(std::int64_t device, const std::string& name)
    {
        Query query(m_db, "SELECT id, last_sequence FROM stream WHERE device = ? AND name = ?");
        query.bindAll(device, name);
        return query.next() ? Stream { query.integer(0), device, query.integer(1), {} } : Stream { 0, device, 0, {} };
    }

    void takeBatch(Stream& stream, const protocol::TelemetryBatch& batch)
    {
        std::int64_t sequence = batch.first;
        for (const auto& entry : batch.entries) {
            if (sequence == stream.last + 1) {
                write(stream, sequence, entry);
                stream.last = sequence;
            }
            ++sequence;
        }
    }

    void write(Stream& stream, std::int64_t sequence, const protocol::TelemetryEntry& entry)
    {
        const auto* window = std::get_if<protocol::TelemetryWindow>(&entry);
        if (!window)
            return writeDropped(stream, sequence);
        const auto objects = std::accumulate(window->classes.begin(), window->classes.end(), std::int64_t { 0 },
            [](std::int64_t sum, const protocol::ClassCount& entry) { return sum + entry.count; });
        runSql(m_db, "INSERT INTO telemetry(stream, sequence, received_ms, package, frames, objects, body) VALUES(?, ?, ?, ?, ?, ?, ?)",
            stream.id, sequence, m_nowMs, window->packageSha256, window->frames, objects, protocol::encode(*window));
        ++stream.added.windows;
        stream.added.frames += window->frames;
        stream.added.objects += objects;
    }

    void writeDropped(Stream& stream, std::int64_t sequence)
    {
        runSql(m_db, "INSERT INTO sample(stream, sequence, received_ms) VALUES(?, ?, ?)", stream.id, sequence, m_nowMs);
        ++stream.added.dropped;
    }

    SampleUse& useOf(std::int64_t device)
    {
        const auto found = m_uses.find(device);
        return found != m_uses.end() ? found->second : m_uses.emplace(device, readSampleUse(m_db, m_samples, device, m_nowMs)).first->second;
    }

    // Beyond the limits of its device it is counted, and keeps no place: a flood leaves nothing behind.
    bool isTooMuch(const std::string& device, Stream& stream, std::int64_t bytes)
    {
        SampleUse& use = useOf(stream.device);
        const std::string why = whyTooMuch(use, m_limits, device, bytes, m_nowMs);
        if (!why.empty()) {
            sayTooMuch(m_db, use, stream.device, why, m_nowMs);
            ++stream.added.dropped;
            return true;
        }
        sayEnoughRoom(m_db, use, stream.device, m_nowMs);
        ++use.dayPictures;
        ++use.keptPictures;
        use.dayBytes += bytes;
        use.keptBytes += bytes;
        return false;
    }

    base::Result<void> takeSample(const std::string& device, Stream& stream, const protocol::FieldSample& sample)
    {
        if (sample.sequence != stream.last + 1)
            return {};
        // A sample that is known under another number came from a copy of the outbox: the number counts, the picture is there.
        if (readInteger(m_db, "SELECT count(*) FROM sample WHERE id = ?", 0, sample.id) > 0) {
            writeDropped(stream, sample.sequence);
        } else if (!isTooMuch(device, stream, static_cast<std::int64_t>(sample.picture.size()))) {
            // The picture first: a row without its picture must not be.
            const std::string_view bytes(reinterpret_cast<const char*>(sample.picture.data()), sample.picture.size());
            PERCEPT_TRY(base::atomicWrite(m_samples / (sample.id + "." + sample.format), bytes));
            runSql(m_db, "INSERT INTO sample(stream, sequence, received_ms, id, reason, package, format, body) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                stream.id, sample.sequence, m_nowMs, sample.id, sample.reason, sample.packageSha256, sample.format, describe(sample));
            ++stream.added.samples;
        }
        stream.last = sample.sequence;
        return {};
    }

    static std::string describe(const protocol::FieldSample& sample)
    {
        const std::string payload = protocol::encode(sample);
        return payload.substr(0, payload.find('\n'));
    }

    Connection& m_db;
    const std::filesystem::path& m_samples;
    const SampleLimits& m_limits;
    std::map<std::int64_t, SampleUse>& m_uses;
    std::int64_t m_nowMs;
    std::map<std::pair<std::string, std::string>, Stream> m_streams; // nodes stay where they are
    std::map<std::string, Life> m_lives;
};

}

base::Result<std::vector<Outgoing>> FleetStore::ingest(std::span<const Incoming> messages, std::int64_t nowMs)
{
    const std::filesystem::path samples = m_folder / "samples";
    return change([&](Connection& db) -> base::Result<std::vector<Outgoing>> {
        auto uses = m_sampleUse; // as this transaction leaves them, if it is kept
        Ingestion ingestion(db, samples, m_limits, uses, nowMs);
        for (const Incoming& message : messages)
            PERCEPT_TRY(ingestion.take(message));
        auto answers = ingestion.finish();
        m_sampleUse = std::move(uses);
        return answers;
    });
}

base::Result<std::vector<DeviceTotals>> FleetStore::readTotals() const
{
    return read([&](Connection& db) -> base::Result<std::vector<DeviceTotals>> {
        Query query(db, "SELECT device.name, sum(windows), sum(frames), sum(objects), sum(samples), sum(dropped) FROM stream "
                        "JOIN device ON device.id = device GROUP BY device.id ORDER BY device.name");
        std::vector<DeviceTotals> all;
        while (query.next())
            all.push_back({ query.text(0), query.integer(1), query.integer(2), query.integer(3), query.integer(4), query.integer(5) });
        return all;
    });
}

}
