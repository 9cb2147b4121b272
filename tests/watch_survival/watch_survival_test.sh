#!/usr/bin/env bash
# Every way in which a watch can die, on a real kube-apiserver with its etcd: watch_survival_test.sh
# BINARY SCRATCH oldest|aggregated [gtest arguments]
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../real_kubernetes/real_server.sh"
suite=$1 mode=$3
shift 3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# The large list is 100 MB if lists stream; the older server, which only has pages, gets a quarter:
# creating it takes most of the time.
if [ "$mode" = oldest ]; then
  more=()
  export CAPSTAN_TEST_LARGE_LIST=1000
else
  more=(--aggregate survival.capstan.dev/v1)
fi
start_kubernetes "${more[@]}"
CAPSTAN_TEST_KUBECONFIG=$scratch/kubernetes/kubeconfig CAPSTAN_TEST_CLUSTER_CONTROL=$here/cluster_control.sh \
  "$suite" --gtest_filter='*/cluster' "$@"
