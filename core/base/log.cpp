#include "core/base/log.h"

#include <cstdlib>
#include <spdlog/sinks/stdout_sinks.h>

namespace percept::base {

void setUpLogging(const char* programName)
{
    auto logger = std::make_shared<spdlog::logger>(programName, std::make_shared<spdlog::sinks::stderr_sink_mt>());
    const char* wanted = std::getenv("PERCEPT_LOG");
    logger->set_level(wanted ? spdlog::level::from_str(wanted) : spdlog::level::warn);
    logger->flush_on(spdlog::level::trace);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %n %l: %v");
    spdlog::set_default_logger(std::move(logger));
}

}
