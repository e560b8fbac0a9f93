#pragma once

#include <QColor>

namespace percept::test {

enum class Sight { Normal, Protan, Deutan, Tritan };

// How a colour looks to `sight`: Machado, Oliveira, Fernandes 2009 at full severity, on linear RGB.
QColor seenBy(const QColor& color, Sight sight);
// CIEDE2000 (Sharma, Wu, Dalal 2005), sRGB with D65.
double ciede2000(const QColor& a, const QColor& b);
// WCAG 2 contrast, 1..21.
double contrast(const QColor& a, const QColor& b);

}
