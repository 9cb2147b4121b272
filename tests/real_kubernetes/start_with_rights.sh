# Sourced by the tests of permissions: a real server with deploy/ applied, a simulated DigitalOcean,
# and a kubeconfig with only the ServiceAccount's token: run's $scratch/kubeconfig; k is an
# administrator.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
. "$(dirname "${BASH_SOURCE[0]}")/real_server.sh"
deploy=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../deploy" && pwd)
start_kubernetes
admin=$scratch/kubernetes/kubeconfig
start_servers
export DIGITALOCEAN_API_URL=$cloud_url

for part in namespace operator; do k apply -k "$deploy/$part" > /dev/null || { fail "apply -k deploy/$part"; finish; }; done
"$capstan" crds --no-cel | k apply -f - > /dev/null || { fail "the CRD is refused"; finish; }
k create secret generic digitalocean-token --from-literal=token="$token" > /dev/null

request='{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["https://kubernetes.default.svc"]}}'
account_token=$(k create --raw /api/v1/namespaces/capstan-system/serviceaccounts/capstan/token -f <(echo "$request") |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["status"]["token"])')
sed "s/{token: admintoken}/{token: $account_token}/" "$admin" > "$scratch/kubeconfig"
served() { k get doks; }
wait_for served || finish
# may ARGUMENTS...: whether the operator has this permission. A server applies new permissions a
# moment after they were written.
may() { [ "$(k auth can-i "$@" --as=system:serviceaccount:capstan-system:capstan 2> /dev/null)" = yes ]; }
may_not() { [ "$(k auth can-i "$@" --as=system:serviceaccount:capstan-system:capstan 2> /dev/null)" = no ]; }
wait_for may list digitaloceanclusters.anutosh491.dev -A && wait_for may patch configmaps -n capstan-system || finish
# make_alike NAME: creates manually what cluster would create.
make_alike() { make_cluster "$1" web nyc1 s-2vcpu-2gb 1 > /dev/null || fail "make $1 by hand"; }

# What the operator was refused, but for two rights that deploy/ leaves out on purpose: it works
# without them, and says so. A plain 403 may also be a part of a duration.
refusals() {
  grep -Ev "did not create the operator's namespace|may not watch Secrets" "$scratch/run.log" | grep -E "forbidden|permission_denied|answered 403"
}
