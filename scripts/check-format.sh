#!/usr/bin/env bash
# Every C++ and C file of ours is as clang-format wants it. With --fix: makes it so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# What `capstan generate` writes is as it writes it: a test compares the two.
mapfile -t files < <(git ls-files -- '*.cpp' '*.hpp' '*.c' '*.h' ':!core/kinds' ':!examples/website/website_types.*')
report=$(mktemp)
trap 'rm -f "$report"' EXIT
if [ "${1:-}" = --fix ]; then clang-format -i "${files[@]}"; exit 0; fi
if ! clang-format --dry-run --Werror "${files[@]}" 2> "$report"; then
  grep -E 'error:' "$report" | cut -d: -f1 | sort | uniq -c | sort -rn | head -20 >&2
  echo "check-format: run scripts/check-format.sh --fix" >&2
  exit 1
fi
echo "check-format: ${#files[@]} files are formatted"
