#include "tests/app/studio/demo_fleet.h"

#include "core/dataset/project_reader.h"
#include "core/fleet/hub_client.h"

namespace percept::test {

namespace {

struct Figures { double framesPerSecond, latencyMs; std::int64_t outbox; };
const std::map<std::string, Figures> kFigures { { "bench-1", { 14.2, 41, 0 } }, { "bench-2", { 13.8, 44, 0 } }, { "dock-1", { 9.6, 58, 187 } } };

}

base::Result<std::unique_ptr<DemoFleet>> DemoFleet::start(const std::filesystem::path& folder, const std::filesystem::path& project)
{
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
