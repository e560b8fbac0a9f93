#pragma once

#include "core/device/model_session.h"

namespace percept::edge_app {

// All of percept-edge but the choice of the engine. Gives the exit status.
int runEdgeProgram(int argc, char** argv, device::EngineFactory makeEngine);

}
