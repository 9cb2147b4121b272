#!/usr/bin/env bash
# page_test.sh CAPSTAN SCRATCH: the page in a headless Chromium (page_test.mjs). SCREENSHOTS names a
# folder for screenshots.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
capstan=$1 scratch=$2
skip() { echo "skipped: $*"; exit 77; }
command -v node > /dev/null && command -v npm > /dev/null || skip "there is no node and npm"
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip "there is no Chromium (package chromium)"
command -v kubectl > /dev/null || skip "there is no kubectl"
mkdir -p "$scratch"
cp "$here/package.json" "$here/page_test.mjs" "$scratch/"
(cd "$scratch" && [ -d node_modules/axe-core ] || timeout 120 npm install --no-audit --no-fund > npm.log 2>&1) || skip "npm cannot install playwright-core and axe-core"
rm -f "$scratch/env"
"$capstan" local --provisioning-seconds=4 --environment-out="$scratch/env" > "$scratch/local.log" 2>&1 &
stack=$!
trap 'kill "$stack" 2> /dev/null || true; wait 2> /dev/null || true' EXIT
for _ in $(seq 600); do [ -s "$scratch/env" ] && break; kill -0 "$stack"; sleep 0.1; done
. "$scratch/env"
for _ in $(seq 600); do kubectl get crd digitaloceanclusters.anutosh491.dev > /dev/null 2>&1 && break; sleep 0.1; done
cd "$scratch"
PAGE=$CAPSTAN_OPERATOR_URL CHROMIUM=$chromium node page_test.mjs
