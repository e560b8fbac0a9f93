#!/usr/bin/env bash
# ./installer/run.sh: installs what is missing, builds Percept and opens the studio on the sample project. Without a display
# it takes the sample once round the loop on the command line and says where the report lies.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

step 1 4 "Installing packages of the system" "3 to 5 min the first time"
install_packages "$root/installer/packages-build.txt"
step 2 4 "Fetching OpenVINO and the pretrained weights" "1 min the first time"
fetch_wheels "$root/installer/wheels.txt"
unpack_dependencies
step 3 4 "Building" "8 to 12 min on 2 cores the first time"
if [ -e "$build/CMakeCache.txt" ]; then configure_and_build all; else configure_and_build all -DPERCEPT_BUILD_TESTS=OFF; fi

sample=$root/build/sample/parts.percept
if [ ! -e "$sample/project.db" ]; then
    mkdir -p "$root/build/sample"
    "$build/bin/percept" sample "$sample" --task detection
fi
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    step 4 4 "Opening the studio, $(took) after the start"
    exec "$build/bin/percept-studio" "$sample"
fi
step 4 4 "No display here: taking the sample round the loop" "about 3 min"
run=$("$build/bin/percept" train "$sample" --recipe full --epochs 6 --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["run"])')
"$build/bin/percept" evaluate "$sample" --run "$run" --set test
"$build/bin/percept" package "$sample" --run "$run" --out "$root/build/sample/parts-$run.ppkg"
"$build/bin/percept" report "$sample" --out "$root/build/sample/report.html"
say "Done in $(took). The report: build/sample/report.html. The model: build/sample/parts-$run.ppkg"
echo "On a machine with a display the same command opens the studio: build/$preset/bin/percept-studio build/sample/parts.percept"
