#pragma once

#include <cstdint>
#include <string>

namespace percept::runs {

// Names one process for ever: a pid alone is given away again after the process has ended or the machine was restarted.
struct ProcessIdentity {
    int pid = 0;
    std::uint64_t startTicks = 0; // /proc/PID/stat, field 22: clock ticks since boot
    std::string boot;             // /proc/sys/kernel/random/boot_id
    std::string host;
    bool operator==(const ProcessIdentity&) const = default;
};

ProcessIdentity identityOf(int pid);
// False when it ended (also as a zombie), when the machine was restarted, or for pid 0. For a process of another host
// nothing can be said: false.
bool isAlive(const ProcessIdentity& identity);

}
