#!/usr/bin/env bash
# The output of get in every format, for everything or with selectors; watches; describe with
# events.
. "$(dirname "${BASH_SOURCE[0]}")/with_server.sh"
widgets | k apply -f -
k wait --for=condition=Established crd/widgets.example.com --timeout=45s
widget low 1 | k create -f -
widget high 9 | k create -f -
widget mid 5 | k create -f -
k label wd low high tier=edge

k get wd; says_line "$(grep '^NAME' "$out")"; says SIZE; says AGE; says_not COLOUR
k get wd -o name; says_line widget.example.com/low
k get wd --sort-by=.spec.size -o name; is "$(printf 'widget.example.com/low\nwidget.example.com/mid\nwidget.example.com/high')"
k get wd --sort-by=.metadata.name; says high
k get wd -o 'jsonpath={range .items[*]}{.metadata.name}={.spec.size} {end}'; is "high=9 low=1 mid=5 "
k get wd -o 'jsonpath={.items[?(@.spec.size>4)].metadata.name}'; is "high mid"
k get wd --no-headers -o custom-columns=N:.metadata.name,S:.spec.size,Z:.spec.none; says "low    1     <none>"
k get wd low -o yaml; says "colour: grey"; says "kind: Widget"
k get wd low -o json; python3 -c 'import json, sys; assert json.load(open(sys.argv[1]))["spec"] == {"colour": "grey", "size": 1}' "$out" || fail "-o json"
k get wd -o 'go-template={{range .items}}{{.metadata.name}} {{end}}'; is "high low mid "
k get wd -o wide; says low
k get wd --show-labels; says tier=edge
k get wd -L tier; says TIER
k get wd -A; says NAMESPACE
k get crd; says "CREATED AT"; k get namespaces; says STATUS; k get all; says widget.example.com/low

k get wd -l tier=edge -o name; says_not mid; says low
k get wd -l 'tier!=edge' -o name; is widget.example.com/mid
k get wd -l 'tier in (edge,core)' -o name; says high
k get wd -l 'tier notin (edge)' -o name; is widget.example.com/mid
k get wd -l '!tier' -o name; is widget.example.com/mid
refuses "unable to parse requirement" get wd -l 'tier in (edge'
k get wd --field-selector=metadata.name=low -o name; is widget.example.com/low
k get wd --field-selector='metadata.name!=low,metadata.namespace=default' -o name; says_not /low
refuses "field label not supported" get wd --field-selector=spec.size=1
refuses '"none" not found' get wd low none
refuses "the server doesn't have a resource type" get nothings

# Watches: from now on, of one object, with a selector, in any format.
watched() { # FILE ARGUMENTS...
  watching "$1" get "${@:2}"
  watchers+=("$watching")
}
watchers=()
watched all wd -w
watched names wd -w -o name
watched one wd low -w -o 'jsonpath={.spec.size},'
watched edge wd -w --watch-only -l tier=edge -o name
watched events wd -w --output-watch-events
wait_for grep -q mid "$scratch/all"; wait_for grep -q mid "$scratch/names"; wait_for grep -q 1, "$scratch/one"; wait_for grep -q mid "$scratch/events"
k patch wd low --type=merge -p '{"spec":{"size":2}}'
k label wd high tier=core --overwrite
k delete wd mid
wait_for grep -q "^1,2," "$scratch/one"
wait_for grep -q low "$scratch/edge"
wait_for grep -q high "$scratch/edge" # it no longer matches the selector, which is an event
wait_for grep -q DELETED "$scratch/events"
lines() { [ "$(grep -c "$2" "$scratch/$1")" -ge "$3" ]; } # FILE TEXT AT_LEAST
wait_for lines all low 2
k patch wd low --type=merge -p '{"spec":{"size":3}}'
wait_for lines edge low 2 # so that everything before it has been printed
! grep -q mid "$scratch/edge" || fail "the watch with a selector shows another object"
kill "${watchers[@]}" 2> /dev/null; wait "${watchers[@]}" 2> /dev/null

# describe: the object and its events.
k get wd low -o 'jsonpath={.metadata.uid}'
cat > "$scratch/event.json" << Y
{"apiVersion":"v1","kind":"Event","metadata":{"name":"low.1"},"involvedObject":{"apiVersion":"example.com/v1","kind":"Widget","namespace":"default","name":"low","uid":"$(cat "$out")"},
 "reason":"Polished","message":"it shines now","type":"Warning","source":{"component":"test"},"firstTimestamp":"2026-01-01T00:00:00Z","lastTimestamp":"2026-01-01T00:00:00Z","count":3}
Y
k create -f "$scratch/event.json"
k describe wd low; says "Size:    3"; says "Polished"; says "it shines now"; says "Warning"
k describe wd high; says "Events:"; says_not Polished
k describe crd widgets.example.com; says "widgets.example.com"; k describe namespace default; says Active
k get events --field-selector=involvedObject.name=low,type=Warning,reason=Polished; says Polished
k get events --sort-by=.lastTimestamp; says "it shines now"
finish
