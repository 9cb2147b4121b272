#!/usr/bin/env bash
# What a clean build costs, without tests and then with them, in CPU minutes (user + system) and without any cache: measure-build.sh [--slowest [BUILD_DIR]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ "${1:-}" = --slowest ]; then
  # Columns of .ninja_log: start and end in ms, restat, output. The last build of an output counts.
  awk -F'\t' '/\.o\t/ { cost[$4] = $2 - $1 } END { for (o in cost) printf "%7.1f s  %s\n", cost[o] / 1000, o }' \
    "${2:-build/release}/.ninja_log" | sort -rn | head -40
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export CCACHE_DISABLE=1
measure() {  # WHAT TESTS
  cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release "-DCMAKE_CXX_FLAGS_RELEASE=-O2 -DNDEBUG" "-DCAPSTAN_BUILD_TESTS=$2" > /dev/null
  TIMEFORMAT="%U %S"
  { time ninja -C "$folder" > "$folder/log" || { tail -30 "$folder/log" >&2; exit 1; } ; } 2> "$folder/times"
  awk -v what="$1" '{ printf "%s: %.1f CPU minutes (user %.1f, system %.1f)\n", what, ($1 + $2) / 60, $1 / 60, $2 / 60 }' "$folder/times"
}
measure "without tests" OFF
measure "all, with tests, one by one" ON
