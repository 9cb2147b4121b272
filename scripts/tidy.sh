#!/usr/bin/env bash
# Runs clang-tidy with the checks of .clang-tidy on the named folders or files, or on what changed
# since a commit, including uncommitted changes: tidy.sh FOLDER|FILE... or tidy.sh --since COMMIT.
# Takes ten seconds or more for each file, so it is not in .ci/run. Runs CAPSTAN_TIDY_JOBS files in
# parallel (2). A header is checked through one source that includes it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
usage="usage: tidy.sh FOLDER|FILE... or tidy.sh --since COMMIT"
[ $# -gt 0 ] || { echo "$usage" >&2; exit 2; }
command -v clang-tidy > /dev/null || { echo "tidy.sh needs clang-tidy (on Debian: apt install clang-tidy)" >&2; exit 1; }
build=${CAPSTAN_TIDY_BUILD:-build/debug}
kinds='\.(cpp|hpp|c|h)$'

if [ "$1" = --since ]; then
  commit=${2:?$usage}
  git rev-parse --verify --quiet "$commit^{commit}" > /dev/null || { echo "tidy.sh: there is no commit $commit" >&2; exit 2; }
  mapfile -t named < <({ git diff --name-only --diff-filter=d "$commit"; git ls-files --others --exclude-standard; } | grep -E "$kinds" | sort -u)
else
  for path in "$@"; do [ -e "$path" ] || { echo "tidy.sh: there is no $path" >&2; exit 2; }; done
  mapfile -t named < <(git ls-files --cached --others --exclude-standard -- "$@" | grep -E "$kinds" | sort -u)
fi

declare -A sources=()
for file in ${named[@]+"${named[@]}"}; do [[ $file == *.cpp || $file == *.c ]] && sources[$file]=1; done
for file in ${named[@]+"${named[@]}"}; do
  [[ $file == *.hpp || $file == *.h ]] || continue
  mapfile -t through < <(git grep --untracked -lF "<capstan/${file#sdk/include/capstan/}>" -- '*.cpp' '*.c')
  chosen=
  for source in ${through[@]+"${through[@]}"}; do [ -z "${sources[$source]:-}" ] || chosen=$source; done
  chosen=${chosen:-${through[0]:-}}
  if [ -n "$chosen" ]; then sources[$chosen]=1; else echo "tidy.sh: no source includes $file, so it was left out"; fi
done
[ ${#sources[@]} -gt 0 ] || { echo "tidy: nothing to look at"; exit 0; }

# The compile commands refer to generated sources and headers, but clang-tidy needs no object files.
if [ ! -f "$build/compile_commands.json" ]; then
  cmake --preset debug -B "$build" -DCAPSTAN_BUILD_TESTS=ON > /dev/null
fi
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
look() { # BUILD REPORTS SOURCE
  local report="$2/${3//\//_}"
  if nice clang-tidy -p "$1" --quiet "$3" > "$report" 2> "$report.log"; then return 0; fi
  { echo "== $3"; cat "$report"; grep -v 'warnings\? \(generated\|treated\)\|^Suppressed\|^Use -' "$report.log"; } || true
  touch "$report.bad"
}
export -f look
printf '%s\0' "${!sources[@]}" | sort -z | xargs -0 -P "${CAPSTAN_TIDY_JOBS:-2}" -I{} bash -c 'look "$@"' look "$build" "$reports" {}
bad=$(find "$reports" -name '*.bad' | wc -l)
[ "$bad" -eq 0 ] || { echo "tidy: $bad of ${#sources[@]} sources have findings: mend them, or switch the check off in .clang-tidy with its reason" >&2; exit 1; }
echo "tidy: ${#sources[@]} sources are tidy"
