#include "core/device/stamp.h"

#include "core/base/time.h"
#include "core/device/machine.h"

namespace percept::device {

Stamp stampNow() { return { bootId(), bootMs(), base::nowMs() }; }

std::int64_t wallMsOf(const Stamp& then, const Stamp& now)
{
    const bool isSameRun = !then.bootId.empty() && then.bootId == now.bootId;
    return isSameRun ? now.wallMs - (now.bootMs - then.bootMs) : then.wallMs;
}

}
