#!/usr/bin/env bash
# Kills two replicas with --leader_elect on a real Kubernetes API again and again, while servers
# restart, connections are cut, delayed and damaged, and users edit and delete. Afterwards
# Kubernetes and the cloud must agree on their own within five minutes.
#
#   kill-loop.sh [--kills N] [--objects N] [--seed N] [--embedded]    200 kills, 100 objects
#   kill-loop.sh --short                                              12 kills, 12 objects, as in CI
#
# The program that CAPSTAN_KUBERNETES_UP names starts the API (as for the tests of
# tests/real_kubernetes); --embedded uses `capstan local` instead. Exit status: 0 they agree, 1 they
# do not, 2 wrong usage.
kills=200 objects=100 seed=1 embedded=false
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
number() { [[ ${1:-} =~ ^[0-9]+$ ]] && [ "$1" -ge 1 ] || { echo "kill-loop.sh: ${2} takes a number from 1, not \"${1:-}\"" >&2; exit 2; }; }
while [ $# -gt 0 ]; do
  case $1 in
    --kills) number "${2:-}" "$1"; kills=$2; shift ;;
    --objects) number "${2:-}" "$1"; objects=$2; shift ;;
    --seed) number "${2:-}" "$1"; seed=$2; shift ;;
    --short) kills=12 objects=12 ;;
    --embedded) embedded=true ;;
    *) usage ;;
  esac
  shift
done
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=${CAPSTAN_PROGRAM:-$top/build/release/bin/capstan}
[ -x "$program" ] || { echo "kill-loop.sh: there is no $program: build it with scripts/build.sh release -- capstan" >&2; exit 2; }
[ "$embedded" = true ] || [ -n "${CAPSTAN_KUBERNETES_UP:-}" ] || {
  echo "kill-loop.sh: set CAPSTAN_KUBERNETES_UP to a program that starts a Kubernetes API, or give --embedded" >&2
  exit 2
}
set -- "$program" "$(mktemp -d)/kill-loop"
. "$top/tests/cli/stack.sh"
RANDOM=$seed

# ---- Servers, and a proxy that disturbs their connections.
start_servers --provisioning_seconds=2 --data_dir="$scratch/data"
export DIGITALOCEAN_API_URL=$cloud_url
if [ "$embedded" = true ]; then
  admin=$scratch/kubeconfig
  install
else
  . "$top/tests/real_kubernetes/real_server.sh"
  start_kubernetes
  admin=$scratch/kubernetes/kubeconfig
  k create namespace capstan-system > /dev/null
  "$capstan" crds --no-cel | k apply -f - > /dev/null || { fail "the CRD is refused"; finish; }
  k create secret generic digitalocean-token --from-literal=token="$token" > /dev/null
fi
# Keeps the logs after a failure.
clean_up() {
  end_started
  [ "$embedded" = true ] || stop_kubernetes
  [ "$failures" != 0 ] || rm -rf "${scratch%/*}"
}
trap clean_up EXIT
api_port=$(sed -n 's|.*server: *"\{0,1\}https\{0,1\}://127.0.0.1:\([0-9]*\).*|\1|p' "$admin" | head -1)
serve proxy unkind_proxy "$api_port" "$seed"
proxied=$scratch/proxied
sed "s|127.0.0.1:$api_port|$address|" "$admin" > "$proxied"

# restart NAME: kills a server of the real API and starts it again.
restart() {
  local pid arguments
  pid=$(cat "$scratch/kubernetes/$1.pid")
  mapfile -d '' arguments < "/proc/$pid/cmdline"
  kill -9 "$pid"
  (
    cd "$scratch/kubernetes" || exit
    nohup setsid "${arguments[@]}" >> "$1.log" 2>&1 < /dev/null &
    echo $! > "$1.pid"
  )
}

# ---- Two replicas.
declare -a replicas
replica() { # NUMBER
  "$capstan" run --kubeconfig="$proxied" --leader_elect --create_settle=3s >> "$scratch/run-$1.log" 2>&1 &
  replicas[$1]=$!
  started+=("$!")
}
replica 0
replica 1

