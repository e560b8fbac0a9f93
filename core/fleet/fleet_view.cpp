#include "core/fleet/fleet_view.h"

#include "core/fleet/store_access.h"

namespace percept::fleet {

namespace {

constexpr std::int64_t kDayMs = 86'400'000, kClockSlackMs = 600'000;

}

std::int64_t StoredWindow::timeMs() const
{
    const bool isPossible = window.toMs >= enrolledMs - kDayMs && window.toMs <= receivedMs + kClockSlackMs;
    return isPossible ? window.toMs : receivedMs;
}

base::Result<std::unique_ptr<FleetView>> FleetView::open(const std::filesystem::path& folder)
{
    PERCEPT_ASSIGN(connection, openFleetForReading(folder));
    return std::unique_ptr<FleetView>(new FleetView(std::move(connection), folder));
}

base::Result<std::vector<Device>> FleetView::readAllDevices() const
{
    return guardedFleet(m_connection->file(), [&]() -> base::Result<std::vector<Device>> { return listDevices(*m_connection); });
}

base::Result<std::vector<Rollout>> FleetView::readAllRollouts() const
{
    return guardedFleet(m_connection->file(), [&]() -> base::Result<std::vector<Rollout>> { return listRollouts(*m_connection); });
}

base::Result<std::vector<Alert>> FleetView::readAlerts(bool onlyOpen) const
{
    return guardedFleet(m_connection->file(), [&]() -> base::Result<std::vector<Alert>> { return listAlerts(*m_connection, onlyOpen); });
}

base::Result<StoredSamples> FleetView::readSamples(const SampleQuery& wanted) const
{
    return guardedFleet(m_connection->file(), [&]() -> base::Result<StoredSamples> { return listSamples(*m_connection, m_folder, wanted); });
}

base::Result<std::int64_t> FleetView::numWindows() const
{
    return guardedFleet(m_connection->file(), [&]() -> base::Result<std::int64_t> {
        return readInteger(*m_connection, "SELECT ifnull(sum(windows), 0) FROM stream JOIN device ON device.id = device WHERE removed_ms = 0", 0);
    });
}

base::Result<FleetView::Passed> FleetView::readWindows(TelemetryCursor& cursor, const std::function<bool(const StoredWindow&)>& take) const
{
    struct Stream {
        std::int64_t id, enrolledMs;
        std::string device;
    };
    return guardedFleet(m_connection->file(), [&]() -> base::Result<Passed> {
        dataset::Transaction snapshot(*m_connection, dataset::Transaction::Kind::Read);
        std::vector<Stream> streams;
        Query all(*m_connection, "SELECT stream.id, enrolled_ms, device.name FROM stream JOIN device ON device.id = device WHERE removed_ms = 0 "
                                 "ORDER BY stream.id");
        while (all.next())
            streams.push_back({ all.integer(0), all.integer(1), all.text(2) });
        Passed passed;
        for (const Stream& stream : streams) {
            std::int64_t& last = cursor[stream.id];
            Query query(*m_connection, "SELECT sequence, received_ms, ifnull(package.name, ''), body FROM telemetry "
                                       "LEFT JOIN package ON package.sha256 = telemetry.package WHERE stream = ? AND sequence > ? ORDER BY sequence");
            query.bindAll(stream.id, last);
            while (query.next()) {
                last = query.integer(0);
                auto window = protocol::decodeTelemetryWindow(query.text(3));
                if (window.hasError()) {
                    ++passed.unreadable;
                    continue;
                }
                ++passed.windows;
                if (!take({ stream.device, stream.enrolledMs, query.integer(1), query.text(2), std::move(window).value() }))
                    return passed;
            }
        }
        return passed;
    });
}

}
