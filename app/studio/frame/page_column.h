#pragma once

#include <QString>

class QVBoxLayout;
class QWidget;

namespace percept::studio {

// The usual beginning of a page: its name for tests, the panel's colour behind it, a column without gaps.
QVBoxLayout* setUpPageColumn(QWidget& page, const QString& name);

}
