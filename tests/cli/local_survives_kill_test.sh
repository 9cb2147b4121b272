#!/usr/bin/env bash
# With a data folder, objects and clouds are there again after kill -9; the ready file is whole; Ctrl-C ends it within 5 s.
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
command -v kubectl > /dev/null || { echo "kubectl is needed; scripts/test.sh installs it" >&2; exit 1; }

start() {
  rm -f "$scratch/ready"
  "$capstan" local --data_dir="$scratch/data" --kubeconfig_out="$scratch/kubeconfig" --ready_file="$scratch/ready" \
    --provisioning_seconds=1 > "$scratch/local.out" 2> "$scratch/local.err" &
  pid=$!
  wait_for 20 test -s "$scratch/ready" || { cat "$scratch/local.err" >&2; finish; }
}
trap 'kill -9 $pid 2> /dev/null' EXIT
k() { timeout 20 kubectl --kubeconfig="$scratch/kubeconfig" "$@"; }

start
python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); assert d["kubeconfig"].endswith("/kubeconfig") and d["digitalocean_url"].startswith("http://127.0.0.1:") and d["digitalocean_token"]' "$scratch/ready" || fail "the ready file"
wait_for 20 k get crd digitaloceanclusters.anutosh491.dev
k apply -f - > "$scratch/apply.out" 2>&1 << Y || { fail "kubectl apply"; cat "$scratch/apply.out" >&2; }
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: kept}
spec: {region: nyc1, version: latest, nodePools: [{name: web, size: s-2vcpu-2gb, count: 1}]}
Y
ready() { [ "$(k get doks kept -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = True ]; }
wait_for 40 ready
id=$(k get doks kept -o 'jsonpath={.status.clusterID}')
uid=$(k get doks kept -o 'jsonpath={.metadata.uid}')
kill -9 "$pid"; wait "$pid" 2> /dev/null

start
[ "$(k get doks kept -o 'jsonpath={.metadata.uid}')" = "$uid" ] || fail "the object is not the same after kill -9"
url=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["digitalocean_url"])' "$scratch/ready")
token=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["digitalocean_token"])' "$scratch/ready")
curl -fsS -H "Authorization: Bearer $token" "$url/v2/kubernetes/clusters/$id" | grep -q "$id" || fail "the cloud lost cluster $id"
curl -fsS -H "Authorization: Bearer $token" "$url/v2/kubernetes/clusters" | python3 -c 'import json, sys; assert json.load(sys.stdin)["meta"]["total"] == 1' || fail "not exactly one cluster"
k delete doks kept --timeout=30s > /dev/null || fail "delete after the restart"
[ "$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$url/v2/kubernetes/clusters/$id")" = 404 ] || fail "the cluster is still there"

began=$SECONDS
kill -INT "$pid"
wait "$pid"
status=$?
[ "$status" = 0 ] || fail "exit status $status after Ctrl-C"
[ $((SECONDS - began)) -le 5 ] || fail "Ctrl-C took $((SECONDS - began)) s"
! grep -q "$token" "$scratch/local.out" "$scratch/local.err" || fail "the token is in the output"
finish
