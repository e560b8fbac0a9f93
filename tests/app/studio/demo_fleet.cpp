#include "tests/app/studio/demo_fleet.h"

#include "core/base/time.h"
#include "core/dataset/project_reader.h"
#include "core/fleet/hub_client.h"

#include <fmt/format.h>

namespace percept::test {

namespace {

struct Figures { double framesPerSecond, latencyMs; std::int64_t outbox; };
const std::map<std::string, Figures> kFigures { { "bench-1", { 14.2, 41, 0 } }, { "bench-2", { 13.8, 44, 0 } }, { "dock-1", { 9.6, 58, 187 } } };

}

base::Result<std::unique_ptr<DemoFleet>> DemoFleet::start(const std::filesystem::path& folder, const std::filesystem::path& project, int devices)
{
    PERCEPT_TRY(enrolMore(folder, project, devices));
    auto demo = std::unique_ptr<DemoFleet>(new DemoFleet);
    demo->m_folder = folder;
    fleet::HubOptions options;
    options.folder = folder;
    PERCEPT_ASSIGN(hub, fleet::Hub::start(options));
    demo->m_hub = std::move(hub);
    for (const auto& [name, ring] : { std::pair("bench-1", "test"), std::pair("bench-2", "part"), std::pair("dock-1", "all") })
        PERCEPT_TRY(demo->join(name, ring));
    PERCEPT_TRY(demo->deploy(project));
    return demo;
}

// Before a hub has the folder.
base::Result<void> DemoFleet::enrolMore(const std::filesystem::path& folder, const std::filesystem::path& project, int devices)
{
    PERCEPT_ASSIGN(reader, dataset::ProjectReader::open(project));
    PERCEPT_ASSIGN(info, reader->readInfo());
    PERCEPT_ASSIGN(store, fleet::FleetStore::open(folder, "percept-studio-shots"));
    const auto now = base::nowMs();
    for (int i = 4; i <= devices; ++i) {
        const std::string name = fmt::format("line-{:03}", i);
        PERCEPT_ASSIGN(token, store->makeToken(name, i % 12 == 0 ? "test" : i % 4 == 0 ? "part" : "all", now, 3'600'000));
        PERCEPT_TRY(store->enrol(token, name, now));
        protocol::ReportedState state;
        state.program = "0.1.0";
        state.running = protocol::RunningModel { std::string(64, 'a'), info.name, "1.0", "a", 1 };
        state.framesPerSecond = 8 + i % 7;
        state.latencyMs = 38 + i % 23;
        state.timeMs = now;
        const fleet::Incoming message { name, state };
        PERCEPT_TRY(store->ingest({ &message, 1 }, now - (i % 600) * 1000));
    }
    return {};
}

base::Result<void> DemoFleet::join(const std::string& name, const std::string& ring)
{
    PERCEPT_ASSIGN(client, fleet::HubClient::find(m_folder));
    PERCEPT_ASSIGN(grant, client.enroll(name, ring, 1));
    PERCEPT_ASSIGN(enrolled, TestDevice::enrol(grant.hub, grant.token, name));
    m_devices[name] = std::make_unique<TestDevice>(TestDevice::optionsFor(enrolled));
    if (!eventually([&] { return m_devices[name]->desired().has_value(); }))
        return base::failed(name + " does not reach its hub");
    return {};
}

base::Result<void> DemoFleet::deploy(const std::filesystem::path& project)
{
    PERCEPT_ASSIGN(reader, dataset::ProjectReader::open(project));
    PERCEPT_ASSIGN(versions, reader->readModelVersions());
    PERCEPT_ASSIGN(client, fleet::HubClient::find(m_folder));
    for (std::size_t i = versions.size() > 2 ? versions.size() - 2 : 0; i < versions.size(); ++i) {
        PERCEPT_TRY(client.deploy(project / versions[i].file));
        const bool isNewest = i + 1 == versions.size();
        if (!isNewest || versions.size() == 1)
            for (int ring = 0; ring < 2; ++ring)
                PERCEPT_TRY(client.promote());
        std::this_thread::sleep_for(std::chrono::milliseconds(500)); // until all have heard of it
        for (const auto& [name, device] : m_devices)
            report(name);
    }
    return {};
}

// As a device that took what it was told to run.
void DemoFleet::report(const std::string& name)
{
    TestDevice& device = *m_devices[name];
    protocol::ReportedState state;
    state.program = "0.1.0";
    (void)eventually([&] { return device.desired()->package.has_value(); });
    if (const auto wanted = device.desired()->package)
        state.running = protocol::RunningModel { wanted->sha256, wanted->name, wanted->version, "a", wanted->releaseCounter };
    state.framesPerSecond = kFigures.at(name).framesPerSecond;
    state.latencyMs = kFigures.at(name).latencyMs;
    state.outboxEntries = kFigures.at(name).outbox;
    device.report(state);
}

}
