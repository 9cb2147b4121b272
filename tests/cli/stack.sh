# Sourced instead of expect.sh: the local stack as a separate process, an operator next to it, and
# users' requests to them.
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
command -v kubectl > /dev/null || { echo "kubectl is needed; scripts/test.sh installs it" >&2; exit 1; }
unset KUBECONFIG DIGITALOCEAN_ACCESS_TOKEN DIGITALOCEAN_API_URL HTTPS_PROXY HTTP_PROXY https_proxy http_proxy
export XDG_CACHE_HOME=${XDG_CACHE_HOME:-$HOME/.cache} HOME=$scratch
pause() { read -r -t "$1" < <(:) || sleep "$1"; }

# ---- Servers and operators.
# start_servers [FLAGS...]: without an operator. Sets $stack (its process), $token and $cloud_url;
# its kubeconfig is $scratch/kubeconfig.
start_servers() {
  rm -f "$scratch/ready"
  "$capstan" local --operator=false --kubeconfig-out="$scratch/kubeconfig" --ready-file="$scratch/ready" --provisioning-seconds=1 "$@" \
    >> "$scratch/local.log" 2>&1 &
  stack=$!
  started+=("$stack")
  wait_for 30 test -s "$scratch/ready" || { cat "$scratch/local.log" >&2; finish; }
  token=$(field digitalocean_token)
  cloud_url=$(field digitalocean_url)
}
# start_stack [FLAGS...]: also starts an operator, and returns once its kind is served;
# $scratch/environment connects another shell to both.
start_stack() {
  start_servers --operator --environment-out="$scratch/environment" "$@"
  wait_for 30 k get crd digitaloceanclusters.anutosh491.dev || { cat "$scratch/local.log" >&2; finish; }
}
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$scratch/ready" "$1"; }
install() { # the CRD and the credentials
  k create namespace capstan-system > /dev/null
  "$capstan" crds | k apply -f - > /dev/null || { fail "apply the CRD"; finish; }
  k create secret generic digitalocean-token --from-literal=token="$token" > /dev/null
}
# run [FLAGS...]: the operator, logging to $scratch/run.log; sets $operator.
run() {
  "$capstan" run --kubeconfig="$scratch/kubeconfig" --leader-elect --create-settle=2s "$@" >> "$scratch/run.log" 2>&1 &
  operator=$!
  started+=("$operator")
}

# ---- Kubernetes: requests of a script to the server of $admin.
k() { timeout 120 kubectl --kubeconfig="${admin:-$scratch/kubeconfig}" "$@"; }
# cluster NAME [MORE OF ITS SPEC] [NAMESPACE]: uses the credentials in the Secret that $secret
# names.
secret=digitalocean-token
cluster() {
  k apply -f - > "$scratch/apply.log" 2>&1 << Y || { fail "apply $1"; cat "$scratch/apply.log" >&2; }
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: $1, namespace: ${3:-default}}
spec: {region: nyc1, version: latest, ${secret:+tokenSecret: $secret, }${2:-}nodePools: [{name: web, size: s-2vcpu-2gb, count: 1}]}
Y
}
# NAME TYPE [NAMESPACE]
condition() { k get doks "$1" -n "${3:-default}" -o "jsonpath={.status.conditions[?(@.type==\"$2\")].status}"; }
reason() { k get doks "$1" -n "${3:-default}" -o "jsonpath={.status.conditions[?(@.type==\"$2\")].reason}"; }
# NAME [NAMESPACE]
ready() { [ "$(condition "$1" Ready "${2:-default}")" = True ]; }
settled() { ready "$@" && [ "$(condition "$1" Synced "${2:-default}")" = True ]; }
# watching NAME FILE: writes every later change of an object to $scratch/FILE; its process is
# $watching.
watching() {
  timeout 600 kubectl --kubeconfig="${admin:-$scratch/kubeconfig}" get doks "$1" -w -o json -v=6 > "$scratch/$2" 2> "$scratch/$2.log" &
  watching=$!
  started+=("$watching")
  wait_for grep -Eq 'watch=true.*200' "$scratch/$2.log"
}
gone() { ! k get doks "$1" -n "${2:-default}" > /dev/null 2>&1; }
holder() { k get lease -n capstan-system capstan -o 'jsonpath={.spec.holderIdentity}'; }

# ---- DigitalOcean, as any holder of the token.
cloud() { # METHOD PATH [BODY]
  curl -fsS -X "$1" -H "Authorization: Bearer $token" -H "Content-Type: application/json" "$cloud_url$2" ${3:+-d "$3"}
}
at() { # PYTHON EXPRESSION of `d`, JSON on standard input
  python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"
}
clusters() { cloud GET /v2/kubernetes/clusters | at "d['meta']['total']"; }
# make_cluster NAME [POOL REGION SIZE COUNT]: like a user in DigitalOcean's control panel; prints
# its id.
make_cluster() {
  cloud POST /v2/kubernetes/clusters "{\"name\":\"$1\",\"region\":\"${3:-fra1}\",\"version\":\"latest\",
    \"node_pools\":[{\"name\":\"${2:-web}\",\"size\":\"${4:-s-2vcpu-4gb}\",\"count\":${5:-3}}]}" | at "d['kubernetes_cluster']['id']"
}
runs() { [ "$(cloud GET "/v2/kubernetes/clusters/$1" | at "d['kubernetes_cluster']['status']['state']")" = running ]; }
