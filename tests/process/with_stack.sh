# Sourced by the scripts beside it, after expect.sh: the embedded servers as a process of their own, and what is asked of them.
command -v kubectl > /dev/null || { echo "kubectl is needed; scripts/test.sh installs it" >&2; exit 1; }
unset KUBECONFIG DIGITALOCEAN_ACCESS_TOKEN DIGITALOCEAN_API_URL HTTPS_PROXY HTTP_PROXY https_proxy http_proxy
export HOME=$scratch
trap end_started EXIT # again, for a shell within the script
pause() { read -r -t "$1" < <(:) || sleep "$1"; }
k() { timeout 20 kubectl --kubeconfig="$scratch/kubeconfig" "$@"; }
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$scratch/ready" "$1"; }
# start_stack [FLAGS...]: sets $stack, $token and $cloud_url.
start_stack() {
  rm -f "$scratch/ready"
  "$capstan" local --operator=false --kubeconfig_out="$scratch/kubeconfig" --ready_file="$scratch/ready" --provisioning_seconds=1 "$@" \
    >> "$scratch/local.log" 2>&1 &
  stack=$!
  started+=("$stack")
  wait_for 30 test -s "$scratch/ready" || { cat "$scratch/local.log" >&2; finish; }
  token=$(field digitalocean_token)
  cloud_url=$(field digitalocean_url)
}
install() { # the CRD and the credentials
  k create namespace capstan-system > /dev/null
  "$capstan" crds | k apply -f - > /dev/null || { fail "apply the CRD"; finish; }
  k create secret generic digitalocean-token --from-literal=token="$token" > /dev/null
}
# run [FLAGS...]: the operator, logging to $scratch/run.log; sets $operator.
run() {
  "$capstan" run --kubeconfig="$scratch/kubeconfig" --leader_elect --create_settle=2s "$@" >> "$scratch/run.log" 2>&1 &
  operator=$!
  started+=("$operator")
}
cluster() { # NAME [SECRET]
  k apply -f - > /dev/null << Y || fail "apply $1"
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: $1, namespace: default}
spec: {region: nyc1, version: latest, tokenSecret: ${2:-digitalocean-token}, nodePools: [{name: web, size: s-2vcpu-2gb, count: 1}]}
Y
}
condition() { k get doks "$1" -o "jsonpath={.status.conditions[?(@.type==\"$2\")].status}"; }
ready() { [ "$(condition "$1" Ready)" = True ]; }
clusters() {
  curl -fsS -H "Authorization: Bearer $token" "$cloud_url/v2/kubernetes/clusters" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["meta"]["total"])'
}
holder() { k get lease -n capstan-system capstan -o 'jsonpath={.spec.holderIdentity}'; }
