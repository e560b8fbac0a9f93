#pragma once

#include <string_view>

namespace percept::domain {

// Whether people would take two names of classes (UTF-8) for the same: they differ in capitals or in blanks at their ends alone.
bool isSameClassName(std::string_view a, std::string_view b);

}
