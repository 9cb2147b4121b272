#!/usr/bin/env bash
# lines_test.sh LIMIT FILE...: each file has fewer lines than LIMIT, not counting blank lines and
# comments.
limit=$1; shift
failures=0
for file in "$@"; do
  lines=$(sed 's@^ *//.*@@' "$file" | grep -c '[^[:space:]]')
  echo "$file: $lines"
  [ "$lines" -lt "$limit" ] || { echo "FAILED: $file has $lines lines, the promise is under $limit" >&2; failures=1; }
done
exit $failures
