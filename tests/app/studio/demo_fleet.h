#pragma once

#include "core/fleet/hub.h"
#include "tests/support/test_device.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace percept::test {

// A fleet to look at: a hub of this process, three devices that tell what such devices tell, `devices` in all (the others are
// enrolled and have told of themselves, no more), and the versions of a project rolled out to them: the older one everywhere, the
// newest one to ring test.
class DemoFleet {
public:
    // FOLDER is the hub's. Failed when the hub cannot start.
    static base::Result<std::unique_ptr<DemoFleet>> start(const std::filesystem::path& folder, const std::filesystem::path& project, int devices = 3);

private:
    static base::Result<void> enrolMore(const std::filesystem::path& folder, const std::filesystem::path& project, int devices);
    base::Result<void> join(const std::string& name, const std::string& ring);
    base::Result<void> deploy(const std::filesystem::path& project);
    void report(const std::string& name);

    std::unique_ptr<fleet::Hub> m_hub;
    std::filesystem::path m_folder;
    std::map<std::string, std::unique_ptr<TestDevice>> m_devices;
};

}
