#!/usr/bin/env bash
# One of three operators works. When it is killed another takes over within the lease duration; when
# it is asked to stop it releases the lease immediately. A cluster that is created meanwhile is
# created once.
. "$(dirname "${BASH_SOURCE[0]}")/stack.sh"
start_servers --provisioning-seconds=2
export DIGITALOCEAN_API_URL=$cloud_url DIGITALOCEAN_ACCESS_TOKEN=$token
k create namespace capstan-system > /dev/null
"$capstan" crds | k apply -f - > /dev/null || { fail "apply the CRD"; finish; }

operators=()
for n in 0 1 2; do
  "$capstan" run --kubeconfig="$scratch/kubeconfig" --leader-elect --create-settle=2s --env-token-namespaces=default \
    > "$scratch/run$n.log" 2>&1 &
  operators[n]=$!
  started+=($!)
done
# The number of the leader's process, by the identity in its log.
leader() {
  local name n
  name=$(holder)
  [ -n "$name" ] || return 1
  for n in 0 1 2; do grep -q "leading lease=.*identity=$name" "$scratch/run$n.log" && { echo "$n"; return 0; }; done
  return 1
}
wait_for leader || { tail -3 "$scratch"/run?.log >&2; finish; }
first=$(leader)
[ "$(grep -l "INFO leading" "$scratch"/run?.log | wc -l)" = 1 ] || fail "more than one process leads"

secret="" # the token in the environment
cluster during-a-kill
kill -9 "${operators[first]}"
moved() { now=$(leader) && [ "$now" != "$first" ]; }
wait_for moved || { tail -3 "$scratch"/run?.log >&2; finish; } # lease 15 s, and up to 2.2 retry periods of 2 s
second=$(leader)
wait_for ready during-a-kill
[ "$(clusters)" = 1 ] || fail "not one cloud cluster but $(clusters)"

# Records the holder of the lease, one line for each change, from here on.
timeout 600 kubectl --kubeconfig="$scratch/kubeconfig" get lease -n capstan-system capstan -w -o 'jsonpath={.spec.holderIdentity}{"\n"}' -v=6 \
  > "$scratch/holders" 2> "$scratch/holders.log" &
started+=($!)
wait_for grep -Eq 'watch=true.*200' "$scratch/holders.log"
kill -TERM "${operators[second]}"
wait "${operators[second]}"
[ $? = 0 ] || fail "the second leader does not end with 0"
third() { now=$(leader) && [ "$now" != "$first" ] && [ "$now" != "$second" ]; }
wait_for third || { tail -3 "$scratch"/run?.log >&2; finish; }
wait_for grep -q . "$scratch/holders"
released() { grep -qx "" "$scratch/holders"; }
wait_for released || { fail "the lease was not released"; cat "$scratch/holders" >&2; }
k delete doks --all --timeout=90s > /dev/null || fail "it does not go under the third"
[ "$(clusters)" = 0 ] || fail "clusters are left: $(clusters)"
finish
