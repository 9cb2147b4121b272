#!/usr/bin/env bash
# The operator lives with exactly the rights of deploy/: applied to a real server, run under its ServiceAccount's token.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh"
[ -n "${CAPSTAN_KUBERNETES_UP:-}" ] || { echo "skipped: CAPSTAN_KUBERNETES_UP is not set"; exit 77; }
deploy=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../deploy" && pwd)
cleanup() {
  kill -9 "${operator:-0}" "${stack:-0}" 2> /dev/null
  "$(dirname "$CAPSTAN_KUBERNETES_UP")/down" "$scratch/kubernetes" > /dev/null 2>&1
}
trap cleanup EXIT
"$CAPSTAN_KUBERNETES_UP" "$scratch/kubernetes" > "$scratch/up.log" 2>&1 || { cat "$scratch/up.log" >&2; exit 1; }
k() { timeout 60 kubectl --kubeconfig="$scratch/kubernetes/kubeconfig" "$@"; }
"$capstan" local --operator=false --ready_file="$scratch/ready" --provisioning_seconds=1 > "$scratch/local.log" 2>&1 &
stack=$!
wait_for 30 test -s "$scratch/ready" || finish
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$scratch/ready" "$1"; }
DIGITALOCEAN_API_URL=$(field digitalocean_url)
export DIGITALOCEAN_API_URL

for file in namespace service_account rbac; do k apply -f "$deploy/operator/$file.yaml" > /dev/null || { fail "apply $file.yaml"; finish; }; done
"$capstan" crds --no-cel | k apply -f - > /dev/null || { fail "the CRD is refused"; finish; }
k create secret generic digitalocean-token --from-literal=token="$(field digitalocean_token)" > /dev/null

# A token of the ServiceAccount, in a kubeconfig that has nothing else.
request='{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["https://kubernetes.default.svc"]}}'
account_token=$(k create --raw /api/v1/namespaces/capstan-system/serviceaccounts/capstan/token -f <(echo "$request") |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["status"]["token"])')
sed "s/{token: admintoken}/{token: $account_token}/" "$scratch/kubernetes/kubeconfig" > "$scratch/kubeconfig"
"$capstan" run --kubeconfig="$scratch/kubeconfig" --create_settle=2s --leader_elect > "$scratch/run.log" 2>&1 &
operator=$!
served() { k get doks; }
wait_for 30 served || finish
k apply -f - > /dev/null << Y || fail "apply"
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: humble, namespace: default}
spec: {region: nyc1, version: latest, tokenSecret: digitalocean-token, nodePools: [{name: web, size: s-2vcpu-2gb, count: 1}]}
Y
ready() { [ "$(k get doks humble -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = True ]; }
wait_for 60 ready
[ -n "$(k get secret humble-kubeconfig -o 'jsonpath={.data.kubeconfig}')" ] || fail "no kubeconfig Secret"
k get events | grep -q Available || fail "no event"
k delete doks humble --timeout=60s > /dev/null || fail "it does not go"
! grep -Eq "forbidden|permission_denied|403" "$scratch/run.log" || fail "a right is missing"
[ "$failures" = 0 ] || tail -30 "$scratch/run.log" >&2

# What it must not be able to do.
may() { k auth can-i "$@" --as=system:serviceaccount:capstan-system:capstan > /dev/null 2>&1; }
may list secrets -A && fail "it may list Secrets"
may delete digitaloceanclusters && fail "it may delete its own kinds"
may delete customresourcedefinitions && fail "it may delete CRDs"
may get secrets -n default || fail "it may not read Secrets by name"
finish
