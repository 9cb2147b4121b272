#!/usr/bin/env bash
# Everyday commands: apply, get, describe, patch, label, wait, delete, for built-in and custom
# resources.
. "$(dirname "${BASH_SOURCE[0]}")/with_server.sh"

k version; says "Server Version"
k api-resources; says customresourcedefinitions; says configmaps; says leases
k api-versions; says coordination.k8s.io/v1
k get namespaces; says default; says Active
k get --raw /healthz; says ok

widgets | k apply -f -; says "customresourcedefinition.apiextensions.k8s.io/widgets.example.com created"
k wait --for=condition=Established crd/widgets.example.com --timeout=45s
k api-resources --api-group=example.com; says widgets; says wd
widgets | k apply -f -; says unchanged

widget one 3 | k apply -f -; says "widget.example.com/one created"
widget one 3 | k apply -f -; says unchanged
widget one 4 | k apply -f -; says configured
widget two 9 | k create -f -
k get wd; says SIZE; says one; says 4
k get wd one -o yaml; says "colour: grey"; says "generation: 2"
k get wd -o name; says widget.example.com/one
k get wd one -o jsonpath='{.spec.size}'; says 4
k get wd -o custom-columns=N:.metadata.name,S:.spec.size; says "one   4"
k get wd --sort-by=.spec.size; says two
k get widgets.v1.example.com one; says one
k get all; says widget.example.com/one
k describe wd one; says "Colour:  grey"; says "Events:"
k explain widget.spec.size; says "How big it is."
widget bad 0 | refuses "should be greater than or equal to 1" apply -f -
widget Bad_Name 1 | refuses "RFC 1123" apply -f -

k label wd one team=blue
k get wd -l team=blue; says one; says_not two
k get wd -l 'team!=blue'; says two; says_not one
k annotate wd one note=hello
k get wd one -o jsonpath='{.metadata.annotations.note}'; says hello
k label wd one team-
k get wd --field-selector=metadata.name=two; says two; says_not one
k patch wd one --type=merge -p '{"spec":{"size":5}}'
k patch wd one --type=json -p '[{"op":"replace","path":"/spec/colour","value":"red"}]'
k get wd one -o jsonpath='{.spec.size}{.spec.colour}'; says 5red
refuses "the body of the request was in an unknown format" patch wd one --type=strategic -p '{"spec":{"size":6}}'
k get wd one -o json; sed 's/"size": 5/"size": 7/' "$out" > "$scratch/one.json"
k replace -f "$scratch/one.json"; says replaced
refuses "the object has been modified" replace -f "$scratch/one.json"
timeout 60 "$kubectl" diff -f <(widget one 8) > "$out" 2>&1; [ $? = 1 ] || fail "kubectl diff does not see the change"
says "+  size: 8"

k create configmap settings --from-literal=a=1
k create secret generic key --from-literal=token=secret
k get configmap,secret; says configmap/settings; says secret/key
k get secret key -o jsonpath='{.data.token}'; says c2VjcmV0
k patch configmap settings -p '{"data":{"b":"2"}}'
k get configmap settings -o jsonpath='{.data}'; says '"a":"1"'; says '"b":"2"'
k create deployment web --image=nginx; k get deployments; says web
k scale deployment web --replicas=3
k get deployment web -o jsonpath='{.spec.replicas}'; says 3
k create serviceaccount robot; k get sa; says robot
refuses "already exists" create configmap settings
refuses "NotFound" get configmap missing
k auth can-i delete widgets; says yes
k auth can-i --list; says '*'
k get events
k create namespace shop; k -n shop create configmap c --from-literal=a=b; k get cm -A; says shop
k delete namespace shop --timeout=45s
refuses "NotFound" get namespace shop

k delete configmap settings; k delete secret key; k delete deployment web
k delete wd one --wait; says deleted
k delete wd --all; says two
k delete crd widgets.example.com --timeout=45s
rm -rf "$HOME/.kube"  # kubectl caches discovery for a while
refuses "the server doesn't have a resource type" get wd
finish