# ---- The loop.
name() { echo "loop-$1"; }
free="allowDestructive: true, "  # edits can destroy nodes, because the end must be agreement
made=0
for ((kill = 1; kill <= kills; ++kill)); do
  # Users wait for a server that restarts; the kill after a restart does not.
  wait_for 60 k get --raw=/readyz || { fail "the API server does not come back"; finish; }
  while [ "$made" -lt $((objects * kill / kills)) ]; do cluster "$(name "$made")" "$free"; made=$((made + 1)); done
  [ "$made" = 0 ] || case $((RANDOM % 6)) in
    0) k patch doks "$(name $((RANDOM % made)))" --type=merge -p '{"spec":{"nodePools":[{"name":"web","size":"s-2vcpu-2gb","count":2}]}}' > /dev/null 2>&1 ;;
    1) k delete doks "$(name $((RANDOM % made)))" --wait=false > /dev/null 2>&1 ;;
    2) cluster "$(name $((RANDOM % made)))" "$free" ;;
  esac
  if [ "$embedded" = false ] && [ $((kill % 25)) = 0 ]; then restart kube-apiserver; fi
  if [ "$embedded" = false ] && [ $((kill % 60)) = 0 ]; then restart etcd; fi
  pause "$((RANDOM % 4)).$((RANDOM % 10))"
  victim=$((RANDOM % 2))
  kill -9 "${replicas[$victim]}" 2> /dev/null
  wait "${replicas[$victim]}" 2> /dev/null
  replica "$victim"
  [ ! -t 1 ] || printf '\r\033[K%s of %s kills, %s objects' "$kill" "$kills" "$made"
done
[ ! -t 1 ] || echo

# ---- The result. From here on the proxy does not disturb connections.
kill -USR1 "${started[1]}" 2> /dev/null
agreement() {
  k get doks -o json > "$scratch/objects.json" 2> /dev/null || return 1
  local page=1
  : > "$scratch/clusters.json"
  while cloud GET "/v2/kubernetes/clusters?per_page=200&page=$page" >> "$scratch/clusters.json" && echo >> "$scratch/clusters.json"; do
    page=$((page + 1))
    [ "$page" -le $((objects / 200 + 2)) ] || break
  done
  python3 - "$scratch/objects.json" "$scratch/clusters.json" << 'P'
import json, sys
objects = json.load(open(sys.argv[1]))["items"]
clusters = {c["id"]: c for line in open(sys.argv[2]) if line.strip() for c in json.loads(line).get("kubernetes_clusters") or []}
problems = []
owned = {}
for cluster in clusters.values():
    for tag in cluster["tags"]:
        if tag.startswith("capstan:"):
            owned.setdefault(tag[len("capstan:"):], []).append(cluster["id"])
uids = {o["metadata"]["uid"] for o in objects}
for uid, ids in owned.items():
    if len(ids) > 1:
        problems.append(f"two clusters of {uid}: {ids}")
    if uid not in uids:
        problems.append(f"{ids[0]} is left of an object that is gone")
for o in objects:
    name, status = o["metadata"]["name"], o.get("status", {})
    conditions = {c["type"]: c for c in status.get("conditions", [])}
    if any(conditions.get(t, {}).get("status") != "True" for t in ("Ready", "Synced")):
        problems.append(f"{name} is not settled: {[c['type'] + '=' + c['status'] + '/' + c['reason'] for c in conditions.values()]}")
    elif owned.get(o["metadata"]["uid"]) != [status.get("external", {}).get("id")]:
        problems.append(f"{name} names {status.get('external', {}).get('id')}, the cloud has {owned.get(o['metadata']['uid'])}")
print(f"{len(objects)} objects, {len(clusters)} clusters, {len(problems)} disagreements")
print("\n".join(problems[:20]))
sys.exit(1 if problems else 0)
P
}
began=$SECONDS
until agreement > "$scratch/agreement"; do
  [ $((SECONDS - began)) -lt 300 ] || { fail "no agreement within five minutes"; cat "$scratch/agreement" >&2; tail -n 5 "$scratch"/run-*.log >&2; finish; }
  pause 2
done
echo "agreement $((SECONDS - began)) s after the last of $kills kills: $(head -1 "$scratch/agreement")"

# Memory must stop growing when idle. A replica that is a minute old is still filling its caches.
memory() { awk '/^VmRSS/ {sum += $2} END {print sum}' "/proc/${replicas[0]}/status" "/proc/${replicas[1]}/status"; }
pause 20
before=$(memory)
for _ in 1 2 3 4 5; do
  pause 60
  grown=$(($(memory) - before))
  echo "memory: $before kB, $grown kB more a minute later"
  [ "$grown" -ge 2048 ] || break
  before=$((before + grown))
done
[ "$grown" -lt 2048 ] || fail "memory still grows after five minutes without work: $grown kB in the last one"
finish
