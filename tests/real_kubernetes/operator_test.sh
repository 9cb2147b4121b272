#!/usr/bin/env bash
# On a real kube-apiserver: install the CRD, make a cluster, kill -9 the operator in the middle of a create, and see that there is
# exactly one cloud cluster for each object, and none when the objects are gone.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh"
mode=$3
[ -n "${CAPSTAN_KUBERNETES_UP:-}" ] || { echo "skipped: CAPSTAN_KUBERNETES_UP is not set"; exit 77; }
command -v kubectl > /dev/null || { echo "kubectl is needed" >&2; exit 1; }
cleanup() {
  kill -9 "${operator:-0}" "${stack:-0}" 2> /dev/null
  "$(dirname "$CAPSTAN_KUBERNETES_UP")/down" "$scratch/kubernetes" > /dev/null 2>&1
}
trap 'cleanup' EXIT

if [ "$mode" = aggregated ]; then
  "$CAPSTAN_KUBERNETES_UP" "$scratch/kubernetes" --aggregate anutosh491.dev/v1alpha1 > "$scratch/up.log" 2>&1 || { cat "$scratch/up.log" >&2; exit 1; }
  crd_kubeconfig=$scratch/kubernetes/crds-kubeconfig
else
  "$CAPSTAN_KUBERNETES_UP" "$scratch/kubernetes" > "$scratch/up.log" 2>&1 || { cat "$scratch/up.log" >&2; exit 1; }
  crd_kubeconfig=$scratch/kubernetes/kubeconfig
fi
k() { timeout 60 kubectl --kubeconfig="$scratch/kubernetes/kubeconfig" "$@"; }

"$capstan" local --operator=false --ready_file="$scratch/ready" --provisioning_seconds=3 > "$scratch/local.log" 2>&1 &
stack=$!
wait_for 30 test -s "$scratch/ready" || finish
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$scratch/ready" "$1"; }
DIGITALOCEAN_API_URL=$(field digitalocean_url)
export DIGITALOCEAN_API_URL
token=$(field digitalocean_token)
clusters() { curl -fsS -H "Authorization: Bearer $token" "$DIGITALOCEAN_API_URL/v2/kubernetes/clusters" | python3 -c 'import json, sys; print(json.load(sys.stdin)["meta"]["total"])'; }
run() {
  "$capstan" run --kubeconfig="$scratch/kubernetes/kubeconfig" --create_settle=3s --leader_elect >> "$scratch/run.log" 2>&1 &
  operator=$!
}

k create namespace capstan-system > /dev/null
k create secret generic digitalocean-token --from-literal=token="$token" > /dev/null
# The operator waits for its CRD and says so.
run
wait_for 30 grep -q "cannot watch target=digitaloceanclusters.anutosh491.dev" "$scratch/run.log"
cel=--cel
[ "$mode" = oldest ] && cel=--no-cel  # kubectl asks this server, which does not know the rules yet
"$capstan" crds $cel > "$scratch/crd.yaml"
# Posted by hand: the aggregated CRD server has no core API, which newer kubectls ask for first.
crd_server=$(sed -n 's/.*server: "\(.*\)", cert.*/\1/p' "$crd_kubeconfig")
curl -fsSk -o /dev/null -H "Authorization: Bearer admintoken" -H "Content-Type: application/yaml" --data-binary @"$scratch/crd.yaml" \
  "$crd_server/apis/apiextensions.k8s.io/v1/customresourcedefinitions" || { fail "the CRD is refused"; finish; }
served() { k get doks; }
wait_for 60 served || finish

cluster() {
  k apply -f - > "$scratch/apply.log" 2>&1 << Y || { fail "apply $1"; cat "$scratch/apply.log" >&2; }
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: $1, namespace: default}
spec: {region: nyc1, version: latest, tokenSecret: digitalocean-token, nodePools: [{name: web, size: s-2vcpu-2gb, count: 2}]}
Y
}
ready() { [ "$(k get doks "$1" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = True ]; }

cluster first
wait_for 60 ready first || { tail -20 "$scratch/run.log" >&2; finish; }
[ -n "$(k get secret first-kubeconfig -o 'jsonpath={.data.kubeconfig}')" ] || fail "no kubeconfig in Secret first-kubeconfig"
[ "$(clusters)" = 1 ] || fail "not one cloud cluster but $(clusters)"

# Killed again and again while a second one is made.
cluster second
for _ in 1 2 3 4; do
  read -r -t 0.$((RANDOM % 5 + 1)) < <(:) || true
  kill -9 "$operator" 2> /dev/null; wait "$operator" 2> /dev/null
  run
done
wait_for 120 ready second || { tail -20 "$scratch/run.log" >&2; finish; }
[ "$(clusters)" = 2 ] || fail "not two cloud clusters but $(clusters)"

# A spec that no schema can refuse is told by the cloud, and heals.
cat > "$scratch/refused.yaml" << Y
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: refused, namespace: default}
spec: {region: nyc1, version: latest, tokenSecret: no-such-secret, nodePools: [{name: web, size: s-2vcpu-2gb, count: 1}]}
Y
k apply -f "$scratch/refused.yaml" > /dev/null
reason() { [ "$(k get doks "$1" -o 'jsonpath={.status.conditions[?(@.type=="Synced")].reason}')" = "$2" ]; }
wait_for 30 reason refused CredentialsMissing
sed 's/no-such-secret/digitalocean-token/' "$scratch/refused.yaml" | k apply -f - > /dev/null
wait_for 60 ready refused

k delete doks --all --timeout=90s > /dev/null || fail "the objects do not go"
[ "$(clusters)" = 0 ] || fail "cloud clusters are left: $(clusters)"
kill -TERM "$operator"; wait "$operator"; [ $? = 0 ] || fail "the operator does not end with 0 at SIGTERM"
! grep -q "$token" "$scratch/run.log" || fail "the token is in the log"
[ "$failures" = 0 ] || tail -40 "$scratch/run.log" >&2
finish
