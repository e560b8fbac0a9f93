#pragma once

#include <string>

namespace percept::transport {

// Why there is no connection to a broker.
struct MqttProblem {
    enum class Kind {
        Unreachable, // nobody answers there, or the connection was cut
        Certificate, // the broker's is not signed by the expected authority, names another host, or has ended
        Tls,         // the two agree on no encryption: the broker wants a certificate of ours, say, or has no TLS there
        Credentials, // it knows no such name, or with another password
        Filter,      // it does not let us listen to what we asked for
    };
    Kind kind = Kind::Unreachable;
    std::string reason; // in the words of the library, the system or the broker
    bool operator==(const MqttProblem&) const = default;
};

// Of what libmosquitto has logged as an error, which is all that it tells of TLS.
MqttProblem problemFromLog(const std::string& text);
// Of the broker's answer to a greeting (CONNACK), not 0.
MqttProblem problemFromAnswer(int code);

// What has happened, to be continued by what to do: "The broker HOST:PORT knows no user "u" with this password (REASON)".
std::string describe(const MqttProblem& problem, const std::string& broker, const std::string& user);

}
