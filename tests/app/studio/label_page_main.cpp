#include "tests/support/studio_main.h"

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
