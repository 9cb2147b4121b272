#!/usr/bin/env bash
# `capstan plan` shows what the operator would do, sends only reads, and reports errors in one
# sentence.
. "$(dirname "${BASH_SOURCE[0]}")/stack.sh"
start_stack
shown() { cloud GET /v2/kubernetes/clusters; }
# Requests to both servers go through recording proxies.
serve kubernetes recording_proxy "$(field server)" "$scratch/kubernetes.requests"
sed -e "s|server: .*|server: http://$address|" -e /certificate-authority-data/d "$scratch/kubeconfig" > "$scratch/by-proxy"
serve cloud recording_proxy "$cloud_url" "$scratch/cloud.requests"
export DIGITALOCEAN_API_URL=http://$address
plan=("$capstan" plan --kubeconfig="$scratch/by-proxy")
json() { python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$scratch/out" "$1"; }
is() { [ "$(json "$1")" = "$2" ] || fail "$1 is $(json "$1"), not $2: $(cat "$scratch/out")"; }

file=$scratch/web.yaml
cat > "$file" << Y
# The file that a user is about to apply.
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata:
  name: web
spec:
  region: nyc1
  version: latest
  nodePools:
  - {name: main, size: s-2vcpu-2gb, count: 2}
Y
before=$(shown)

# --- Before the object exists: credentials, then the creation.
expect 1 "${plan[@]}" "$file"; one_line_saying "DIGITALOCEAN_ACCESS_TOKEN"
export DIGITALOCEAN_ACCESS_TOKEN=$token
expect 0 "${plan[@]}" "$file"; prints "DigitalOceanCluster default/web: nothing exists yet"; prints "1. create"
expect 3 "${plan[@]}" --detailed-exitcode - < "$file"; prints "1. create"
expect 0 "${plan[@]}" -o json -n default "$file"
is 'd["plans"][0]["name"]' web; is 'd["plans"][0]["changes"]' True; is 'd["plans"][0]["plan"]["steps"][0]["verb"]' create
[ "$(shown)" = "$before" ] || fail "planning changed the cloud"
! k get doks web > /dev/null 2>&1 || fail "planning changed the cluster"

# --- Two documents, including a Secret, and a name that is taken.
cloud POST /v2/kubernetes/clusters '{"name":"taken","region":"nyc1","version":"latest","node_pools":[{"name":"x","size":"s-2vcpu-2gb","count":1}]}' > "$scratch/made"
cat > "$scratch/two.yaml" << Y
apiVersion: v1
kind: Secret
metadata: {name: new-token}
stringData: {token: "$token"}
---
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: taken}
spec: {region: nyc1, version: latest, tokenSecret: new-token, nodePools: [{name: web, size: s-2vcpu-2gb, count: 1}]}
---
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: free}
spec: {region: nyc1, version: latest, tokenSecret: new-token, nodePools: [{name: web, size: s-2vcpu-2gb, count: 1}]}
Y
expect 0 "${plan[@]}" "$scratch/two.yaml"
prints "DigitalOceanCluster default/taken"; prints "already, and it is not this object's"; prints "DigitalOceanCluster default/free"
sed 's/name: taken/name: adopted/; s/{region: nyc1/{adopt: {name: taken}, region: nyc1/' "$scratch/two.yaml" > "$scratch/adopt.yaml"
expect 0 "${plan[@]}" "$scratch/adopt.yaml"; prints "adopted first"

