#pragma once

#include "core/base/cancel.h"

namespace percept::cli {

// Ctrl+C and SIGTERM cancel `token`; a second one is counted too. A third ends the program at once.
void catchInterrupts(const base::CancelToken& token);
// How often since the start.
int interruptCount();

}
