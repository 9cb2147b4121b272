#!/usr/bin/env bash
# Configures and builds one preset: build.sh PRESET [--no-tests] [-- NINJA ARGUMENTS]. Prints the
# output only if the build fails or the terminal can show progress.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${1:?usage: build.sh PRESET [--no-tests] [-- NINJA ARGUMENTS]}
shift
tests=ON
if [ "${1:-}" = --no-tests ]; then tests=OFF; shift; fi
[ "${1:-}" = -- ] && shift
log=build/$preset/build.log
mkdir -p "build/$preset"
fail() {
  echo "The build of preset $preset failed; the last lines of $log:" >&2
  tail -60 "$log" >&2
  exit 1
}
echo "Configuring and building preset $preset (log: $log)"
cmake --preset "$preset" -DCAPSTAN_BUILD_TESTS=$tests > "$log" 2>&1 || fail
if [ -t 1 ]; then
  # ninja's own one-line progress, also written to the log.
  ninja -C "build/$preset" "$@" 2>&1 | tee -a "$log" | grep --line-buffered '^\[' | while IFS= read -r line; do
    printf '\r\033[K%.*s' "$(tput cols 2> /dev/null || echo 100)" "$line"
  done
  [ "${PIPESTATUS[0]}" -eq 0 ] || { echo; fail; }
  printf '\r\033[K'
else
  ninja -C "build/$preset" "$@" >> "$log" 2>&1 || fail
fi
