#!/usr/bin/env bash
# Checks that each plugin exports exactly one symbol, capstan_plugin_v1: check-exports.sh
# [BUILD_DIR]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
directory=${1:-build/release}/lib/capstan/plugins
shopt -s nullglob
plugins=("$directory"/*.so)
[ ${#plugins[@]} -gt 0 ] || { echo "check-exports: no plugin in $directory" >&2; exit 1; }
for plugin in "${plugins[@]}"; do
  symbols=$(nm -D --defined-only "$plugin" | awk '{print $NF}' | sed 's/@.*//' | sort -u)
  if [ "$symbols" != capstan_plugin_v1 ]; then
    echo "check-exports: $plugin exports $(echo "$symbols" | wc -w) symbols instead of capstan_plugin_v1 alone:" >&2
    echo "$symbols" | head -5 | c++filt >&2
    exit 1
  fi
done
echo "check-exports: ${#plugins[@]} plugin(s) export capstan_plugin_v1 alone"
