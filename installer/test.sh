#!/usr/bin/env bash
# ./installer/test.sh [--nightly] [CTEST OPTIONS]: installs what is missing, builds everything and runs the tests.
# --nightly adds the long runs (full counts of kills, flips and restarts).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
if [ "${1:-}" = --nightly ]; then export PERCEPT_NIGHTLY=1; shift; fi

step 1 4 "Installing packages of the system" "3 to 5 min the first time"
install_packages "$root/installer/packages-build.txt" "$root/installer/packages-test.txt"
step 2 4 "Fetching OpenVINO, weights and the witnesses of the tests" "1 min the first time"
fetch_wheels "$root/installer/wheels.txt"
unpack_dependencies
# ONNX Runtime and pycocotools are unpacked where only tests look. Tests that need them are skipped, and say so, when this fails.
if (fetch_wheels "$root/installer/wheels-test.txt"); then
    for wheel in $(awk '!/^#/ && NF { print $1 }' "$root/installer/wheels-test.txt"); do
        [ -e "$deps/witness/.from-$wheel" ] || { python3 -m zipfile -e "$downloads/$wheel" "$deps/witness" && touch "$deps/witness/.from-$wheel"; }
    done
fi
step 3 4 "Building programs and tests" "15 to 20 min on 2 cores the first time"
configure_and_build "all percept_tests" -DPERCEPT_BUILD_TESTS=ON
step 4 4 "Running the tests" "about 10 min"
tests_started=$SECONDS
cd "$build"
status=0
ctest --output-on-failure --parallel 2 --timeout 600 "$@" || status=$?
say "Tests took $(((SECONDS - tests_started) / 60)) min; everything $(took)."
exit $status
