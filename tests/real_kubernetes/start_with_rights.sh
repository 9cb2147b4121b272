# Sourced by the tests of rights: a real server with deploy/ applied, a simulated DigitalOcean, and a kubeconfig that holds nothing but
# the ServiceAccount's token. Sets k, DIGITALOCEAN_API_URL and $scratch/kubeconfig.
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

request='{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["https://kubernetes.default.svc"]}}'
account_token=$(k create --raw /api/v1/namespaces/capstan-system/serviceaccounts/capstan/token -f <(echo "$request") |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["status"]["token"])')
sed "s/{token: admintoken}/{token: $account_token}/" "$scratch/kubernetes/kubeconfig" > "$scratch/kubeconfig"
served() { k get doks; }
wait_for 30 served || finish

cluster() { # cluster NAME [more of its spec]
  k apply -f - > /dev/null << Y || fail "apply $1"
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: $1, namespace: ${3:-default}}
spec: {region: nyc1, version: latest, tokenSecret: digitalocean-token, ${2:-}nodePools: [{name: web, size: s-2vcpu-2gb, count: 1}]}
Y
}
make_by_hand() { # NAME: as somebody would in DigitalOcean's control panel
  curl -fsS -o /dev/null -X POST -H "Authorization: Bearer $(field digitalocean_token)" -H "Content-Type: application/json" \
    -d "{\"name\":\"$1\",\"region\":\"nyc1\",\"version\":\"latest\",\"node_pools\":[{\"name\":\"web\",\"size\":\"s-2vcpu-2gb\",\"count\":1}]}" \
    "$DIGITALOCEAN_API_URL/v2/kubernetes/clusters" || fail "make $1 by hand"
}
condition() { k get doks -n "${3:-default}" "$1" -o "jsonpath={.status.conditions[?(@.type==\"$2\")].status}"; }
ready() { [ "$(condition "$1" Ready "${2:-default}")" = True ]; }
