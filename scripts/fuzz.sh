#!/usr/bin/env bash
# Builds the fuzz targets (preset fuzz, clang) and runs libFuzzer on each, limited in CPU seconds:
#   fuzz.sh [SECONDS [TARGET...]]   (default: 20 s on each)
# Inputs that break a target are written to build/fuzz/findings.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-20}
[[ $seconds =~ ^[0-9]+$ ]] || { echo "fuzz.sh: the first argument is a number of seconds, not \"$seconds\"" >&2; exit 2; }
shift || true
command -v clang++ > /dev/null || { echo "fuzz.sh needs clang; scripts/install-dependencies.sh --ci installs it" >&2; exit 2; }
known=$(cd tests/fuzz/corpus && echo *)
names=("$@")
[ ${#names[@]} -gt 0 ] || read -r -a names <<< "$known"
targets=()
for name in "${names[@]}"; do
  [ -d "tests/fuzz/corpus/$name" ] || { echo "fuzz.sh: there is no target $name; there are $known" >&2; exit 2; }
  targets+=("capstan_fuzz_$name")
done
scripts/build.sh fuzz -- "${targets[@]}"
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
mkdir -p build/fuzz/findings
ticks=$(getconf CLK_TCK)
target=
trap '[ -z "$target" ] || kill "$target" 2> /dev/null' EXIT  # it would search on alone
# search COMMAND...: runs longer on a busy machine. SIGUSR1 ends libFuzzer cleanly.
search() {
  local stat=() status=0
  "$@" > "$log" 2>&1 &
  target=$!
  while sleep 1; do
    read -r -a stat 2> /dev/null < "/proc/$target/stat" && [ "${stat[2]}" != Z ] || break
    used=$(((stat[13] + stat[14]) / ticks))
    ((used < seconds)) || kill -USR1 "$target" 2> /dev/null || break
  done
  wait "$target" || status=$?
  target=
  return "$status"
}
failed=()
for name in "${names[@]}"; do
  found=build/fuzz/corpus/$name log=build/fuzz/$name.log dictionary=()
  mkdir -p "$found"
  [ ! -f "tests/fuzz/dictionaries/$name" ] || dictionary=(-dict="tests/fuzz/dictionaries/$name")
  used=0
  if search "build/fuzz/bin/capstan_fuzz_$name" -timeout=25 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/findings/$name-" "${dictionary[@]}" "$found" "tests/fuzz/corpus/$name"; then
    echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs, $(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)" \
      "edges, $used s of processor time, nothing found"
  else
    failed+=("$name")
    grep -m 3 -E 'false: |ERROR: |runtime error' "$log" >&2 || tail -5 "$log" >&2
  fi
done
[ ${#failed[@]} = 0 ] || { echo "fuzz.sh: found something in ${failed[*]}: see build/fuzz/findings and build/fuzz/TARGET.log" >&2; exit 1; }
