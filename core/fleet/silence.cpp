#include "core/fleet/silence.h"

#include <algorithm>

namespace percept::fleet {

namespace {

constexpr double kLeastSeconds = 5; // a short window is no reason to call a busy machine silent

}

std::vector<SilenceWatch::Change> SilenceWatch::check(const std::vector<Device>& devices, double nowSeconds)
{
    std::vector<Change> changes;
    for (const Device& device : devices) {
        const auto heard = m_heard.find(device.name);
        // One that never said a word since it was enrolled is missing, not silent.
        if (heard == m_heard.end() && device.seenMs == 0)
            continue;
        const double since = heard == m_heard.end() ? m_since : heard->second;
        const bool isSilent = nowSeconds - since > std::max(kLeastSeconds, m_windows * device.desired.windowSeconds);
        const auto known = m_silent.find(device.name);
        if (known != m_silent.end() ? known->second == isSilent : !isSilent && heard == m_heard.end())
            continue;
        m_silent[device.name] = isSilent;
        changes.push_back({ device.name, isSilent, nowSeconds - since });
    }
    return changes;
}

}
