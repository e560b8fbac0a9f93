#pragma once

#include <string>

namespace percept::base {

// Text from data on a terminal: control characters could move the cursor or worse. Each becomes '?', but newline and tab.
std::string printable(std::string text);

}
