# Sourced by the tests beside it: bash x_test.sh PROGRAM SCRATCH_FOLDER SOURCE_FOLDER. Starts the local stack and gives: k ARGUMENTS...
# (kubectl), cloud METHOD PATH [BODY], clusters, condition NAME TYPE, ready NAME, gone NAME.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh"
sources=${3:-}
command -v kubectl > /dev/null || { echo "kubectl is needed; scripts/test.sh installs it" >&2; exit 1; }
trap 'kill -9 ${stack:-0} 2> /dev/null' EXIT
unset KUBECONFIG DIGITALOCEAN_ACCESS_TOKEN DIGITALOCEAN_API_URL
export HOME=$scratch
k() { timeout 30 kubectl --kubeconfig="$scratch/kubeconfig" "$@"; }
start_stack() {
  "$capstan" local --kubeconfig_out="$scratch/kubeconfig" --environment_out="$scratch/environment" --ready_file="$scratch/ready" --provisioning_seconds=1 > "$scratch/local.log" 2>&1 &
  stack=$!
  wait_for 30 test -s "$scratch/ready" || { cat "$scratch/local.log" >&2; finish; }
  wait_for 30 k get crd digitaloceanclusters.anutosh491.dev || finish
}
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$scratch/ready" "$1"; }
cloud() {
  curl -fsS -X "$1" -H "Authorization: Bearer $(field digitalocean_token)" -H "Content-Type: application/json" "$(field digitalocean_url)$2" ${3:+-d "$3"}
}
clusters() { cloud GET /v2/kubernetes/clusters | python3 -c 'import json, sys; print(json.load(sys.stdin)["meta"]["total"])'; }
# make_cluster NAME [POOL]: as somebody would in DigitalOcean's control panel; prints its id.
make_cluster() {
  cloud POST /v2/kubernetes/clusters "{\"name\":\"$1\",\"region\":\"fra1\",\"version\":\"latest\",\"node_pools\":[{\"name\":\"${2:-web}\",\"size\":\"s-2vcpu-4gb\",\"count\":3}]}" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["kubernetes_cluster"]["id"])'
}
runs() { [ "$(cloud GET "/v2/kubernetes/clusters/$1" | python3 -c 'import json, sys; print(json.load(sys.stdin)["kubernetes_cluster"]["status"]["state"])')" = running ]; }
condition() { k get doks "$1" -o "jsonpath={.status.conditions[?(@.type==\"$2\")].status}"; }
reason() { k get doks "$1" -o "jsonpath={.status.conditions[?(@.type==\"$2\")].reason}"; }
ready() { [ "$(condition "$1" Ready)" = True ]; }
settled() { [ "$(condition "$1" Ready)" = True ] && [ "$(condition "$1" Synced)" = True ]; }
gone() { ! k get doks "$1" > /dev/null 2>&1; }
