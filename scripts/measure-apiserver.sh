#!/usr/bin/env bash
# Measures the embedded API server on this machine and writes the table of
# docs/testing_with_capstan.md: start, writes, Tables, watches, memory. If CAPSTAN_KUBERNETES_UP
# names a script that starts a real API server in a folder ("up DIR", with "down DIR" next to it),
# also measures the cost of that server when empty. Takes some four minutes.
#
#   scripts/measure-apiserver.sh [BUILD_DIR] [apiserver_bench's flags...]   (default: build/bench)
#
# Builds what it runs. Measure on an otherwise idle machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
page=docs/testing_with_capstan.md
build=build/bench
if [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; then build=$1; shift; fi
[ -f "$build/build.ninja" ] || cmake --preset release -B "$build" -DCAPSTAN_BUILD_BENCHMARKS=ON > /dev/null
cmake -B "$build" -DCAPSTAN_BUILD_BENCHMARKS=ON > /dev/null
cmake --build "$build" --target apiserver_bench capstan > /dev/null
work=$(mktemp -d)
server=
stop() {
  [ -z "$server" ] || kill "$server" 2> /dev/null || true
  [ ! -d "$work/real" ] || "$(dirname "$CAPSTAN_KUBERNETES_UP")/down" "$work/real" > "$work/down" 2>&1 || true
  rm -rf "$work"
}
trap stop EXIT

megabytes() { awk '/^VmRSS/ { printf "%.0f MB", $2 / 1024 }' "/proc/$1/status"; }
milliseconds() { date +%s%3N; }

# A single process, from its start until it reports that it is ready.
began=$(milliseconds)
"$build/bin/capstan" apiserver --ready-file="$work/ready.json" > "$work/apiserver.log" 2>&1 &
server=$!
for _ in $(seq 2000); do [ -f "$work/ready.json" ] && break; sleep 0.005; done
[ -f "$work/ready.json" ] || { echo "measure: capstan apiserver is not ready after 10 s: $(tail -n 1 "$work/apiserver.log")" >&2; exit 1; }
alone="| \`capstan apiserver\` until it is ready | $(($(milliseconds) - began)) ms | | |
| its memory when empty | $(megabytes "$server") | | |"
kill "$server" && wait "$server" 2> /dev/null || true
server=

"$build/bin/apiserver_bench" "$@" | tee "$work/table"

real=
if [ -n "${CAPSTAN_KUBERNETES_UP:-}" ]; then
  "$CAPSTAN_KUBERNETES_UP" "$work/real" > "$work/up" # unpacks its binaries the first time
  "$(dirname "$CAPSTAN_KUBERNETES_UP")/down" "$work/real" > "$work/down"
  rm -rf "$work/real"
  began=$(milliseconds)
  "$CAPSTAN_KUBERNETES_UP" "$work/real" > "$work/up"
  took=$(($(milliseconds) - began))
  real="| kube-apiserver 1.20 and etcd until they are ready, certificates included | $took ms | | |
| their memory when empty | $(megabytes "$(cat "$work/real/kube-apiserver.pid")") and $(megabytes "$(cat "$work/real/etcd.pid")") | | |"
fi

{
  echo "Measured at commit $(git rev-parse --short HEAD) on $(nproc) processors, load average $(cut -d' ' -f1 /proc/loadavg) at the end; objects"
  echo "are ConfigMaps of 0.9 kB."
  echo
  cat "$work/table"
  echo "$alone"
  [ -z "$real" ] || echo "$real"
} > "$work/section"
# Replaces the text between the markers.
awk -v section="$work/section" '
  /<!-- measured: begin -->/ { print; while ((getline line < section) > 0) print line; skip = 1 }
  /<!-- measured: end -->/ { skip = 0 }
  !skip || /<!-- measured: begin -->/ { if (!/<!-- measured: begin -->/) print }
' "$page" > "$work/page"
grep -q "<!-- measured: end -->" "$work/page" || { echo "measure: $page has lost its marks" >&2; exit 1; }
cat "$work/page" > "$page"
echo "written to $page"
