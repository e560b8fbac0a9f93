#pragma once

#include "core/fleet/fleet_store.h"

#include <map>
#include <optional>
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
    void heard(const std::string& device, double nowSeconds) { m_known[device].heard = nowSeconds; }

    struct Change {
        std::string device;
        bool isSilent = false;
        double seconds = 0; // of silence
    };
    // Devices whose state is another than the one that was confirmed last: told again until it is.
    std::vector<Change> check(const std::vector<Device>& devices, double nowSeconds);
    // The change has come to where it is kept.
    void confirm(const Change& change) { m_known[change.device].isSilent = change.isSilent; }

private:
    struct Known {
        std::optional<double> heard;
        std::optional<bool> isSilent; // as confirmed
        std::int64_t enrolledMs = 0;
    };
    void noteEnrolment(Known& known, const Device& device) const;

    double m_windows, m_since;
    double m_checked = 0;
    std::map<std::string, Known> m_known;
};

}
