#pragma once

#include "core/domain/geometry.h"

#include <QSizeF>
#include <QString>

namespace percept::studio {

// What is wrong with a box, for people. Drawn boxes have nothing wrong; imported ones may.
enum class BoxProblem { None, NoArea, Outside, OverTheEdge };
BoxProblem problemOf(const domain::Box& box, QSizeF picture); // empty picture: its size is not known
QString problemText(BoxProblem problem);                      // a sentence; empty: none

}
