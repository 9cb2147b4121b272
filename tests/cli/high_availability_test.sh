#!/usr/bin/env bash
# Of three operators one works. When it is killed another takes over within the lease's time; when it is asked to stop it hands the
# lease over at once. A cluster that is made meanwhile is made once.
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
command -v kubectl > /dev/null || { echo "kubectl is needed; scripts/test.sh installs it" >&2; exit 1; }
trap 'kill -9 ${stack:-0} ${operators[*]:-0} 2> /dev/null' EXIT
k() { timeout 20 kubectl --kubeconfig="$scratch/kubeconfig" "$@"; }

"$capstan" local --operator=false --kubeconfig_out="$scratch/kubeconfig" --ready_file="$scratch/ready" --provisioning_seconds=2 \
  > "$scratch/local.log" 2>&1 &
stack=$!
wait_for 20 test -s "$scratch/ready" || finish
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$scratch/ready" "$1"; }
DIGITALOCEAN_API_URL=$(field digitalocean_url)
DIGITALOCEAN_ACCESS_TOKEN=$(field digitalocean_token)
export DIGITALOCEAN_API_URL DIGITALOCEAN_ACCESS_TOKEN
clusters() {
  curl -fsS -H "Authorization: Bearer $DIGITALOCEAN_ACCESS_TOKEN" "$DIGITALOCEAN_API_URL/v2/kubernetes/clusters" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["meta"]["total"])'
}
k create namespace capstan-system > /dev/null
"$capstan" crds | k apply -f - > /dev/null || { fail "apply the CRD"; finish; }

operators=()
for n in 0 1 2; do
  "$capstan" run --kubeconfig="$scratch/kubeconfig" --leader_elect --create_settle=2s --env_token_namespaces=default \
    > "$scratch/run$n.log" 2>&1 &
  operators[n]=$!
done
holder() { k get lease -n capstan-system capstan -o 'jsonpath={.spec.holderIdentity}'; }
# The number of the process that leads now: its log says its identity.
leader() {
  local name n
  name=$(holder)
  [ -n "$name" ] || return 1
  for n in 0 1 2; do grep -q "leading lease=.*identity=$name" "$scratch/run$n.log" && { echo "$n"; return 0; }; done
  return 1
}
wait_for 30 leader || { tail -3 "$scratch"/run?.log >&2; finish; }
first=$(leader)
[ "$(grep -l "INFO leading" "$scratch"/run?.log | wc -l)" = 1 ] || fail "more than one process leads"

cluster() {
  k apply -f - > /dev/null << Y || fail "apply $1"
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: $1, namespace: default}
spec: {region: nyc1, version: latest, nodePools: [{name: web, size: s-2vcpu-2gb, count: 1}]}
Y
}
ready() { [ "$(k get doks "$1" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = True ]; }

cluster during-a-kill
kill -9 "${operators[first]}"
moved() { now=$(leader) && [ "$now" != "$first" ]; }
wait_for 30 moved || { tail -3 "$scratch"/run?.log >&2; finish; } # lease 15 s, and up to 2.2 retry periods of 2 s
second=$(leader)
wait_for 60 ready during-a-kill
[ "$(clusters)" = 1 ] || fail "not one cloud cluster but $(clusters)"

began=$SECONDS
kill -TERM "${operators[second]}"
wait "${operators[second]}"
[ $? = 0 ] || fail "the second leader does not end with 0"
third() { now=$(leader) && [ "$now" != "$first" ] && [ "$now" != "$second" ]; }
wait_for 30 third || { tail -3 "$scratch"/run?.log >&2; finish; }
[ $((SECONDS - began)) -lt 14 ] || fail "the lease was not released: the next leader came after $((SECONDS - began)) s"
k delete doks --all --timeout=60s > /dev/null || fail "it does not go under the third"
[ "$(clusters)" = 0 ] || fail "clusters are left: $(clusters)"
finish
