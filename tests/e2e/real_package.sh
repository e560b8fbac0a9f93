#!/bin/sh
# The checks of real_package_test on a model of yours:
#     tests/e2e/real_package.sh BUILD PROJECT RUN PACKAGE PICTURES [COUNT]
# BUILD: build/release. PACKAGE: what `percept package` made of the run, the newest one of the project. PICTURES: a folder, of
# which COUNT (24) are shown to every way of asking. Scores the run again on both sets and changes 60 bytes of a copy of the
# package. Needs the target test_e2e_real_package_test; nothing else may have the project open.
set -eu
[ $# -ge 5 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2; }
build=$(realpath "$1")
export PERCEPT_REAL_PROJECT="$(realpath "$2")" PERCEPT_REAL_RUN="$3" PERCEPT_REAL_PACKAGE="$(realpath "$4")" PERCEPT_REAL_PICTURES="$(realpath "$5")"
export PERCEPT_REAL_COUNT="${6:-24}" QT_QPA_PLATFORM=offscreen PERCEPT_BIN_DIR="$build/bin" PERCEPT_SHARE_DIR="$build/share/percept"
deps=$(sed -n 's/^PERCEPT_DEPS_DIR:[A-Z]*=//p' "$build/CMakeCache.txt")
PYTHONPATH="${PYTHONPATH:-$deps/witness}" exec "$build/test-bin/test_e2e_real_package_test"
