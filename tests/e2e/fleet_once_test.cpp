// Every count of a device is in the hub's memory once, whatever is killed on the way.
#include "core/base/random.h"
#include "core/base/time.h"
#include "tests/e2e/hub_process.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_device.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <csignal>
#include <cstdlib>
#include <gtest/gtest.h>

namespace percept {
namespace {

namespace fs = std::filesystem;
using test::eventually;
using test::TestDevice;

protocol::EnrolAnswer enrol(const test::HubProcess& hub, const std::string& name)
{
    const auto granted = hub.tell("/api/enroll", { { "device", name } });
    return TestDevice::enrol(hub.server(), granted.at("token"), name).value();
}

// What the file says after all is over.
struct Kept {
    std::int64_t windows = 0, frames = 0, last = 0, disorder = 0;
};

Kept readKept(const fs::path& folder, const std::string& device)
{
    SQLite::Database db((folder / "fleet.db").string(), SQLite::OPEN_READONLY);
    SQLite::Statement query(db, "SELECT sequence, telemetry.frames, received_ms FROM telemetry JOIN stream ON stream.id = stream JOIN device "
                                "ON device.id = device WHERE device.name = ? ORDER BY sequence");
    query.bind(1, device);
    Kept kept;
    for (std::int64_t received = 0; query.executeStep();) {
        ++kept.windows;
        kept.frames += query.getColumn(1).getInt64();
        kept.disorder += query.getColumn(0).getInt64() != kept.last + 1 || query.getColumn(2).getInt64() < received;
        kept.last = query.getColumn(0).getInt64();
        received = query.getColumn(2).getInt64();
    }
    return kept;
}

TEST(FleetOnce, whateverIsKilled)
{
    const bool nightly = std::getenv("PERCEPT_NIGHTLY") != nullptr;
    const std::int64_t messages = nightly ? 1'000'000 : 10'000;
    const int kills = nightly ? 200 : 5; // of the hub, and as many of the broker
    constexpr int kDevices = 4;
    test::TemporaryFolder folder;
    ::setenv("PERCEPT_CONFIG_DIR", (folder / "config").c_str(), 1);
    const fs::path state = folder / "fleet";
    test::HubProcess hub(state);
    std::vector<std::unique_ptr<TestDevice>> devices;
    for (int i = 0; i < kDevices; ++i)
        devices.push_back(std::make_unique<TestDevice>(TestDevice::optionsFor(enrol(hub, "d" + std::to_string(i)))));

    base::Random random(7);
    std::int64_t added = 0;
    const auto addUpTo = [&](std::int64_t count) {
        for (; added < count; ++added)
            devices[static_cast<std::size_t>(added % kDevices)]->add(1 + added % 1000);
    };
    const auto acknowledged = [&] {
        std::int64_t sum = 0;
        for (const auto& device : devices)
            sum += device->acknowledged();
        return sum;
    };
    for (int i = 1; i <= 2 * kills; ++i) {
        addUpTo(messages * i / (2 * kills + 1));
        // In the middle of the work: some of what was added is under way, some is acknowledged.
        ASSERT_TRUE(eventually([&] { return acknowledged() >= added - messages / (4 * kills); }, 60)) << acknowledged() << " of " << added;
        std::this_thread::sleep_for(std::chrono::duration<double>(random.uniform(0, 0.05)));
        if (i % 2 == 0) {
            hub.kill(SIGKILL);
            hub.start();
        } else {
            ASSERT_TRUE(hub.killBroker());
        }
    }
    addUpTo(messages);
    ASSERT_TRUE(eventually([&] { return acknowledged() == messages; }, nightly ? 600 : 60)) << acknowledged() << " of " << messages;
    std::int64_t sent = 0;
    for (const auto& device : devices)
        sent += device->sent();
    devices.clear();
    hub.kill(SIGKILL);

    std::int64_t windows = 0, frames = 0, expected = 0;
    for (int i = 0; i < kDevices; ++i) {
        const Kept kept = readKept(state, "d" + std::to_string(i));
        EXPECT_EQ(kept.disorder, 0);
        EXPECT_EQ(kept.last, messages / kDevices);
        windows += kept.windows;
        frames += kept.frames;
    }
    for (std::int64_t i = 0; i < messages; ++i)
        expected += 1 + i % 1000;
    EXPECT_EQ(windows, messages);
    EXPECT_EQ(frames, expected);
    EXPECT_GT(sent, messages) << "nothing was sent twice: the kills hit nothing";
    RecordProperty("sent", static_cast<int>(sent));
}

}
}
