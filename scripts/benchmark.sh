#!/usr/bin/env bash
# Measures our core beside client-go on one server, in turn (A B A B), and writes the tables of docs/performance.md.
#
#   scripts/benchmark.sh [--kubeconfig FILE] [--count N] [--rounds R] [--peer PROGRAM] [--events N]
#
# Without --kubeconfig a real kube-apiserver is started where ../shared/kubernetes/up is there. Without a peer program
# (--peer, or ../shared/peers/client-go/client-go-bench.xz) ours is measured alone. The server needs the CRD
# digitaloceanclusters.anutosh491.dev; it is installed if it is not there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
count=10000 rounds=3 events=5000 kubeconfig='' crd_kubeconfig='' peer=''
while [ $# -gt 0 ]; do
  case $1 in
    --kubeconfig) kubeconfig=$2; shift 2 ;;
    --count) count=$2; shift 2 ;;
    --rounds) rounds=$2; shift 2 ;;
    --events) events=$2; shift 2 ;;
    --peer) peer=$2; shift 2 ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done

scratch=$(mktemp -d)
stop_server() { :; }
trap 'stop_server; rm -rf "$scratch"' EXIT

cmake --preset release -DCAPSTAN_BUILD_BENCHMARKS=ON >/dev/null
cmake --build --preset release --target kube_bench parts_bench
ours=build/release/bin/kube_bench

if [ -z "$kubeconfig" ]; then
  [ -x ../shared/kubernetes/up ] || { echo "benchmark: name a server with --kubeconfig" >&2; exit 2; }
  ../shared/kubernetes/up "$scratch/kubernetes" --aggregate anutosh491.dev/v1alpha1 >/dev/null
  stop_server() { ../shared/kubernetes/down "$scratch/kubernetes" >/dev/null; }
  kubeconfig=$scratch/kubernetes/kubeconfig crd_kubeconfig=$scratch/kubernetes/crds-kubeconfig
fi
if ! kubectl --kubeconfig "$kubeconfig" get --raw /apis/anutosh491.dev/v1alpha1/digitaloceanclusters?limit=1 >/dev/null 2>&1; then
  python3 -c 'import json, sys, yaml; json.dump(yaml.safe_load(open("crds/digitaloceanclusters.yaml")), sys.stdout)' >"$scratch/crd.json"
  kubectl --kubeconfig "${crd_kubeconfig:-$kubeconfig}" create --raw \
    /apis/apiextensions.k8s.io/v1/customresourcedefinitions -f "$scratch/crd.json" >/dev/null
  for _ in $(seq 60); do
    kubectl --kubeconfig "$kubeconfig" get --raw '/apis/anutosh491.dev/v1alpha1/digitaloceanclusters?limit=1' >/dev/null 2>&1 && break
    sleep 1
  done
fi
if [ -z "$peer" ] && [ -f ../shared/peers/client-go/client-go-bench.xz ]; then
  xz -dc ../shared/peers/client-go/client-go-bench.xz >"$scratch/client-go-bench"
  chmod +x "$scratch/client-go-bench"
  peer=$scratch/client-go-bench
fi

"$ours" --kubeconfig="$kubeconfig" --mode=populate --n="$count"
for round in $(seq "$rounds"); do
  for mode in sync reconcile; do
    "$ours" --kubeconfig="$kubeconfig" --mode=$mode --n="$count" --value="ours-$round" | sed 's/^/ours /' | tee -a "$scratch/lines"
    [ -z "$peer" ] || "$peer" -kubeconfig "$kubeconfig" -mode $mode -n "$count" -value "peer-$round" |
      sed 's/^/peer /' | tee -a "$scratch/lines"
  done
  "$ours" --kubeconfig="$kubeconfig" --mode=relist | sed 's/^/ours /' | grep relist | tee -a "$scratch/lines"
  "$ours" --kubeconfig="$kubeconfig" --mode=events --n="$events" --value="events-$round" | sed 's/^/ours /' | tee -a "$scratch/lines"
  "$ours" --mode=queue --n=1000000 --workers=8 | sed 's/^/ours /' | tee -a "$scratch/lines"
done
python3 scripts/benchmark_tables.py "$scratch/lines" docs/performance.md
