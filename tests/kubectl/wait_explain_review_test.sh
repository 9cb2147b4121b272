#!/usr/bin/env bash
# wait for future states, explain fields, review permissions and discovery, and clear errors for
# unsupported features.
. "$(dirname "${BASH_SOURCE[0]}")/with_server.sh"
widgets | k apply -f -
k wait --for=condition=Established crd/widgets.example.com --timeout=45s; says "condition met"
widget one 1 | k create -f -

# wait
status() { # PATCH: through the status subresource, like a controller
  printf '%s' "$1" > "$scratch/patch"
  curl -fsS --cacert <(sed -n 's/.*certificate-authority-data: //p' "$KUBECONFIG" | base64 -d) \
    -H "Authorization: Bearer $(sed -n 's/^ *token: //p' "$KUBECONFIG")" -X PATCH -H "Content-Type: application/merge-patch+json" --data @"$scratch/patch" \
    "$(sed -n 's/.*server: //p' "$KUBECONFIG")/apis/example.com/v1/namespaces/default/widgets/one/status" > /dev/null || fail "patch the status"
}
times_out --for=condition=Ready wd/one
watching became-ready wait --for=condition=Ready wd/one --timeout=90s
status '{"status":{"conditions":[{"type":"Ready","status":"False"}]}}'
status '{"status":{"conditions":[{"type":"Ready","status":"True"}],"size":1}}'
wait "$watching" || { fail "wait --for=condition"; cat "$scratch/became-ready" "$scratch/became-ready.log" >&2; }
k wait --for=condition=Ready=true wd/one --timeout=45s; says "condition met"
refuses "not found" wait --for=condition=Ready wd/none --timeout=45s
if newer; then
  k wait --for=jsonpath='{.status.size}'=1 wd/one --timeout=45s; says "condition met"
  times_out --for=jsonpath='{.spec.size}'=8 wd/one
fi
watching deleted wait --for=delete wd/one --timeout=90s
k delete wd one --wait
wait "$watching" || { fail "wait --for=delete"; cat "$scratch/deleted" "$scratch/deleted.log" >&2; }

# explain: OpenAPI v2 or v3, depending on this kubectl
k explain wd; says "A widget for a test."; says "What is wanted."
k explain wd.spec; says "How big it is."; says size; says "<integer>"
k explain wd.spec.size; says "How big it is."
k explain wd --recursive; says colour; says managedFields; says parts
k explain widgets --api-version=example.com/v1; says "What is wanted."
refuses "nope" explain wd.spec.nope
k explain configmap.data; says "map[string]string"; k explain lease.spec.holderIdentity; says "<string>"
k explain crd.spec.versions --recursive; says openAPIV3Schema
refuses "resource" explain nothings

# permissions
k auth can-i create widgets; is yes
k auth can-i get /healthz; is yes
k auth can-i delete secrets -n kube-system; is yes
refuses no auth can-i get secrets --as=her
refuses 'User "her" cannot list resource "secrets"' get secrets --as=her
k auth can-i --list; says "Non-Resource URLs"; says '*.*'
printf '{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}' | k create -o 'jsonpath={.status.allowed}' -f -; is true

# discovery
k api-resources --api-group=example.com --no-headers; says wd; says Widget
k api-resources --namespaced=false -o name; says_line namespaces; says customresourcedefinitions.apiextensions.k8s.io; says_not configmaps
k api-resources --verbs=list,watch -o name; says_line configmaps; says_line widgets.example.com
k api-versions; says_line v1; says_line example.com/v1; says_line apiextensions.k8s.io/v1; says_line rbac.authorization.k8s.io/v1
k create role reader --verb=get --resource=pods; k create rolebinding readers --role=reader --user=her; k create clusterrolebinding all-readers --clusterrole=reader --user=her
k get rolebinding readers -o "jsonpath={.subjects[0].name}{.roleRef.name}"; is herreader
k get --raw /healthz; is ok; k get --raw /livez; is ok; k get --raw '/readyz?verbose'; says "readyz check passed"
k get --raw /version; says gitVersion; k get --raw /apis/example.com/v1; says '"shortNames":["wd"]'
k get --raw /api/v1/namespaces/default; says '"kind":"Namespace"'
refuses "not found" get --raw /api/v1/namespaces/none
refuses "could not find the requested resource" get --raw /nowhere
printf '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"raw"},"spec":{"size":1}}' > "$scratch/raw.json"
k create --raw /apis/example.com/v1/namespaces/default/widgets -f "$scratch/raw.json"; says '"uid"'
refuses "must be specified for an update" replace --raw /apis/example.com/v1/namespaces/default/widgets/raw -f "$scratch/raw.json"
k get wd raw -o json; sed 's/"size": 1/"size": 2/' "$out" > "$scratch/raw2.json"
k replace --raw /apis/example.com/v1/namespaces/default/widgets/raw -f "$scratch/raw2.json"; says '"size":2'
k delete --raw /apis/example.com/v1/namespaces/default/widgets/raw; says '"status":"Success"'

# dry runs
widget dry 1 | k create --dry-run=server -f -; says "created (server dry run)"; refuses "not found" get wd dry
widget dry 0 | refuses "greater than or equal to 1" create --dry-run=server -f -
widget dry 1 | k apply -f -
k label wd dry a=b --dry-run=server; k patch wd dry --type=merge --dry-run=server -p '{"spec":{"size":7}}'; k delete wd dry --dry-run=server
k get wd dry -o 'jsonpath={.spec.size}{.metadata.labels}'; is 1

# unsupported features
k run pod1 --image=nginx
refuses "the embedded API server runs no pods" logs pod1
refuses "the embedded API server runs no pods" exec pod1 -- ls
refuses "the embedded API server runs no pods" attach pod1
refuses "not found" logs pod2
refuses "Metrics API not available" top pods
finish
