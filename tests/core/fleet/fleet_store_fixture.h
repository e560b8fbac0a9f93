#pragma once

#include "core/fleet/fleet_store.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

// What the tests of a fleet's store share: a store in a folder of its own, and what devices send it.
namespace percept::fleet {

constexpr std::int64_t kHour = 3600 * 1000;
inline const std::string kStream(32, 'a');

inline protocol::TelemetryWindow window(std::int64_t frames)
{
    protocol::TelemetryWindow w;
    w.packageSha256 = std::string(64, 'f');
    w.packageVersion = "1.0";
    w.frames = frames;
    protocol::ClassCount cells { "cell", 2 * frames, {} };
    cells.scores[3] = 2 * frames;
    w.classes.push_back(cells);
    return w;
}

inline Incoming batch(const std::string& device, std::int64_t first, std::vector<std::int64_t> frames, const std::string& stream = kStream)
{
    protocol::TelemetryBatch body { stream, first, {} };
    for (const auto n : frames)
        body.entries.emplace_back(window(n));
    return { device, body };
}

inline Incoming sample(const std::string& device, std::int64_t sequence, char id)
{
    protocol::FieldSample s { kStream, sequence, std::string(32, id), 5, std::string(64, 'f'), "1.0", "random", 64, 48, {}, "jpeg", { 0xff, 0xd8, 1 } };
    return { device, s };
}

inline StoredPackage package(char id, std::int64_t counter)
{
    return { std::string(64, id), 1000, "cells", "1." + std::to_string(counter), counter, "signer" };
}

class FleetStoreTest : public ::testing::Test {
protected:
    FleetStoreTest() { open(); }
    void open()
    {
        store.reset();
        store = FleetStore::open(folder.path() / "fleet", "test").value();
    }
    Enrolled enrol(const std::string& name, const std::string& ring = "all")
    {
        return store->enrol(store->makeToken(name, ring, 1, kHour).value(), name, 2).value();
    }
    std::int64_t acknowledged(const Incoming& message)
    {
        const auto answers = store->ingest({ &message, 1 }, 10).value();
        return answers.empty() ? -1 : answers.at(0).ack.sequence;
    }
    DeviceTotals totals(const std::string& device)
    {
        const auto all = store->readTotals().value();
        for (const auto& entry : all)
            if (entry.device == device)
                return entry;
        return {};
    }
    std::string packageOf(const std::string& device)
    {
        const auto desired = store->readDevice(device).value()->desired;
        return desired.package ? desired.package->version : "";
    }

    // What a device says that it runs; gives the message, to be told once more.
    Incoming runs(const std::string& device, const StoredPackage& p, std::int64_t timeMs = 5)
    {
        protocol::ReportedState state;
        state.running = protocol::RunningModel { p.sha256, p.name, p.version, "a", p.releaseCounter };
        const Incoming message { device, state };
        EXPECT_TRUE(store->ingest({ &message, 1 }, timeMs).hasValue());
        return message;
    }

    test::TemporaryFolder folder;
    std::unique_ptr<FleetStore> store;
};

}
