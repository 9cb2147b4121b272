#!/usr/bin/env bash
# Runs the conformance suite on real API servers: CAPSTAN_KUBERNETES_UP names a script that starts
# one in a folder ("up DIR" and "up DIR --aggregate GROUP/VERSION", with "down DIR" next to it).
# Runs once on its oldest server, and once with that server's custom resources served by its newest.
# Usage: scripts/conformance-on-kubernetes.sh [BUILD_DIR] (default: build/release)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
suite=$PWD/${1:-build/release}/bin/capstan_conformance
up=${CAPSTAN_KUBERNETES_UP:?CAPSTAN_KUBERNETES_UP must name the script that starts a server}
[ -x "$suite" ] || { echo "conformance: $suite is not built (scripts/build.sh with tests)" >&2; exit 1; }
work=$(mktemp -d)
stop() {
  for mode in plain aggregated; do
    if [ -d "$work/$mode" ]; then "$(dirname "$up")/down" "$work/$mode" > "$work/$mode.down" 2>&1 || true; fi
  done
  rm -rf "$work"
}
trap stop EXIT

run() { # run MODE [up's arguments...]
  local mode=$1
  shift
  "$up" "$work/$mode" "$@"
  local definitions=$work/$mode/crds-kubeconfig
  [ -f "$definitions" ] || definitions=$work/$mode/kubeconfig
  echo "conformance: $mode server"
  CAPSTAN_TEST_KUBECONFIG=$work/$mode/kubeconfig CAPSTAN_TEST_CRD_KUBECONFIG=$definitions \
    timeout 900 "$suite" --gtest_brief=1 --gtest_filter='*/cluster'
}
run plain
run aggregated --aggregate conformance.capstan.dev/v1
