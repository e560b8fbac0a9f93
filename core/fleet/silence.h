#pragma once

#include "core/fleet/fleet_store.h"

#include <map>
#include <string>

namespace percept::fleet {

// Who has not been heard of for too long, by a clock that only goes forward; the time before this hub ran does not count.
class SilenceWatch {
public:
    SilenceWatch(double windows, double nowSeconds)
        : m_windows(windows)
        , m_since(nowSeconds)
    {
    }
    void heard(const std::string& device, double nowSeconds) { m_heard[device] = nowSeconds; }

    struct Change {
        std::string device;
        bool isSilent = false;
        double seconds = 0; // of silence
    };
    // Devices whose state has changed since the last call.
    std::vector<Change> check(const std::vector<Device>& devices, double nowSeconds);

private:
    double m_windows, m_since;
    std::map<std::string, double> m_heard;
    std::map<std::string, bool> m_silent;
};

}
