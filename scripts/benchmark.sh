#!/usr/bin/env bash
# Measures our core and client-go on the same servers, alternating (A B A B), and writes the tables
# of docs/performance.md.
#
#   scripts/benchmark.sh [--kubeconfig FILE]... [--count N]... [--rounds R] [--peer PROGRAM]
#                        [--events N] [--reconciles N]
#
# Servers: each given kubeconfig; without one, the API server that the program in
# CAPSTAN_KUBERNETES_UP starts, and the embedded one of `capstan local`. Sizes: each given count;
# without one, 10,000 on the first server and 100,000 on the embedded one. The peer is built from
# benchmarks/peer if Go is installed, or given; without one only ours is measured. The servers need
# the CRD digitaloceanclusters.anutosh491.dev; it is installed if missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
counts=() kubeconfigs=() rounds=3 events=50000 reconciles=10000 peer=''
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
while [ $# -gt 0 ]; do
  [ $# -gt 1 ] || usage
  case $1 in
    --kubeconfig) kubeconfigs+=("$2") ;;
    --count) counts+=("$2") ;;
    --rounds) rounds=$2 ;;
    --events) events=$2 ;;
    --reconciles) reconciles=$2 ;;
    --peer) peer=$2 ;;
    *) usage ;;
  esac
  shift 2
done

scratch=$(mktemp -d)
embedded=''
stop_kubernetes() { :; }
clean_up() {
  stop_kubernetes
  [ -z "$embedded" ] || kill "$embedded" 2> /dev/null || true
  rm -rf "$scratch"
}
trap clean_up EXIT

cmake --preset release -DCAPSTAN_BUILD_BENCHMARKS=ON > /dev/null
# The plugin contains the CRD.
cmake --build --preset release --target kube_bench parts_bench capstan capstan_plugin_digitalocean
ours=build/release/bin/kube_bench
if [ -z "$peer" ] && benchmarks/peer/build.sh "$scratch/peer" 2> "$scratch/peer.log"; then peer=$scratch/peer; fi
[ -n "$peer" ] || echo "benchmark: ours is measured alone: $(tail -1 "$scratch/peer.log")" >&2

# has_kind KUBECONFIG: whether the server serves the kind. install_kind KUBECONFIG [KUBECONFIG FOR
# CRDS]: installs its CRD if it does not.
has_kind() { kubectl --kubeconfig "$1" get --raw '/apis/anutosh491.dev/v1alpha1/digitaloceanclusters?limit=1' > /dev/null 2>&1; }
install_kind() {
  has_kind "$1" && return
  build/release/bin/capstan crds --no-cel > "$scratch/crd.yaml"
  python3 -c 'import json, sys, yaml; json.dump(next(d for d in yaml.safe_load_all(open(sys.argv[1])) if d), sys.stdout)' "$scratch/crd.yaml" > "$scratch/crd.json"
  kubectl --kubeconfig "${2:-$1}" create --raw /apis/apiextensions.k8s.io/v1/customresourcedefinitions -f "$scratch/crd.json" > /dev/null
  for _ in $(seq 60); do has_kind "$1" && return; sleep 1; done
  echo "benchmark: the server of $1 does not serve the kind" >&2
  exit 1
}

# side SERVER NAME COMMAND...: prefixes each line of output with SERVER and NAME.
side() {
  local server=$1 name=$2
  shift 2
  "$@" | sed "s/^/$server $name /" | tee -a "$scratch/lines"
}

# measure SERVER KUBECONFIG COUNT
measure() {
  local server=$1 config=$2 count=$3 round
  "$ours" --kubeconfig="$config" --mode=populate --n="$count"
  local reconciled=$(( count < reconciles ? count : reconciles ))
  for round in $(seq "$rounds"); do
    side "$server" ours "$ours" --kubeconfig="$config" --mode=relist
    [ -z "$peer" ] || side "$server" peer "$peer" -kubeconfig "$config" -mode sync
    side "$server" ours "$ours" --kubeconfig="$config" --mode=limit
    side "$server" ours "$ours" --kubeconfig="$config" --mode=writelimit --n="$reconciled" --value="limit-$count-$round-$$"
    side "$server" ours "$ours" --kubeconfig="$config" --mode=reconcile --n="$reconciled" --value="ours-$count-$round-$$"
    [ -z "$peer" ] || side "$server" peer "$peer" -kubeconfig "$config" -mode reconcile -n "$reconciled" -value "peer-$count-$round-$$"
    side "$server" ours "$ours" --kubeconfig="$config" --mode=events --n="$events" --value="ours-$count-$round-$$-"
    [ -z "$peer" ] || side "$server" peer "$peer" -kubeconfig "$config" -mode events -n "$events" -value "peer-$count-$round-$$-" ||
      echo "benchmark: this peer has no mode events" >&2
  done
}

if [ ${#kubeconfigs[@]} -gt 0 ]; then
  for config in "${kubeconfigs[@]}"; do
    install_kind "$config"
    for count in "${counts[@]:-10000}"; do measure "${config##*/}" "$config" "$count"; done
  done
else
  if [ -n "${CAPSTAN_KUBERNETES_UP:-}" ]; then
    "$CAPSTAN_KUBERNETES_UP" "$scratch/kubernetes" --aggregate anutosh491.dev/v1alpha1 > /dev/null
    stop_kubernetes() { "$(dirname "$CAPSTAN_KUBERNETES_UP")/down" "$scratch/kubernetes" > /dev/null; }
    install_kind "$scratch/kubernetes/kubeconfig" "$scratch/kubernetes/crds-kubeconfig"
    for count in "${counts[@]:-10000}"; do measure kubernetes "$scratch/kubernetes/kubeconfig" "$count"; done
    stop_kubernetes
    stop_kubernetes() { :; }
  fi
  build/release/bin/capstan local --operator=false --kubeconfig-out="$scratch/kubeconfig" --ready-file="$scratch/ready" > /dev/null 2>&1 &
  embedded=$!
  until [ -s "$scratch/ready" ]; do sleep 0.1; done
  install_kind "$scratch/kubeconfig"
  for count in "${counts[@]:-100000}"; do measure embedded "$scratch/kubeconfig" "$count"; done
fi
"$ours" --mode=queue --n=1000000 --workers=8 | sed "s/^/none ours /" | tee -a "$scratch/lines"
python3 -B scripts/benchmark_tables.py "$scratch/lines" docs/performance.md
echo "benchmark: took $((SECONDS / 60)) minutes; the table is in docs/performance.md" >&2