# --- An object in the cluster, by all its names; nothing to do, then an edit that is about to be
# applied.
k apply -f "$file" > /dev/null || fail "apply"
ready() { [ "$(k get doks web -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = True ]; }
synced() { [ "$(k get doks web -o 'jsonpath={.status.conditions[?(@.type=="Synced")].status}')" = True ]; }
wait_for ready; wait_for synced
for name in doks/web digitaloceancluster/web DigitalOceanClusters/web digitaloceanclusters.anutosh491.dev/web; do
  expect 0 "${plan[@]}" --detailed-exitcode "$name"; prints "nothing to do"
done
sed 's/count: 2/count: 4/' "$file" > "$scratch/more.yaml"
expect 3 "${plan[@]}" --detailed-exitcode "$scratch/more.yaml"; prints "spec.nodePools"; prints "4"
expect 0 "${plan[@]}" --detailed-exitcode "$file"; prints "nothing to do"
sed 's/count: 2/count: 1/' "$file" > "$scratch/fewer.yaml"
expect 0 "${plan[@]}" "$scratch/fewer.yaml"; prints "destroys"; prints "kubectl annotate doks/web -n default --overwrite capstan.dev/approve="
hash=$(sed -n 's/.*capstan.dev\/approve=\([0-9a-f]*\)$/\1/p' "$scratch/out" | tail -1)
# The operator waits for the same hash.
k apply -f "$scratch/fewer.yaml" > /dev/null
waits() { k get doks web -o 'jsonpath={.status.conditions[?(@.type=="Synced")].message}' | grep -q "capstan.dev/approve=$hash"; }
wait_for waits
k annotate doks/web -n default --overwrite "capstan.dev/approve=$hash" > /dev/null
expect 0 "${plan[@]}" doks/web
wait_for synced
expect 0 "${plan[@]}" --detailed-exitcode doks/web; prints "nothing to do"

# --- Refusals by the server are reported before the apply.
sed 's/count: 2/count: -1/' "$file" > "$scratch/bad.yaml"
expect 1 "${plan[@]}" "$scratch/bad.yaml"; one_line_saying "spec.nodePools[0].count"
sed 's/region: nyc1/region: fra1/' "$file" > "$scratch/bad.yaml"
expect 1 "${plan[@]}" "$scratch/bad.yaml"; one_line_saying "region"
sed 's/version: latest/versoin: latest/' "$file" > "$scratch/bad.yaml"
expect 1 "${plan[@]}" "$scratch/bad.yaml"; one_line_saying "spec.versoin"

# --- Errors, one sentence each.
expect 2 "$capstan" plan; one_line_saying "FILE or KIND/NAME"
expect 2 "${plan[@]}" doks/web doks/other; one_line_saying "FILE or KIND/NAME"
expect 2 "${plan[@]}" -o xml doks/web; one_line_saying "--output"
expect 0 "${plan[@]}" -o yaml doks/web; prints "plans:"; prints "name: web"
expect 2 "${plan[@]}" -n Not_A_Name doks/web; one_line_saying "Not_A_Name"
expect 2 "${plan[@]}" --colour doks/web; one_line_saying "unknown flag --colour"
expect 1 "${plan[@]}" droplet/web; one_line_saying 'no plugin serves the kind "droplet"; they serve: DigitalOceanCluster (doks)'
expect 1 "${plan[@]}" doks/none; one_line_saying "there is no DigitalOceanCluster default/none"
expect 1 "${plan[@]}" -n elsewhere doks/web; one_line_saying "elsewhere/web"
expect 1 "${plan[@]}" "$scratch/none.yaml"; one_line_saying "there is no file $scratch/none.yaml"
expect 1 "${plan[@]}" "$scratch"; one_line_saying "$scratch"
printf 'a: [unclosed\n' > "$scratch/bad.yaml"
expect 1 "${plan[@]}" "$scratch/bad.yaml"; one_line_saying "neither YAML nor JSON"
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' > "$scratch/bad.yaml"
expect 1 "${plan[@]}" "$scratch/bad.yaml"; one_line_saying "holds no object of a kind that a plugin serves"
expect 1 "${plan[@]}" - < /dev/null; one_line_saying "standard input holds no object"
expect 0 "${plan[@]}" -n other "$scratch/two.yaml"; prints "DigitalOceanCluster other/free"
printf 'apiVersion: anutosh491.dev/v1alpha1\nkind: DigitalOceanCluster\nmetadata: {name: a, namespace: b}\nspec: {}\n' > "$scratch/bad.yaml"
expect 1 "${plan[@]}" -n c "$scratch/bad.yaml"; one_line_saying "is for namespace b"
sed 's/region: nyc1/tokenSecret: no-such\n  region: nyc1/; s/name: web/name: b/' "$file" > "$scratch/bad.yaml"
expect 1 "${plan[@]}" "$scratch/bad.yaml"; one_line_saying "Secret default/no-such"
DIGITALOCEAN_ACCESS_TOKEN=dop_v1_wrong expect 1 "${plan[@]}" "$scratch/more.yaml"; one_line_saying "web"
! grep -q dop_v1_wrong "$scratch/err" || fail "the token is printed"
expect 1 "$capstan" plan --kubeconfig="$scratch/no-kubeconfig" doks/web; one_line_saying "$scratch/no-kubeconfig"
expect 1 "$capstan" plan doks/web; one_line_saying "kubeconfig"
mkdir "$scratch/plugins"
expect 1 "${plan[@]}" --plugin-dir="$scratch/plugins" doks/web; one_line_saying "$scratch/plugins"

# --- Another account's credentials.
curl -fsSk -o /dev/null -X PATCH -H "Authorization: Bearer $(sed -n 's/^ *token: //p' "$scratch/kubeconfig")" -H "Content-Type: application/merge-patch+json" \
  -d '{"status":{"external":{"account":"somebody-elses"}}}' \
  "$(field server)/apis/anutosh491.dev/v1alpha1/namespaces/default/digitaloceanclusters/web/status" || fail "patch the status"
expect 1 "${plan[@]}" doks/web; one_line_saying "somebody-elses"

# --- Only reads, to both sides.
[ -s "$scratch/cloud.requests" ] && [ -s "$scratch/kubernetes.requests" ] || fail "the proxies were not asked"
! grep -v '^GET ' "$scratch/cloud.requests" || fail "the cloud was asked to change something"
! grep -v '^GET ' "$scratch/kubernetes.requests" || fail "Kubernetes was asked to change something"
finish
