#!/usr/bin/env bash
# Explores every scenario with full and with short lives and writes the figures into docs/reliability.md: one run of one commit.
# Takes minutes to hours on a quiet machine. reliability-table.sh [--budget N]: at most N schedules of each scenario.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
budget=0
if [ "${1:-}" = --budget ]; then
  [[ ${2:-} =~ ^[0-9]+$ ]] || { echo "reliability-table.sh: --budget takes a number, not \"${2:-}\"" >&2; exit 2; }
  budget=$2
  shift 2
fi
[ $# = 0 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
[ -z "$(git status --porcelain)" ] || { echo "reliability-table.sh: commit your changes first: the figures are those of a commit" >&2; exit 1; }
scripts/build.sh release -- capstan-explore
explore=build/release/bin/capstan-explore figures=$(mktemp) status=0
{
  echo "Measured on $(date -u +%Y-%m-%d) with $(git rev-parse --short HEAD), release build, $(nproc) processors."
  [ "$budget" = 0 ] || echo "At most $budget schedules of each scenario, drawn by seed 1."
  for lives in full short; do
    printf '\n### %s lives\n\n| scenario | schedules | merged | joined | effects | violations | lives a minute of processor time |\n|---|---|---|---|---|---|---|\n' "${lives^}"
    "$explore" --lives="$lives" --table --budget="$budget" || status=$?
  done
} > "$figures"
[ "$status" -le 1 ] || { echo "reliability-table.sh: capstan-explore failed" >&2; exit 1; }
python3 - "$figures" docs/reliability.md << 'P'
import re, sys
figures, page = open(sys.argv[1]).read(), open(sys.argv[2]).read()
new = re.sub(r"(<!-- figures -->\n).*?(<!-- end of figures -->)", lambda m: m[1] + figures + m[2], page, flags=re.S)
assert "<!-- figures -->" in new
open(sys.argv[2], "w").write(new)
P
rm "$figures"
exit "$status"
