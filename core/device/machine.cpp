#include "core/device/machine.h"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <unistd.h>
#include <utility>

namespace percept::device {

namespace fs = std::filesystem;

std::optional<double> machineTemperatureC(const fs::path& sys)
{
    std::optional<double> hottest;
    std::error_code problem;
    for (fs::directory_iterator zone(sys / "class/thermal", problem), end; !problem && zone != end; zone.increment(problem)) {
        if (!zone->path().filename().string().starts_with("thermal_zone"))
            continue;
        std::ifstream file(zone->path() / "temp");
        double millidegrees = 0;
        // A sensor that is not there reads as 0 or as something impossible.
        if (file >> millidegrees && millidegrees > 0 && millidegrees < 200'000)
            hottest = std::max(hottest.value_or(0), millidegrees / 1000);
    }
    return hottest;
}

std::int64_t residentBytes(int pid, const fs::path& proc)
{
    std::ifstream file(proc / std::to_string(pid) / "statm");
    std::int64_t size = 0, resident = 0;
    file >> size >> resident;
    return resident * ::sysconf(_SC_PAGESIZE);
}

std::int64_t residentBytesOfAll()
{
    std::int64_t bytes = residentBytes(::getpid());
    std::error_code problem;
    for (fs::directory_iterator task("/proc/self/task", problem), end; !problem && task != end; task.increment(problem)) {
        std::ifstream children(task->path() / "children");
        for (int pid = 0; children >> pid;)
            bytes += residentBytes(pid);
    }
    return bytes;
}

ProcessorWait::ProcessorWait(int pid, fs::path proc)
    : m_tasks(std::move(proc) / std::to_string(pid) / "task")
    , m_before(read())
{
}

std::map<std::string, double> ProcessorWait::read() const
{
    std::map<std::string, double> waits;
    std::error_code problem;
    for (fs::directory_iterator task(m_tasks, problem), end; !problem && task != end; task.increment(problem)) {
        std::ifstream file(task->path() / "schedstat"); // nanoseconds on a processor, nanoseconds ready for one, turns
        double ran = 0, waited = 0;
        if (file >> ran >> waited)
            waits[task->path().filename().string()] = waited / 1e9;
    }
    return waits;
}

double ProcessorWait::seconds() const
{
    double most = 0;
    for (const auto& [thread, waited] : read()) {
        const auto before = m_before.find(thread);
        most = std::max(most, waited - (before == m_before.end() ? 0 : before->second));
    }
    return most;
}

std::string bootId(const fs::path& proc)
{
    std::ifstream file(proc / "sys/kernel/random/boot_id");
    std::string id;
    file >> id;
    return id;
}

std::int64_t bootMs()
{
    timespec now { };
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

}
