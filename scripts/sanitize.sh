#!/usr/bin/env bash
# Runs the unit tests of the folders that parse untrusted input or use threads, and by hand also the
# fuzz targets for 20 seconds each (reasons: docs/decisions/011), under AddressSanitizer and
# UndefinedBehaviorSanitizer. `sanitize.sh tsan` uses ThreadSanitizer; `sanitize.sh PRESET all` runs
# every test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${1:-asan-ubsan}
folders=(core_base core_http core_net core_json core_kube core_runtime sdk_cpp plugins_loader local_apiserver)
# CI runs their corpora and mutations without sanitizers, among the tests.
[ -n "${CI:-}" ] || folders+=(tests_fuzz)
[ "$preset" = tsan ] && folders=(core_base core_http core_net core_kube core_runtime core_assembly core_managed core_operator core_shards plugins_loader simulation_engine simulation)
command -v clang++ > /dev/null || { echo "sanitize.sh needs clang; scripts/install-dependencies.sh --ci installs it" >&2; exit 1; }
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
# By hand each run tries other mutations, in CI always the same; a seed that found something is
# printed, and reproduces the finding.
export CAPSTAN_FUZZ_SECONDS=${CAPSTAN_FUZZ_SECONDS:-20}
CAPSTAN_FUZZ_SEED=${CAPSTAN_FUZZ_SEED:-${CI:+1}}
export CAPSTAN_FUZZ_SEED=${CAPSTAN_FUZZ_SEED:-$RANDOM}
export TSAN_OPTIONS="suppressions=$PWD/scripts/tsan-suppressions.txt"
if [ "${2:-}" = all ]; then
  scripts/build.sh "$preset"
  exec ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$(nproc)"
fi
# Under ThreadSanitizer lives take ten times as long: only undisturbed scenarios, and several
# threads at the same time. In a process that was forked from one with several threads or fibers it
# ignores locks, and reports races that are none: no runs that fork.
declare -A only=([capstan_simulation_engine_test]='-*Forked*' [capstan_simulation_test]='*FullLives*:SmallOperator.*:Explorer.*:FoundByTheExplorer.*:Shards.*:TwoAlive.*-*Forked*')
[ "$preset" = tsan ] || only=()
targets=()
for folder in "${folders[@]}"; do targets+=("capstan_${folder}_test"); done
scripts/build.sh "$preset" -- "${targets[@]}"
for target in "${targets[@]}"; do
  echo "$preset: $target"
  [ "$target" != capstan_tests_fuzz_test ] || echo "CAPSTAN_FUZZ_SEED=$CAPSTAN_FUZZ_SEED"
  timeout 900 "build/$preset/bin/$target" --gtest_brief=1 --gtest_filter="${only[$target]:-*}" > "build/$preset/$target.log" 2>&1 || { tail -60 "build/$preset/$target.log" >&2; exit 1; }
  tail -1 "build/$preset/$target.log"
done
