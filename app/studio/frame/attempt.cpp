#include "app/studio/frame/attempt.h"

#include "core/base/log.h"

#include <fmt/format.h>

namespace percept::studio {

base::Error unexpectedError(const char* what)
{
    spdlog::error("work on another thread threw: {}", what);
    return base::failed(fmt::format("Something unexpected happened ({}), so this was broken off. What was saved is safe. Please report it, then try again.", what), what);
}

}
