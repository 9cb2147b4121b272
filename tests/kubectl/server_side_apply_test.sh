#!/usr/bin/env bash
# Server-side apply: ownership, messages of conflicts, taking over, sharing and giving up fields,
# and migrating from client-side apply.
. "$(dirname "${BASH_SOURCE[0]}")/with_server.sh"
widgets | k apply -f -
k wait --for=condition=Established crd/widgets.example.com --timeout=45s
ssa() { k apply --server-side --field-manager="$1" "${@:2}" -f -; }

widget one 3 | ssa first; says "widget.example.com/one serverside-applied"
widget one 3 | ssa second; says serverside-applied # the same value is shared
widget one 4 | refuses 'Apply failed with 1 conflict: conflict with "second": .spec.size' apply --server-side --field-manager=first -f -
says "--force-conflicts"
widget one 4 | ssa first --force-conflicts
widget one 3 | refuses 'conflict with "first": .spec.size' apply --server-side --field-manager=second -f -
k get wd one -o 'jsonpath={.spec.size}'; is 4

# Two fields of two managers, and one of a user who edits.
printf 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: one}\nspec: {size: 4, parts: [a]}\n' | ssa first
k patch wd one --type=merge -p '{"spec":{"colour":"red"}}'
printf 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: one}\nspec: {size: 5, parts: [b], colour: blue}\n' |
  refuses "Apply failed with 3 conflicts" apply --server-side --field-manager=third -f -
says 'conflicts with "first":'; says "- .spec.parts"; says "- .spec.size"; says 'conflict with "kubectl-patch" using example.com/v1: .spec.colour'
# Fields that nobody applies any more are removed; the default returns.
widget one 4 | ssa first
k get wd one -o 'jsonpath={.spec.parts}'; is ""

# Dry runs and diffs change nothing.
widget one 9 | k apply --server-side --field-manager=first --dry-run=server -f -; says "serverside-applied (server dry run)"
k get wd one -o 'jsonpath={.spec.size}'; is 4
widget one 9 > "$scratch/nine.yaml"
timeout 60 "$kubectl" diff --server-side --field-manager=first -f "$scratch/nine.yaml" > "$out" 2>&1; [ $? = 1 ] || fail "diff --server-side sees no change"
says "-  size: 4"; says "+  size: 9"
widget one 4 > "$scratch/four.yaml"
timeout 60 "$kubectl" diff --server-side --field-manager=first -f "$scratch/four.yaml" > "$out" 2>&1 || { fail "diff --server-side of the same"; cat "$out" >&2; }
timeout 60 "$kubectl" diff --server-side --field-manager=other -f "$scratch/nine.yaml" > "$out" 2>&1; [ $? -gt 1 ] || fail "diff --server-side hides a conflict"
says "conflict"

# From client-side apply to server-side apply: kubectl's own changes are no conflict; those of
# others are.
widget mine 1 | k apply -f -
widget mine 2 | k apply --server-side -f -; says serverside-applied
k get wd mine -o 'jsonpath={.metadata.annotations.kubectl\.kubernetes\.io/last-applied-configuration}'; says '"size":2'
widget theirs 1 | k apply -f -
k patch wd theirs --type=merge -p '{"spec":{"size":7}}'
widget theirs 2 | refuses 'conflict with "kubectl-patch"' apply --server-side -f -
# Also for a built-in kind, whose schema is the server's.
k create configmap shared --from-literal=a=1 --dry-run=client -o yaml; cp "$out" "$scratch/cm.yaml"
k apply -f "$scratch/cm.yaml"; sed 's/a: "1"/a: "2"/' "$scratch/cm.yaml" | k apply --server-side -f -; says serverside-applied
k get cm shared -o 'jsonpath={.data.a}'; is 2
printf 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: new}\nspec: {size: 0}\n' | refuses "should be greater than or equal to 1" apply --server-side -f -
finish
