#!/usr/bin/env bash
# Server-side apply with its conflicts, dry runs, validation of fields, watches, and the three ways
# of cascading deletion.
. "$(dirname "${BASH_SOURCE[0]}")/with_server.sh"

widgets | k apply --server-side -f -; says "serverside-applied"
k wait --for=condition=Established crd/widgets.example.com --timeout=45s
widget one 3 | k apply --server-side --field-manager=first -f -; says "serverside-applied"
widget one 4 | refuses "conflict" apply --server-side --field-manager=second -f -
widget one 4 | k apply --server-side --field-manager=second --force-conflicts -f -
k get wd one -o jsonpath='{.spec.size}'; says 4

widget two 1 | k apply --dry-run=server -f -; says "(server dry run)"
refuses "NotFound" get wd two
printf 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: odd}\nspec: {size: 1, sizze: 2}\n' |
  refuses "sizze" apply -f -
k get wd; says_not odd

# A watch shows changes after its start.
watching watched get wd -w
wait_for grep -q one "$scratch/watched"
widget three 3 | k create -f -
wait_for grep -q three "$scratch/watched"
kill "$watching" 2> /dev/null; wait "$watching" 2> /dev/null

owner() { # NAME
  widget "$1" 1 | k apply -f -
  k get wd "$1" -o jsonpath='{.metadata.uid}'
  printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s-child","ownerReferences":[{"apiVersion":"example.com/v1","kind":"Widget","name":"%s","uid":"%s","blockOwnerDeletion":true}]}}' \
    "$1" "$1" "$(cat "$out")" > "$scratch/child.json"
  k apply -f "$scratch/child.json"
}
gone() { ! "$kubectl" get "$@" > /dev/null 2>&1; }
policy() { # kubectl 1.20 knows all three names
  owner "$1"
  k delete wd "$1" "--cascade=$1" --timeout=45s
}
policy background; wait_for gone configmap background-child
policy foreground; gone configmap foreground-child || fail "foreground deletion left the dependent"
policy orphan
k get configmap orphan-child -o jsonpath='{.metadata.ownerReferences}'; says_not uid

# A finalizer keeps an object until it is removed.
widget held 1 | k apply -f -
k patch wd held --type=merge -p '{"metadata":{"finalizers":["example.com/hold"]}}'
k delete wd held --wait=false
k get wd held -o jsonpath='{.metadata.deletionTimestamp}'; says T
times_out --for=delete wd/held
k patch wd held --type=merge -p '{"metadata":{"finalizers":null}}'
wait_for gone wd held

# describe with its events.
widget ready 1 | k apply -f -
k get wd ready -o jsonpath='{.metadata.uid}'
uid=$(cat "$out")
cat > "$scratch/event.json" << Y
{"apiVersion":"v1","kind":"Event","metadata":{"name":"ready.1"},"involvedObject":{"apiVersion":"example.com/v1","kind":"Widget","namespace":"default","name":"ready","uid":"$uid"},
 "reason":"Polished","message":"it shines now","type":"Normal","source":{"component":"test"},"firstTimestamp":"2026-01-01T00:00:00Z","lastTimestamp":"2026-01-01T00:00:00Z","count":1}
Y
k create -f "$scratch/event.json"
k describe wd ready; says "it shines now"
k get events; says Polished
k get events --field-selector=involvedObject.name=ready,type=Normal; says Polished
k get events --field-selector=type=Warning; says_not Polished
finish
