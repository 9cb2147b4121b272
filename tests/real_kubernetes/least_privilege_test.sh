#!/usr/bin/env bash
# The operator works with exactly the permissions in deploy/: applied to a real server, run with its
# ServiceAccount's token.
. "$(dirname "${BASH_SOURCE[0]}")/start_with_rights.sh"

run
cluster humble
wait_for ready humble
[ -n "$(k get secret humble-kubeconfig -o 'jsonpath={.data.kubeconfig}')" ] || fail "no kubeconfig Secret"
told() { k get events | grep -q Available; }
wait_for told || fail "no event"
k delete doks humble --timeout=90s > /dev/null || fail "it does not go"
# Adopting an existing cluster, and releasing it.
make_alike found
cluster found "adopt: {name: found}, managementPolicy: Full, "
wait_for ready found
claim() { k get leases -n capstan-system -o name | grep capstan-adopts-; }
claim > /dev/null || fail "no Lease claims the adopted cluster"
k delete doks found --timeout=90s > /dev/null || fail "the adopting object does not go"
! claim || fail "the claim is left"
! refusals || fail "a right is missing"
[ "$failures" = 0 ] || tail -30 "$scratch/run.log" >&2

# What it must not be able to do.
may list secrets -A && fail "it may list Secrets"
may delete digitaloceanclusters && fail "it may delete its own kinds"
may delete customresourcedefinitions && fail "it may delete CRDs"
wait_for may get secrets -n default || fail "it may not read Secrets by name"
finish
