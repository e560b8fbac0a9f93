#include "core/transport/mqtt_problem.h"

#include <algorithm>
#include <fmt/format.h>
#include <initializer_list>

namespace percept::transport {

namespace {

bool holdsAny(const std::string& text, std::initializer_list<const char*> parts)
{
    return std::any_of(parts.begin(), parts.end(), [&](const char* part) { return text.find(part) != std::string::npos; });
}

}

MqttProblem problemFromLog(const std::string& text)
{
    using Kind = MqttProblem::Kind;
    if (holdsAny(text, { "certificate verify failed", "host name verification failed" }))
        return { Kind::Certificate, text };
    return { holdsAny(text, { "OpenSSL", "SSL", "TLS" }) ? Kind::Tls : Kind::Unreachable, text };
}

std::string describe(const MqttProblem& problem, const std::string& broker, const std::string& user)
{
    switch (problem.kind) {
    case MqttProblem::Kind::Certificate:
        return fmt::format("The broker {} shows a certificate that is not signed by the expected authority, is for another host, or does not hold now ({}).",
            broker, problem.reason);
    case MqttProblem::Kind::Tls:
        return fmt::format("With the broker {} no encrypted connection comes about ({}).", broker, problem.reason);
    case MqttProblem::Kind::Credentials:
        return user.empty() ? fmt::format("The broker {} lets nobody in without a name and password ({}).", broker, problem.reason)
                            : fmt::format("The broker {} knows no user \"{}\" with this password ({}).", broker, user, problem.reason);
    case MqttProblem::Kind::Filter:
        return fmt::format("The broker {} does not let \"{}\" listen to the topics of the fleet.", broker, user);
    case MqttProblem::Kind::Unreachable:
        break;
    }
    return fmt::format("The broker {} cannot be reached ({}).", broker, problem.reason);
}

}
