#!/usr/bin/env bash
# The ways to change an object: replace and replace --force, edit, the three kinds of patch, label,
# annotate, scale.
. "$(dirname "${BASH_SOURCE[0]}")/with_server.sh"
widgets | k apply -f -
k wait --for=condition=Established crd/widgets.example.com --timeout=45s
widget one 1 | k create -f -

# replace
widget one 2 | k replace -f -; says "widget.example.com/one replaced"
widget none 2 | refuses '"none" not found' replace -f -
k get wd one -o json; sed 's/"size": 2/"size": 3/' "$out" > "$scratch/one.json"
k replace -f "$scratch/one.json"; refuses "the object has been modified; please apply your changes to the latest version" replace -f "$scratch/one.json"
k get wd one -o 'jsonpath={.metadata.uid}'; uid=$(cat "$out")
widget one 4 | k replace --force -f -; says "replaced"
k get wd one -o 'jsonpath={.metadata.uid}'; says_not "$uid"
widget fresh 4 | k replace --force -f -; says "replaced" # --force creates a missing object

# edit, with an editor that changes one line
editor() { # SED_PROGRAM
  printf '#!/bin/sh\nsed -i "%s" "$1"\n' "$1" > "$scratch/editor"
  chmod +x "$scratch/editor"
  export KUBE_EDITOR=$scratch/editor
}
editor 's/size: 4/size: 5/'; k edit wd one; says "widget.example.com/one edited"
k get wd one -o 'jsonpath={.spec.size}'; is 5
editor 's/nothing/else/'; k edit wd one; says "no changes made"
editor 's/size: 5/size: 0/'; refuses 'widgets.example.com "one" is invalid' edit wd one # the reason is in the file that the editor opens again
k create configmap settings --from-literal=a=1
editor 's/a: .*/a: two/'; k edit configmap settings; says edited
k get configmap settings -o 'jsonpath={.data.a}'; is two

# JSON patch
k patch wd one --type=json -p '[{"op":"test","path":"/spec/size","value":5},{"op":"replace","path":"/spec/size","value":6},{"op":"add","path":"/spec/parts","value":["x"]}]'
k get wd one -o 'jsonpath={.spec.size}{.spec.parts[0]}'; is 6x
k patch wd one --type=json -p '[{"op":"add","path":"/spec/parts/-","value":"y"},{"op":"remove","path":"/spec/parts/0"},{"op":"copy","from":"/spec/parts/0","path":"/spec/parts/-"}]'
k get wd one -o 'jsonpath={.spec.parts}'; is '["y","y"]'
k patch wd one --type=json -p '[{"op":"move","from":"/spec/colour","path":"/spec/parts/0"}]'
k get wd one -o 'jsonpath={.spec.parts[0]}'; is grey
refuses "The request is invalid" patch wd one --type=json -p '[{"op":"test","path":"/spec/size","value":9}]'
refuses "The request is invalid" patch wd one --type=json -p '[{"op":"remove","path":"/spec/none"}]'
refuses "cannot unmarshal object into Go value" patch wd one --type=json -p '{}'
# merge patch: null removes, lists are replaced as a whole
k patch wd one --type=merge -p '{"spec":{"parts":null,"size":7}}'; says "patched"
k get wd one -o 'jsonpath={.spec.parts}{.spec.size}'; is 7
k patch wd one --type=merge -p '{"spec":{"size":7}}'; says "(no change)"
refuses "spec.size" patch wd one --type=merge -p '{"spec":{"size":"big"}}'
refuses '"none" not found' patch wd none --type=merge -p '{}'
# strategic merge patch: built-ins by their keys, not supported for custom resources
k create deployment web --image=nginx
k patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"busybox"}]}}}}'
k get deployment web -o 'jsonpath={.spec.template.spec.containers[*].name}'; says side; says nginx
k patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","$patch":"delete"}]}}}}'
k get deployment web -o 'jsonpath={.spec.template.spec.containers[*].name}'; is nginx
k set image deployment/web nginx=nginx:2; k get deployment web -o 'jsonpath={.spec.template.spec.containers[0].image}'; is nginx:2
refuses "the body of the request was in an unknown format" patch wd one --type=strategic -p '{"spec":{"size":8}}'
k patch configmap settings -p '{"data":{"a":null,"b":"3"}}'; k get configmap settings -o 'jsonpath={.data}'; is '{"b":"3"}'

# label, annotate, scale
k label wd one team=red; says labeled; refuses "already has a value (red)" label wd one team=blue
k label wd one team=blue --overwrite; k label wd --all kind=thing; says fresh
refuses "consist of alphanumeric characters" label wd one 'team=not a value' --overwrite
k label wd one team-; k get wd one -o 'jsonpath={.metadata.labels}'; is '{"kind":"thing"}'
k annotate wd one note=hello; says annotated; refuses "the object has been modified" annotate wd one note=x --overwrite --resource-version=1
k annotate wd one note-; k get wd one -o 'jsonpath={.metadata.annotations.note}'; is ""
k scale deployment web --replicas=3; k get deployment web -o 'jsonpath={.spec.replicas}'; is 3
finish
