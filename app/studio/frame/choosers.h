#pragma once

#include "app/studio/frame/studio_context.h"

namespace percept::studio {

// The dialogs of the desktop.
Choosers desktopChoosers();

// What is asked for where data come in; the first of them is "pictures and label files".
QString importFileFilter();

}
