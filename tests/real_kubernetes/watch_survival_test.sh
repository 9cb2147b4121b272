#!/usr/bin/env bash
# Every way a watch can die, on a real kube-apiserver with its etcd: watch_survival_test.sh BINARY SCRATCH oldest|aggregated [gtest arguments]
set -uo pipefail
suite=$1 scratch=$2 mode=$3
shift 3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${CAPSTAN_KUBERNETES_UP:-}" ] || { echo "skipped: CAPSTAN_KUBERNETES_UP is not set"; exit 77; }
rm -rf "$scratch"
mkdir -p "$scratch"
down() { "$(dirname "$CAPSTAN_KUBERNETES_UP")/down" "$scratch/kubernetes" > /dev/null 2>&1; }
trap down EXIT
# The large list is 100 MB where lists stream; the older server, which has pages alone, gets a quarter: filling it takes most of the time.
if [ "$mode" = oldest ]; then
  more=()
  export CAPSTAN_TEST_LARGE_LIST=1000
else
  more=(--aggregate survival.capstan.dev/v1)
fi
"$CAPSTAN_KUBERNETES_UP" "$scratch/kubernetes" "${more[@]}" > "$scratch/up.log" 2>&1 || { cat "$scratch/up.log" >&2; exit 1; }
CAPSTAN_TEST_KUBECONFIG=$scratch/kubernetes/kubeconfig CAPSTAN_TEST_CLUSTER_CONTROL=$here/cluster_control.sh \
  "$suite" --gtest_filter='*/cluster' "$@"
