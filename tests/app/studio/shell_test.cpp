// What the frame does on every page: see the files beside this one.
#include "tests/support/studio_main.h"

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
