#!/usr/bin/env bash
# On a real kube-apiserver: install the CRD, create a cluster, kill -9 the operator in the middle of
# a create, and verify that there is exactly one cloud cluster for each object, and none when the
# objects are deleted.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
. "$(dirname "${BASH_SOURCE[0]}")/real_server.sh"
mode=$3
if [ "$mode" = aggregated ]; then
  start_kubernetes --aggregate anutosh491.dev/v1alpha1
  crd_kubeconfig=$scratch/kubernetes/crds-kubeconfig
else
  start_kubernetes
  crd_kubeconfig=$scratch/kubernetes/kubeconfig
fi
admin=$scratch/kubernetes/kubeconfig
start_servers --provisioning-seconds=3
export DIGITALOCEAN_API_URL=$cloud_url
run_here() { run --kubeconfig="$admin" --create-settle=3s; }

k create namespace capstan-system > /dev/null
k create secret generic digitalocean-token --from-literal=token="$token" > /dev/null
# The operator waits for its CRD and says so.
run_here
wait_for grep -q "cannot watch target=digitaloceanclusters.anutosh491.dev" "$scratch/run.log"
cel=--cel
[ "$mode" = oldest ] && cel=--no-cel  # kubectl requests this server, which does not support the rules yet
"$capstan" crds $cel > "$scratch/crd.yaml"
# Posted manually: the aggregated CRD server has no core API, which newer kubectls request first.
crd_server=$(server_of "$crd_kubeconfig")
curl -fsSk -o /dev/null -H "Authorization: Bearer admintoken" -H "Content-Type: application/yaml" --data-binary @"$scratch/crd.yaml" \
  "$crd_server/apis/apiextensions.k8s.io/v1/customresourcedefinitions" || { fail "the CRD is refused"; finish; }
served() { k get doks; }
wait_for served || finish

cluster first
wait_for ready first || { tail -20 "$scratch/run.log" >&2; finish; }
[ -n "$(k get secret first-kubeconfig -o 'jsonpath={.data.kubeconfig}')" ] || fail "no kubeconfig in Secret first-kubeconfig"
[ "$(clusters)" = 1 ] || fail "not one cloud cluster but $(clusters)"

# Killed in the middle of creating a second one, after its intent was written; and again as soon as
# the next one leads.
leaders() { [ "$(grep -c " leading " "$scratch/run.log")" -ge "$1" ]; }
intended() { k get doks second -o 'jsonpath={.status.external}' | grep -q .; }
again() {
  kill -9 "$operator" 2> /dev/null; wait "$operator" 2> /dev/null
  run_here
}
wait_for leaders 1
cluster second
wait_for intended
again
wait_for leaders 2
pause "0.$((RANDOM % 9))" # at any point of its work
again
wait_for ready second || { tail -20 "$scratch/run.log" >&2; finish; }
[ "$(clusters)" = 2 ] || fail "not two cloud clusters but $(clusters)"

# The cloud refuses a spec that no schema can detect, and the object recovers.
secret=no-such-secret cluster refused
told() { [ "$(reason refused Synced)" = CredentialsMissing ]; }
wait_for told
cluster refused
wait_for ready refused

k delete doks --all --timeout=90s > /dev/null || fail "the objects do not go"
[ "$(clusters)" = 0 ] || fail "cloud clusters are left: $(clusters)"
kill -TERM "$operator"; wait "$operator"; [ $? = 0 ] || fail "the operator does not end with 0 at SIGTERM"
! grep -q "$token" "$scratch/run.log" || fail "the token is in the log"
[ "$failures" = 0 ] || tail -40 "$scratch/run.log" >&2
finish
