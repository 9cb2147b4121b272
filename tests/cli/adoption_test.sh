#!/usr/bin/env bash
# Adoption from a user's perspective: an existing cluster is adopted by its id and by its name,
# observed without changes, and changed only on request; deleting the object keeps it. Then
# approvals: an annotation approves a rolling replacement, and resources created by a cluster are
# shown before they are deleted with it.
. "$(dirname "${BASH_SOURCE[0]}")/stack.sh"
start_stack
apply() { k apply -f - > "$scratch/apply.log" 2>&1 || { fail "apply"; cat "$scratch/apply.log" >&2; }; }
seen() { cloud GET "/v2/kubernetes/clusters/$1" | at "d['kubernetes_cluster']$2"; }
object() { k get doks "$1" -o json | at "$2"; }
tagged() { seen "$1" "['tags']" | grep -q "capstan:$(k get doks "$2" -o 'jsonpath={.metadata.uid}')"; }
# Everything about a cluster except its tags and times.
shape() { cloud GET "/v2/kubernetes/clusters/$1" | at "[(p['name'], p['size'], p['count']) for p in d['kubernetes_cluster']['node_pools']] + [d['kubernetes_cluster'][f] for f in ('name', 'version', 'region', 'ha', 'auto_upgrade', 'surge_upgrade')]"; }

# --- By id: tagged, compared, and otherwise unchanged.
id=$(make_cluster by-hand)
wait_for runs "$id"
before=$(shape "$id")
apply << Y
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: one}
spec:
  adopt: {clusterID: $id}
  name: by-hand
  region: fra1
  version: latest
  nodePools: [{name: web, size: s-2vcpu-4gb, count: 4}]
Y
wait_for tagged "$id" one || { k describe doks one >&2; finish; }
recorded() { [ "$(k get doks one -o 'jsonpath={.status.clusterID}')" = "$id" ]; }
wait_for recorded
# Its properties are shown, however it was created.
for field in region:fra1 name:by-hand nodePools[0].nodes[0].state:running; do
  [ "$(k get doks one -o "jsonpath={.status.${field%:*}}")" = "${field##*:}" ] || fail "status.${field%:*} is not ${field##*:}: $(k get doks one -o 'jsonpath={.status}')"
done
for field in urn ha tags createdAt updatedAt 'nodePools[0].nodes[0].dropletID' 'nodePools[0].nodes[0].id'; do
  [ -n "$(k get doks one -o "jsonpath={.status.$field}")" ] || fail "status.$field is missing: $(k get doks one -o 'jsonpath={.status}')"
done
k get doks one | grep -q fra1 || fail "kubectl get shows no REGION of an adopted cluster"
keys() { k get secret one-kubeconfig -o json | at "sorted(d['data'])"; }
filled() { [ "$(keys)" = "['certificate-authority-data', 'expiry', 'host', 'kubeconfig', 'token']" ]; }
wait_for filled || fail "keys of the connection Secret: $(keys)"
planned() { [ "$(object one "len(d['status'].get('plan', {}).get('steps', []))")" -gt 0 ]; }
wait_for planned || { k get doks one -o yaml >&2; finish; }
object one "d['status']['plan']['differences']" | grep -q "count" || fail "the plan does not say that count differs: $(object one "d['status']['plan']")"
[ "$(shape "$id")" = "$before" ] || fail "the adopted cluster was changed: $(shape "$id")"
[ "$(clusters)" = 1 ] || fail "adoption made a cluster"
# A second object cannot adopt it too.
apply << Y
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: two}
spec: {adopt: {name: by-hand}, region: fra1, version: latest, nodePools: [{name: web, size: s-2vcpu-4gb, count: 1}]}
Y
refused() { [ "$(condition two Synced)" = False ] && [ -z "$(k get doks two -o 'jsonpath={.status.clusterID}')" ]; }
wait_for refused
k get doks two -o 'jsonpath={.status.conditions[?(@.type=="Synced")].message}' | grep -q "default/one" || fail "the second is not told who has it: $(k get doks two -o 'jsonpath={.status.conditions}')"
k delete doks two --timeout=90s > /dev/null || fail "the second does not go"
tagged "$id" one || fail "the second took the tag away"

# --- Full: the plan is applied.
k patch doks one --type=merge -p '{"spec":{"managementPolicy":"Full"}}' > /dev/null || fail "patch"
grown() { [ "$(seen "$id" "['node_pools'][0]['count']")" = 4 ]; }
wait_for grown || k get doks one -o yaml >&2
wait_for settled one
# --- Deleted: the cluster stays, and can be adopted again.
k delete doks one --timeout=90s > /dev/null || { fail "the object does not go"; k get doks one -o yaml >&2; }
[ "$(clusters)" = 1 ] || fail "the adopted cluster went with its object"
apply << Y
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: again}
spec:
  adopt: {name: by-hand}
  managementPolicy: Full
  deletionPolicy: Delete
  name: by-hand
  region: fra1
  version: latest
  nodePools: [{name: web, size: s-2vcpu-4gb, count: 4}]
Y
wait_for settled again || { k get doks again -o yaml >&2; finish; }
tagged "$id" again || fail "it was not adopted again by its name"

# --- A rolling replacement, approved by the annotation.
pool() { seen "$id" "['node_pools'][0]['$1']"; }
former=$(pool id)
k patch doks again --type=merge -p '{"spec":{"nodePools":[{"name":"web","size":"s-4vcpu-8gb","count":4}]}}' > /dev/null
asks() { [ "$(reason again Synced)" = ApprovalNeeded ]; }
wait_for asks || k get doks again -o yaml >&2
[ "$(pool id)" = "$former" ] && [ "$(seen "$id" "['node_pools'].__len__()")" = 1 ] || fail "the replacement began before it was approved"
hash=$(object again "d['status']['plan']['hash']")
k annotate doks again "capstan.dev/approve=$hash" > /dev/null
replaced() { [ "$(seen "$id" "['node_pools'].__len__()")" = 1 ] && [ "$(pool id)" != "$former" ] && [ "$(pool size)" = s-4vcpu-8gb ]; }
wait_for replaced || k get doks again -o yaml >&2
wait_for settled again

# --- Resources that it created are shown before they are deleted with it.
associated=$(cloud POST "/by-hand/clusters/$id/associated" '{"kind":"load_balancer","name":"ingress"}' | at "d['id']")
kept=$(cloud POST "/by-hand/clusters/$id/associated" '{"kind":"volume","name":"data"}' | at "d['id']")
k patch doks again --type=merge -p '{"spec":{"associatedResources":{"loadBalancers":true}}}' > "$scratch/out" 2>&1 || { fail "patch"; cat "$scratch/out" >&2; }
watching again said
k delete doks again --timeout=90s > /dev/null || { fail "it does not go"; k get doks again -o yaml >&2; }
[ "$(clusters)" = 0 ] || fail "the cluster is left, though deletionPolicy is Delete"
cat > "$scratch/shown.py" << 'P'
import json, sys
text, decoder, lists = open(sys.argv[1]).read().strip(), json.JSONDecoder(), []
while text:
    item, end = decoder.raw_decode(text)
    lists.append({a["id"]: a.get("goes", False) for a in item["status"].get("associatedResources", [])})
    text = text[end:].strip()
sys.exit(0 if {sys.argv[2]: True, sys.argv[3]: False} in lists else 1)
P
shown() { python3 "$scratch/shown.py" "$scratch/said" "$associated" "$kept"; } # the watch may be slightly behind
wait_for shown || fail "what goes was not shown before it went"
kill "$watching" 2> /dev/null; wait "$watching" 2> /dev/null
finish
