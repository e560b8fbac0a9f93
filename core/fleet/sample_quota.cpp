#include "core/fleet/sample_quota.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace percept::fleet {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;

std::string amount(std::int64_t pictures, std::int64_t bytes)
{
    return fmt::format("{} pictures or {} MiB", pictures, bytes >> 20);
}

}

SampleUse readSampleUse(Connection& db, const std::filesystem::path& samples, std::int64_t device, std::int64_t nowMs)
{
    SampleUse use;
    use.day = nowMs / kDayMs;
    Query query(db, "SELECT sample.id, format, received_ms FROM sample JOIN stream ON stream.id = stream WHERE device = ? AND format <> ''");
    query.bind(device);
    while (query.next()) {
        std::error_code error;
        const auto size = std::filesystem::file_size(samples / (query.text(0) + "." + query.text(1)), error);
        const std::int64_t bytes = error ? 0 : static_cast<std::int64_t>(size);
        ++use.keptPictures;
        use.keptBytes += bytes;
        if (query.integer(2) / kDayMs == use.day) {
            ++use.dayPictures;
            use.dayBytes += bytes;
        }
    }
    use.isSaid = readInteger(db, "SELECT count(*) FROM alert WHERE device = ? AND kind = 'pictures' AND ended_ms = 0", 0, device) > 0;
    return use;
}

std::string whyTooMuch(SampleUse& use, const SampleLimits& limits, const std::string& device, std::int64_t bytes, std::int64_t nowMs)
{
    if (use.day != nowMs / kDayMs) {
        use.day = nowMs / kDayMs;
        use.dayBytes = use.dayPictures = 0;
    }
    if (use.keptPictures + 1 > limits.keptPictures || use.keptBytes + bytes > limits.keptBytes)
        return fmt::format("The hub keeps {} of one device, and {} has sent as many: what else it sends is left out. Take or ignore those that wait; "
                           "such pictures make room {} days later.",
            amount(limits.keptPictures, limits.keptBytes), device, limits.seenMs / kDayMs);
    if (use.dayPictures + 1 > limits.dayPictures || use.dayBytes + bytes > limits.dayBytes)
        return fmt::format("{} has sent more than {} today: what else it sends today is left out. Let it send fewer with `percept fleet rules --device {}`.",
            device, amount(limits.dayPictures, limits.dayBytes), device);
    return {};
}

void sayTooMuch(Connection& db, SampleUse& use, std::int64_t device, const std::string& why, std::int64_t nowMs)
{
    if (use.isSaid)
        return;
    spdlog::warn("{}", why);
    runSql(db, "INSERT INTO alert(device, kind, since_ms, text) VALUES(?, 'pictures', ?, ?) ON CONFLICT DO NOTHING", device, nowMs, why);
    use.isSaid = true;
}

void sayEnoughRoom(Connection& db, SampleUse& use, std::int64_t device, std::int64_t nowMs)
{
    if (!use.isSaid)
        return;
    runSql(db, "UPDATE alert SET ended_ms = ? WHERE kind = 'pictures' AND ended_ms = 0 AND device = ?", nowMs, device);
    use.isSaid = false;
}

}
