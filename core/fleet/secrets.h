#pragma once

#include <string>
#include <string_view>

namespace percept::fleet {

// 64 hex digits nobody can guess.
std::string randomSecret();
// The password part of a line of mosquitto's password file. The secrets are random, so few rounds are enough.
std::string brokerPasswordHash(std::string_view secret);
// Takes as long for a wrong text as for a right one.
bool isSameSecret(std::string_view a, std::string_view b);

}
