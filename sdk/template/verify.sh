#!/bin/sh
# verify.sh CAPSTAN PLUGIN: runs the conformance suite with the plugin, against the simulated cloud
# on a free port.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(mktemp)
python3 "$here/simulated_cloud.py" > "$out" &
trap 'kill $!; rm -f "$out"' EXIT
until grep -q http "$out"; do sleep 0.05; done
MYCLOUD_API_URL=$(cat "$out") MYCLOUD_TOKEN=token-of-mine "$1" plugins verify "$2" \
  --object="$here/cluster.yaml" --changed="$here/changed.yaml" --poll-seconds=0.1
