#include "core/device/machine.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>

namespace percept::device {
namespace {

namespace fs = std::filesystem;

void writeSensor(const fs::path& sys, const std::string& zone, const std::string& text)
{
    fs::create_directories(sys / "class/thermal" / zone);
    std::ofstream(sys / "class/thermal" / zone / "temp") << text;
}

TEST(Machine, tellsTheHottestSensorThatMakesSense)
{
    test::TemporaryFolder sys;
    EXPECT_FALSE(machineTemperatureC(sys.path()).has_value());
    writeSensor(sys.path(), "thermal_zone0", "41500\n");
    writeSensor(sys.path(), "thermal_zone1", "67250\n");
    writeSensor(sys.path(), "thermal_zone2", "0\n");
    writeSensor(sys.path(), "thermal_zone3", "-273000\n");
    writeSensor(sys.path(), "thermal_zone4", "999999999\n");
    writeSensor(sys.path(), "thermal_zone5", "nonsense");
    writeSensor(sys.path(), "cooling_device0", "90000\n");
    EXPECT_EQ(machineTemperatureC(sys.path()), 67.25);
}

TEST(Machine, tellsResidentMemory)
{
    EXPECT_GT(residentBytes(::getpid()), 1 << 20);
    EXPECT_EQ(residentBytes(0x7ffffff0), 0);
}

TEST(Machine, theClockSinceTheStartGoesForwardAndTheStartHasAName)
{
    const auto first = bootMs();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_GE(bootMs(), first + 5);
    EXPECT_EQ(bootId().size(), 36u);
    EXPECT_EQ(bootId(), bootId());
}

}
}
