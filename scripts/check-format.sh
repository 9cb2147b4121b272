#!/usr/bin/env bash
# Checks the format of our C++ and C files with clang-format. With --fix: formats them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Files that `capstan generate` writes stay as they are: a test compares them.
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
