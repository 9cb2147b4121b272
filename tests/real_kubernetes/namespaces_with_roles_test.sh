#!/usr/bin/env bash
# --namespaces works with Roles alone: the same rules in one namespace, nothing for the whole
# cluster except the uid of kube-system.
. "$(dirname "${BASH_SOURCE[0]}")/start_with_rights.sh"

k create namespace team-a > /dev/null
k create secret generic digitalocean-token -n team-a --from-literal=token="$token" > /dev/null
# The ClusterRole stays as a list of rules; it is bound in one namespace only.
k delete clusterrolebinding capstan > /dev/null
k create rolebinding capstan -n team-a --clusterrole=capstan --serviceaccount=capstan-system:capstan > /dev/null
wait_for may_not list digitaloceanclusters.anutosh491.dev -A
wait_for may list digitaloceanclusters.anutosh491.dev -n team-a
run --noleader-elect --create-settle=1s --namespaces=team-a --owner-id=team-a-operator
cluster inside "" team-a
cluster outside "" default
wait_for ready inside team-a || tail -10 "$scratch/run.log" >&2
[ -z "$(condition outside Synced default)" ] || fail "it worked on an object of another namespace"
make_alike found
cluster found "adopt: {name: found}, managementPolicy: Full, " team-a
wait_for ready found team-a || { k get doks found -n team-a -o yaml >&2; tail -10 "$scratch/run.log" >&2; }
k delete doks found -n team-a --timeout=90s > /dev/null || fail "the adopting object does not go"
k delete doks inside -n team-a --timeout=90s > /dev/null || { fail "it does not go"; tail -10 "$scratch/run.log" >&2; }
# Keeping clusters when the CRD is deleted does not even require permission to read the CRD.
may get customresourcedefinitions.apiextensions.k8s.io && fail "it may look at CRDs"
cluster stays "" team-a
wait_for ready stays team-a || tail -10 "$scratch/run.log" >&2
before=$(clusters)
k delete crd digitaloceanclusters.anutosh491.dev --wait=false > /dev/null
told() { [ "$(reason stays Synced team-a)" = CRDDeleted ]; }
wait_for told || { k get doks stays -n team-a -o yaml >&2; tail -10 "$scratch/run.log" >&2; }
[ "$(clusters)" = "$before" ] || fail "the cluster is deleted with the CRD"
k annotate doks stays -n team-a "capstan.dev/abandon=$(k get doks stays -n team-a -o 'jsonpath={.metadata.uid}')" > /dev/null
wait_for gone stays team-a || fail "the object does not go when its cluster is abandoned"
[ "$(clusters)" = "$before" ] || fail "the abandoned cluster is deleted"
# The token is no longer needed: it can be deleted.
held=$(k get secret digitalocean-token -n team-a -o 'jsonpath={.metadata.finalizers}')
[ -z "$held" ] || fail "the Secret is still held: $held"
finish
