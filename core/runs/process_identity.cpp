#include "core/runs/process_identity.h"

#include <fstream>
#include <sstream>
#include <unistd.h>

namespace percept::runs {

namespace {

std::string firstLine(const std::string& path)
{
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);
    return line;
}

struct ProcStat { char state = 0; std::uint64_t startTicks = 0; };

// Field 2 (the name) may hold blanks and parentheses, so fields are counted from the last ')'.
ProcStat readStat(int pid)
{
    const auto line = firstLine("/proc/" + std::to_string(pid) + "/stat");
    const auto close = line.rfind(')');
    ProcStat stat;
    if (close == std::string::npos)
        return stat;
    std::istringstream in(line.substr(close + 1));
    in >> stat.state;
    std::string skipped;
    for (int field = 4; field < 22; ++field)
        in >> skipped;
    in >> stat.startTicks;
    return in.fail() ? ProcStat() : stat;
}

std::string hostName()
{
    char name[256] = {};
    return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

}

ProcessIdentity identityOf(int pid)
{
    return { pid, readStat(pid).startTicks, firstLine("/proc/sys/kernel/random/boot_id"), hostName() };
}

bool isAlive(const ProcessIdentity& identity)
{
    if (identity.pid <= 0)
        return false;
    const auto now = readStat(identity.pid);
    if (now.state == 0 || now.state == 'Z' || now.state == 'X' || now.startTicks != identity.startTicks)
        return false;
    return identity.boot == firstLine("/proc/sys/kernel/random/boot_id") && identity.host == hostName();
}

}
