#pragma once

#include <QString>
#include <cstdint>

// What the Deploy page calls things in all its parts.
namespace percept::studio {

QString devicesText(std::size_t count); // "1 device", "1,204 devices"
bool isToday(std::int64_t ms); // since 1970, by the clock of here
QString shortMomentText(std::int64_t ms); // "14:20", on another day "5 Nov": for what has little room
QString momentText(std::int64_t ms); // "14:20", on another day "Thu 5 Nov, 14:20"

}
