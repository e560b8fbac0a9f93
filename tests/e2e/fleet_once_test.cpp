// Every entry of a device's outbox is in the hub's memory once and in order, whatever is killed, away or lost on the way. Hub,
// broker, outbox and link are the real ones.
#include "core/base/random.h"
#include "core/base/time.h"
#include "tests/e2e/once_fleet.h"
#include "tests/support/lossy_proxy.h"
#include "tests/support/test_broker.h"
#include "tests/support/test_device.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>

namespace percept::test {
namespace {

using nlohmann::json;

class FleetOnce : public ::testing::Test {
protected:
    FleetOnce() { ::setenv("PERCEPT_CONFIG_DIR", (folder / "config").c_str(), 1); }
    static bool isNightly() { return std::getenv("PERCEPT_NIGHTLY") != nullptr; }
    void addDevices(int count)
    {
        for (int i = 0; i < count; ++i) {
            names.push_back("d" + std::to_string(i));
            const std::string line = hub->tell("/api/enroll", { { "device", names.back() } }).at("line");
            devices.push_back(std::make_unique<OutboxDevice>(folder / names.back(), line));
        }
    }
    std::int64_t numTaken() const
    {
        std::int64_t sum = 0;
        const json status = hub->ask("/api/status");
        for (const auto& entry : status.at("totals"))
            sum += entry.at("windows").get<std::int64_t>() + entry.at("samples").get<std::int64_t>();
        return sum;
    }
    bool areAllDone()
    {
        return std::all_of(devices.begin(), devices.end(), [](const auto& device) { return device->isDone(); });
    }
    void expectAllOnce(std::int64_t countOfEach, int sampleEvery)
    {
        hub->kill(SIGKILL);
        for (const auto& name : names) {
            const Kept kept = readKept(folder / "fleet", name, sampleEvery);
            EXPECT_EQ(kept.entries, countOfEach) << name;
            EXPECT_EQ(kept.samples, countOfEach / sampleEvery) << name;
            EXPECT_EQ(kept.wrong, 0) << name;
            EXPECT_EQ(kept.streams, 1) << name << " took the hub for one that had forgotten";
        }
    }

    TemporaryFolder folder;
    std::optional<HubProcess> hub;
    std::vector<std::string> names;
    std::vector<std::unique_ptr<OutboxDevice>> devices;
};

// Over TLS. 1,000,000 messages and 200 kills of each with PERCEPT_NIGHTLY=1.
TEST_F(FleetOnce, whateverIsKilled)
{
    const std::int64_t messages = isNightly() ? 1'000'000 : 10'000;
    const int kills = isNightly() ? 200 : 5; // of the broker, of a device, of the hub: each
    constexpr int kDevices = 4, kSampleEvery = 250;
    const OutboxDevice::Work work { messages / kDevices, kSampleEvery };
    hub.emplace(folder / "fleet", std::vector<std::string> { "--host", "127.0.0.1", "--broker-port", std::to_string(freePort()), "--package-port",
                                      std::to_string(freePort()) });
    addDevices(kDevices);
    for (const auto& device : devices)
        device->start(work);
    base::Random random(7);
    int devicesKilled = 0;
    const double began = base::monotonicSeconds();
    for (int i = 1; i <= 3 * kills; ++i) {
        // In the middle of the work of all: some of what was put in is under way, some is acknowledged. The last fifth is left in peace,
        // or the slowest device would be cut off again and again as soon as it says a word, and wait ever longer.
        const std::int64_t due = messages * i / (3 * kills) * 4 / 5;
        ASSERT_TRUE(eventually([&] { return numTaken() >= due; }, 120)) << numTaken() << " of " << due;
        std::this_thread::sleep_for(std::chrono::duration<double>(random.uniform(0, 0.05)));
        if (i % 3 == 0) {
            hub->kill(SIGKILL);
            hub->start();
        } else if (i % 3 == 1) {
            ASSERT_TRUE(hub->killBroker());
        } else {
            const auto first = devices.begin() + static_cast<std::ptrdiff_t>(random.below(kDevices));
            std::rotate(devices.begin(), first, devices.end());
            const auto busy = std::find_if(devices.begin(), devices.end(), [](const auto& device) { return !device->isDone(); });
            ASSERT_NE(busy, devices.end());
            devicesKilled += (*busy)->kill();
            (*busy)->start(work);
        }
    }
    ASSERT_TRUE(eventually([&] { return areAllDone(); }, 300)) << numTaken() << " of " << messages;
    std::cout << messages << " messages, " << kills << " kills of each: " << base::monotonicSeconds() - began << " s\n";
    EXPECT_GE(devicesKilled, kills * 9 / 10) << "the devices were done before they were killed";
    expectAllOnce(messages / kDevices, kSampleEvery);
}

// An hour of windows of a second, and a picture a minute, while the hub is away. The device dies twice meanwhile.
TEST_F(FleetOnce, anHourWithoutTheHub)
{
    constexpr std::int64_t kBefore = 120, kAll = kBefore + 3600;
    constexpr int kSampleEvery = 60, kDevices = 2;
    hub.emplace(folder / "fleet");
    addDevices(kDevices);
    for (const auto& device : devices)
        device->start({ kBefore, kSampleEvery });
    ASSERT_TRUE(eventually([&] { return areAllDone(); }, 60));
    hub->kill(SIGKILL);
    const OutboxDevice::Work work { kAll, kSampleEvery, kAll };
    for (const auto& device : devices)
        device->start(work);
    for (int i = 0; i < 2; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        EXPECT_TRUE(devices[0]->kill());
        devices[0]->start(work);
    }
    ASSERT_TRUE(eventually([&] { return devices[0]->isFilled() && devices[1]->isFilled(); }, 120));
    EXPECT_FALSE(devices[1]->isDone());
    hub->start();
    const double began = base::monotonicSeconds();
    ASSERT_TRUE(eventually([&] { return areAllDone(); }, 120)) << numTaken();
    std::cout << "an hour of " << kDevices << " devices has come in after " << base::monotonicSeconds() - began << " s\n";
    expectAllOnce(kAll, kSampleEvery);
}

// Every second entry is a picture, so that each is a message of its own. 10,000 with PERCEPT_NIGHTLY=1.
TEST_F(FleetOnce, aFifthOfAllMessagesIsLost)
{
    const int numDevices = isNightly() ? 50 : 10;
    const std::int64_t countOfEach = isNightly() ? 200 : 30;
    hub.emplace(folder / "fleet");
    LossyProxy proxy(hub->ask("/api/status").at("broker").at("port"), 0.2, 11);
    addDevices(numDevices);
    for (const auto& device : devices)
        device->start({ countOfEach, 2, 400, "mqtt://127.0.0.1:" + std::to_string(proxy.port()) });
    const double began = base::monotonicSeconds();
    ASSERT_TRUE(eventually([&] { return areAllDone(); }, 1200)) << numTaken();
    std::cout << numDevices * countOfEach << " entries, " << proxy.passed() + proxy.lost() << " messages, " << proxy.lost() << " of them lost: "
              << base::monotonicSeconds() - began << " s\n";
    EXPECT_GT(proxy.lost() * 6, proxy.passed() + proxy.lost());
    expectAllOnce(countOfEach, 2);
}

}
}
