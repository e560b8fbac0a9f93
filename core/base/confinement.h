#pragma once

#include <string_view>

namespace percept::base {

// What keeps a confined process from the network and from writing.
enum class Confined {
    Seccomp,   // a filter of system calls: no sockets, no programs, no child processes, nothing opened for writing
    Namespace, // only a network of its own, with nothing in it
    Nothing,   // the system allows neither; the limits below hold all the same
};
std::string_view toString(Confined confined);

// Takes from this process, for good, what somebody who takes it over by a crafted file could use: memory without end, the
// network, other programs, files opened for writing, core dumps, new privileges. It dies with the thread that started it.
// Reading files stays allowed, and so does writing to what is open already. Call it early, with one thread.
Confined confineThisProcess();

// The kernel ends this process (SIGXCPU) after that much more processor time.
void limitProcessorTime(double seconds);

}
