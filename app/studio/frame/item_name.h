#pragma once

#include <QFontMetrics>
#include <QString>

namespace percept::studio {

// The name of a picture in `width`: without the kind of file, and when that is too long its last part, since of the names of
// a series only the end tells them apart ("BloodImage_00021.jpg": "00021").
QString shortItemName(const std::string& name, const QFontMetrics& metrics, int width);

}
