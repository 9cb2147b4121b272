#!/usr/bin/env bash
# Measures the cost of building without any cache:
#   measure-build.sh [without-tests|with-tests|quickstart]...
#       CPU minutes (user + system) and minutes of a clean release build without tests, of one with
#       tests, and of scripts/quickstart.sh in a fresh clone of the last commit; default: all three
#   measure-build.sh --slowest [BUILD_DIR]
#       the sources that took longest in the last build of a folder
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

timed() {  # NAME COMMAND...
  local name=$1
  shift
  TIMEFORMAT="%R %U %S"
  { time "$@" > "$folder/log" 2>&1 || { tail -30 "$folder/log" >&2; exit 1; } ; } 2> "$folder/times"
  awk -v what="$name" '{ printf "%s: %.1f CPU minutes (user %.1f, system %.1f), %.1f minutes\n", what, ($2 + $3) / 60, $2 / 60, $3 / 60, $1 / 60 }' \
    "$folder/times"
}
build() {  # NAME TESTS
  cmake -S . -B "$folder/$2" -G Ninja -DCMAKE_BUILD_TYPE=Release "-DCMAKE_CXX_FLAGS_RELEASE=-O2 -DNDEBUG" "-DCAPSTAN_BUILD_TESTS=$2" > /dev/null
  timed "$1" ninja -C "$folder/$2"
  rm -rf "${folder:?}/$2"
}
quickstart() {
  git clone -q . "$folder/clone"
  timed "quickstart" "$folder/clone/scripts/quickstart.sh"
  grep -q 'nothing is left behind' "$folder/log" || { tail -30 "$folder/log" >&2; exit 1; }
}

echo "$(git rev-parse --short HEAD)$(git diff --quiet HEAD || echo ' with changes'), $(nproc) processors, $(c++ --version | head -1)"
for what in "${@:-without-tests with-tests quickstart}"; do
  for one in $what; do
    case $one in
      without-tests) build "without tests" OFF ;;
      with-tests) build "with tests" ON ;;
      quickstart) quickstart ;;
      *) echo "measure-build.sh: unknown argument $one; known: without-tests with-tests quickstart --slowest" >&2; exit 2 ;;
    esac
  done
done
