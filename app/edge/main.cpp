#include "app/edge/edge_program.h"

int main(int argc, char** argv) { return percept::edge_app::runEdgeProgram(argc, argv, percept::inference::makeOpenVinoEngine); }
