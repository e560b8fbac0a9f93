#pragma once

#include <string>
#include <vector>

// What this program asks of its disk, in order. For tests whose sources name disk_log.cpp: its functions stand before libc's.
namespace percept::test {

// "sync /a/b" (fsync), "sync all /a" (syncfs), "rename /a /b", "swap /a /b", since clearDiskLog(). Of all threads.
std::vector<std::string> diskLog();
void clearDiskLog();
// Where the entry stands; its size when it is not there.
std::size_t placeInDiskLog(const std::string& entry);

}
