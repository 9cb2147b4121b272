#!/usr/bin/env bash
# --namespaces works with Roles alone: the same rules in one namespace, nothing for the whole cluster but the uid of kube-system.
. "$(dirname "${BASH_SOURCE[0]}")/start_with_rights.sh"

k create namespace team-a > /dev/null
k create secret generic digitalocean-token -n team-a --from-literal=token="$token" > /dev/null
# The ClusterRole stays as a list of rules; it is bound in one namespace only.
k delete clusterrolebinding capstan > /dev/null
k create rolebinding capstan -n team-a --clusterrole=capstan --serviceaccount=capstan-system:capstan > /dev/null
wait_for may_not list digitaloceanclusters.anutosh491.dev -A
wait_for may list digitaloceanclusters.anutosh491.dev -n team-a
run --noleader_elect --create_settle=1s --namespaces=team-a --owner_id=team-a-operator
cluster inside "" team-a
cluster outside "" default
wait_for ready inside team-a || tail -10 "$scratch/run.log" >&2
[ -z "$(condition outside Synced default)" ] || fail "it worked on an object of another namespace"
make_alike found
cluster found "adopt: {name: found}, managementPolicy: Full, " team-a
wait_for ready found team-a || { k get doks found -n team-a -o yaml >&2; tail -10 "$scratch/run.log" >&2; }
k delete doks found -n team-a --timeout=90s > /dev/null || fail "the adopting object does not go"
k delete doks inside -n team-a --timeout=90s > /dev/null || { fail "it does not go"; tail -10 "$scratch/run.log" >&2; }
# Nobody needs the token any more: it can be deleted.
held=$(k get secret digitalocean-token -n team-a -o 'jsonpath={.metadata.finalizers}')
[ -z "$held" ] || fail "the Secret is still held: $held"
finish
