#!/usr/bin/env bash
# `capstan versions`, `sizes` and `regions` list the cloud's offers, for people and for programs,
# and report errors in one sentence; `capstan plan` detects values that are not offered. A ReadOnly
# object refers to a cluster without changing it.
. "$(dirname "${BASH_SOURCE[0]}")/stack.sh"
start_stack
. "$scratch/environment"
json() { python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$scratch/out" "$1"; }
is() { [ "$(json "$1")" = "$2" ] || fail "$1 is $(json "$1"), not $2: $(cat "$scratch/out")"; }

# --- As a table by default, and explicitly.
expect 0 "$capstan" versions; prints "VALUE"; prints "KUBERNETES"; prints "-do."
expect 0 "$capstan" sizes; prints "MONTHLY-COST"; prints "VCPUS"; prints "s-2vcpu-2gb"
expect 0 "$capstan" sizes -o table; prints "s-2vcpu-2gb"
expect 0 "$capstan" regions; prints "nyc1"
# --- For programs.
expect 0 "$capstan" versions -o json
is 'd["items"][0]["plugin"], d["items"][0]["kind"]' "('digitalocean', 'DigitalOceanCluster')"
newest=$(json 'd["items"][0]["value"]')
is 'all(i["available"] for i in d["items"]) and len(d["items"]) > 1' True
expect 0 "$capstan" sizes -o json doks
is '[i["details"]["vcpus"] for i in d["items"] if i["value"] == "s-2vcpu-2gb"]' "[2]"
is '[i["details"]["monthlyCost"] > 0 for i in d["items"] if i["value"] == "s-2vcpu-2gb"]' "[True]"
expect 0 "$capstan" regions -o yaml DigitalOceanClusters; prints "items:"; prints "value: nyc1"
# --- With the credentials of an object.
secret=
cluster web
DIGITALOCEAN_ACCESS_TOKEN=$token expect 0 "$capstan" wait doks/web --timeout=90s -o json; is 'd["reached"], d["object"]["ready"]' "(True, 'True')"
k create secret generic its-token --from-literal="token=$token" > /dev/null
k patch doks web --type=merge -p '{"spec":{"tokenSecret":"its-token"}}' > /dev/null
DIGITALOCEAN_ACCESS_TOKEN=dop_v1_wrong expect 0 "$capstan" versions doks/web; prints "$newest"
expect 4 "$capstan" wait doks/web --for=deleted --timeout=1s -o yaml; prints "reached: false"; prints "name: web"

# --- A value that is not offered is detected before it is applied, and named.
cat > "$scratch/web2.yaml" << Y
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: web2}
spec:
  region: nyc1
  version: $newest
  nodePools:
  - {name: main, size: s-2vcpu-2gb, count: 2}
Y
expect 0 "$capstan" plan "$scratch/web2.yaml"; prints "1. create cluster"
for edit in "s/region: nyc1/region: mars1/ mars1" "s/version: .*/version: \"1.20\"/ 1.20" "s/s-2vcpu-2gb/s-1vcpu-1tb/ s-1vcpu-1tb"; do
  sed "${edit% *}" "$scratch/web2.yaml" > "$scratch/off.yaml"
  expect 0 "$capstan" plan "$scratch/off.yaml"; prints "${edit##* }"; prints "What no step can change"; prints_not "1. create cluster"
done

# --- A reference: status and kubeconfig; the cluster is unchanged.
id=$(make_cluster shared)
wait_for runs "$id"
before=$(cloud GET "/v2/kubernetes/clusters/$id")
cat > "$scratch/reference.yaml" << Y
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: reference}
spec: {managementPolicy: ReadOnly, adopt: {name: shared}}
Y
expect 0 "$capstan" plan --detailed-exitcode "$scratch/reference.yaml"
prints "managementPolicy is ReadOnly: cloud object $id is only observed"; prints "there is nothing to do"
sed 's/shared/nobody/' "$scratch/reference.yaml" > "$scratch/lost.yaml"
expect 3 "$capstan" plan --detailed-exitcode "$scratch/lost.yaml"; prints "refers to nobody, which the account does not have"
k apply -f "$scratch/reference.yaml" > "$scratch/apply.log" 2>&1 || { fail "apply"; cat "$scratch/apply.log" >&2; }
wait_for settled reference
[ "$(reason reference Synced)" = ReadOnly ] || fail "Synced is $(reason reference Synced)"
[ "$(k get doks reference -o 'jsonpath={.status.clusterID} {.status.region} {.status.nodes}')" = "$id fra1 3" ] || fail "status of a reference"
secret_there() { k get secret reference-kubeconfig -o 'jsonpath={.data.token}' | grep -q .; }
wait_for secret_there
expect 0 "$capstan" explain doks/reference; prints "$id"; prints "reference is ready"
[ -z "$(k get doks reference -o 'jsonpath={.metadata.finalizers}')" ] || fail "a reference has a finalizer"
k delete doks reference --timeout=30s > /dev/null || fail "a reference does not go"
[ "$(cloud GET "/v2/kubernetes/clusters/$id")" = "$before" ] || fail "the cluster was changed: $(cloud GET "/v2/kubernetes/clusters/$id")"

# --- Errors, one sentence each.
expect 2 "$capstan" versions doks other; one_line_saying "at most one KIND"
expect 2 "$capstan" sizes -o xml; one_line_saying "--output"
expect 2 "$capstan" regions --colour; one_line_saying "unknown flag --colour"
expect 1 "$capstan" versions droplets; one_line_saying 'no plugin serves the kind "droplets"; they serve: DigitalOceanCluster (doks)'
expect 1 "$capstan" versions doks/Not_A_Name; one_line_saying "Not_A_Name"
expect 1 "$capstan" versions doks/none; one_line_saying "there is no DigitalOceanCluster default/none"
DIGITALOCEAN_ACCESS_TOKEN='' expect 1 "$capstan" versions; one_line_saying "set DIGITALOCEAN_ACCESS_TOKEN, or name an object"
DIGITALOCEAN_ACCESS_TOKEN=dop_v1_wrong expect 1 "$capstan" sizes; one_line_saying "sizes: DigitalOceanCluster:"
! grep -q dop_v1_wrong "$scratch/err" || fail "the token is printed"
DIGITALOCEAN_API_URL=http://127.0.0.1:1 expect 1 "$capstan" regions; one_line_saying "regions: DigitalOceanCluster:"
mkdir "$scratch/plugins"
expect 1 "$capstan" versions --plugin-dir="$scratch/plugins"; one_line_saying "$scratch/plugins"
# A plugin without such lists says so in one sentence.
other=$(find "$(dirname "$capstan")/.." -name 'libcapstan_directory.so' | head -1)
if [ -n "$other" ]; then
  cp "$other" "$scratch/plugins/"
  expect 1 "$capstan" versions --plugin-dir="$scratch/plugins"; one_line_saying "no installed plugin has a list of versions"
fi
finish
