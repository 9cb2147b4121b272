#!/usr/bin/env bash
# One file connects another terminal to the local stack: kubectl finds the API server, `capstan
# plan` the simulated DigitalOcean.
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
command -v kubectl > /dev/null || { echo "kubectl is needed; scripts/test.sh installs it" >&2; exit 1; }
trap 'kill -9 "${pid:-}" 2> /dev/null' EXIT
unset KUBECONFIG DIGITALOCEAN_ACCESS_TOKEN DIGITALOCEAN_API_URL
export HOME=$scratch
mkdir "$scratch/captain's folder"
file="$scratch/captain's folder/environment"
"$capstan" local --environment-out="$file" --provisioning-seconds=1 > "$scratch/local.out" 2> "$scratch/local.err" &
pid=$!
wait_for test -s "$file" || { cat "$scratch/local.err" >&2; finish; }
[ "$(stat -c %a "$file")" = 600 ] || fail "others can read $file"
wait_for grep -q "^for other terminals" "$scratch/local.out"
eval "$(sed -n 's/^for other terminals *//p' "$scratch/local.out")"
[ "$(stat -c %a "$KUBECONFIG")" = 600 ] || fail "others can read $KUBECONFIG"
wait_for kubectl get crd digitaloceanclusters.anutosh491.dev
kubectl apply -f - > "$scratch/apply.out" << Y || fail "kubectl apply"
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: seen}
spec: {region: nyc1, version: latest, nodePools: [{name: web, size: s-2vcpu-2gb, count: 1}]}
Y
expect 0 kubectl wait --for=condition=Synced --timeout=90s doks/seen
expect 0 "$capstan" plan doks/seen
prints "there is nothing to do"
! grep -qF "$DIGITALOCEAN_ACCESS_TOKEN" "$scratch/local.out" "$scratch/local.err" || fail "the token is in the output"
expect 1 "$capstan" local --environment-out="$scratch/none/environment"
one_line_saying "$scratch/none"
finish
