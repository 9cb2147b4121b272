#!/usr/bin/env bash
# Explores every scenario with full and with short lives, then pairs and walks, and writes the
# section Figures of docs/reliability.md from one run of one commit. Takes 15 to 45 minutes on two
# idle cores; prints progress.
#   reliability-table.sh [--budget N]   at most N schedules for each row
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
budget=0
if [ "${1:-}" = --budget ]; then
  [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || { echo "reliability-table.sh: --budget takes a number, not \"${2:-}\"" >&2; exit 2; }
  budget=$2
  shift 2
fi
[ $# = 0 ] || { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ -z "$(git status --porcelain)" ] || { echo "reliability-table.sh: commit your changes first: the figures are those of a commit" >&2; exit 1; }
scripts/build.sh release -- capstan-explore
jobs=2 figures=$(mktemp) violated=0
trap 'rm -f "$figures"' EXIT
say() { echo "reliability-table.sh: $(date +%H:%M:%S) $*" >&2; }
# Exit status 1 means a violation; the row counts it, and the output has its schedule.
explore() {
  local failed=0
  build/release/bin/capstan-explore --jobs="$jobs" "$@" || failed=$?
  [ "$failed" -le 1 ] || { say "capstan-explore failed"; exit 1; }
  [ "$failed" = 0 ] || violated=1
}
lives_a_minute() { explore --scenario=create-delete --nomerge --budget="$runs" "$@" | sed -n 's/.* violations, \([0-9]*\) lives a minute.*/\1/p'; }
head_of_table() {
  printf '\n### %s\n\n| scenario | schedules | merged | joined | effects | violations | lives a minute of processor time |\n' "$1"
  printf '|---|---|---|---|---|---|---|\n'
}
# CPU seconds of all commands that this script has run so far.
processor_time() {
  local stat
  read -r -a stat < "/proc/$$/stat"
  echo $(((stat[15] + stat[16]) / $(getconf CLK_TCK)))
}
write_figures() {
  local runs=$((budget > 0 && budget < 600 ? budget : 600)) began=$SECONDS used lives whole forked pairs
  used=$(processor_time)
  echo "Measured on $(date -u +%Y-%m-%d) with $(git rev-parse --short HEAD), release build, $jobs processes at a time on $(nproc) processors."
  [ "$budget" = 0 ] || echo "At most $budget schedules of each row, drawn by seed 1."
  # shellcheck disable=SC2016
  printf '\nLives a minute of processor time where each is run to its end, without merging: %s\n' "$runs"
  # shellcheck disable=SC2016
  printf 'schedules of `create-delete`.\n\n'
  printf '| lives | each from its start | forked |\n|---|---|---|\n'
  for lives in full short; do
    say "$lives lives a minute"
    whole=$(lives_a_minute --lives="$lives" --nofork)
    forked=$(lives_a_minute --lives="$lives")
    echo "| $lives | $whole | $forked |"
  done
  for lives in full short; do
    say "$lives lives of every scenario, a mishap at every effect"
    head_of_table "${lives^} lives"
    explore --lives="$lives" --table --budget="$budget"
  done
  for lives in full short; do
    say "pairs and walks of $lives lives"
    head_of_table "Pairs and walks of $lives lives"
    # All pairs of short lives; of full lives, which have nearly 100,000, a random sample.
    pairs=-1
    [ "$lives" = short ] || pairs=25000
    [ "$budget" = 0 ] || pairs=$budget
    explore --lives="$lives" --scenario=create-delete --nosingles --table --pairs="$pairs" --walks=1000
  done
  printf '\nAll of this took %s minutes, and %s minutes of processor time.\n' \
    $(((SECONDS - began + 59) / 60)) $((($(processor_time) - used + 59) / 60))
}
write_figures > "$figures"
python3 - "$figures" docs/reliability.md << 'P'
import re, sys
figures, page = open(sys.argv[1]).read(), open(sys.argv[2]).read()
new, count = re.subn(r"(<!-- figures -->\n).*?(<!-- end of figures -->)", lambda m: m[1] + figures + m[2], page, flags=re.S)
assert count == 1, "docs/reliability.md has no place for figures"
open(sys.argv[2], "w").write(new)
P
scripts/wrap-prose.py docs/reliability.md
say "docs/reliability.md is written: $(tail -1 "$figures")"
exit "$violated"
