#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace percept::device {

// What this machine and this program are doing, out of /proc and /sys. Nothing where the system does not say it.
std::optional<double> machineTemperatureC(const std::filesystem::path& sys = "/sys");
// Resident memory of a process; 0 when it has gone.
std::int64_t residentBytes(int pid, const std::filesystem::path& proc = "/proc");
// This process and every one that it has started: the one that serves, a candidate, the one before on trial.
std::int64_t residentBytesOfAll();

// What a busy machine takes from a process: how long its threads were ready to run while no processor was free, since this was made. Of the
// thread that waited most, so no more than the time that has passed; a process that sleeps (on a lock that nobody gives back) waits for none.
class ProcessorWait {
public:
    explicit ProcessorWait(int pid, std::filesystem::path proc = "/proc");
    double seconds() const; // 0 where the system does not say

private:
    std::map<std::string, double> read() const; // by thread, since it began
    std::filesystem::path m_tasks;
    std::map<std::string, double> m_before;
};

// A name that the kernel makes anew at every start of the machine.
std::string bootId(const std::filesystem::path& proc = "/proc");
// Milliseconds since that start, also while the machine slept: never goes back, whatever the clock on the wall does.
std::int64_t bootMs();

}
