#include "core/fleet/silence.h"

#include <algorithm>

namespace percept::fleet {

namespace {

constexpr double kLeastSeconds = 5; // a short window is no reason to call a busy machine silent

}

// A name that was enrolled again is another device: nothing that was heard of the one before counts.
void SilenceWatch::noteEnrolment(Known& known, const Device& device) const
{
    if (known.enrolledMs == device.enrolledMs)
        return;
    if (known.enrolledMs != 0 && known.heard && *known.heard < m_checked)
        known.heard.reset();
    known.isSilent.reset();
    known.enrolledMs = device.enrolledMs;
}

std::vector<SilenceWatch::Change> SilenceWatch::check(const std::vector<Device>& devices, double nowSeconds)
{
    std::vector<Change> changes;
    for (const Device& device : devices) {
        Known& known = m_known[device.name];
        noteEnrolment(known, device);
        // One that never said a word since it was enrolled is missing, not silent.
        if (!known.heard && device.seenMs == 0)
            continue;
        const double since = known.heard.value_or(m_since);
        const bool isSilent = nowSeconds - since > std::max(kLeastSeconds, m_windows * device.desired.windowSeconds);
        if (known.isSilent ? *known.isSilent == isSilent : !isSilent && !known.heard)
            continue;
        changes.push_back({ device.name, isSilent, nowSeconds - since });
    }
    m_checked = nowSeconds;
    return changes;
}

}
