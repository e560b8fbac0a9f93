#pragma once

#include "app/studio/frame/studio_context.h"

namespace percept::studio {

// The dialogs of the desktop.
Choosers desktopChoosers();

}
