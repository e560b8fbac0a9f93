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

TEST(Machine, tellsWhatABusyMachineTakesFromAProcess)
{
    test::TemporaryFolder proc;
    const auto say = [&](const char* thread, const char* text) {
        fs::create_directories(proc.path() / "7" / "task" / thread);
        std::ofstream(proc.path() / "7" / "task" / thread / "schedstat") << text;
    };
    EXPECT_EQ(ProcessorWait(7, proc.path()).seconds(), 0) << "the system does not say";
    say("7", "1000 2000000000 5\n");
    say("8", "1000 9000000000 5\n");
    const ProcessorWait wait(7, proc.path());
    EXPECT_EQ(wait.seconds(), 0);
    say("7", "1000 5000000000 6\n");
    say("8", "9000000000 9500000000 6\n");
    EXPECT_DOUBLE_EQ(wait.seconds(), 3) << "of the thread that waited most";
    say("9", "0 4000000000 1\n");
    EXPECT_DOUBLE_EQ(wait.seconds(), 4) << "one that began meanwhile";
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
