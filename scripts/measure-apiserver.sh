#!/usr/bin/env bash
# Measures the embedded API server on this machine and prints a Markdown table: start, writes, Tables, watches, memory.
#
#   scripts/measure-apiserver.sh [BUILD_DIR] [apiserver_bench's flags...]   (default: build/bench)
#
# Builds what it runs. Measure on a machine that does nothing else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build/bench
if [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; then build=$1; shift; fi
[ -f "$build/build.ninja" ] || cmake --preset release -B "$build" -DCAPSTAN_BUILD_BENCHMARKS=ON > /dev/null
cmake -B "$build" -DCAPSTAN_BUILD_BENCHMARKS=ON > /dev/null
cmake --build "$build" --target apiserver_bench > /dev/null
exec "$build/bin/apiserver_bench" "$@"
