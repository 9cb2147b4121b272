#!/usr/bin/env bash
# The Deployment in deploy/ as a real server stores it: the permissions of its pods, and that the
# program accepts its arguments and answers its probes. Then what a deletion of the operator, and of
# the CRD, leaves unchanged.
. "$(dirname "${BASH_SOURCE[0]}")/start_with_rights.sh"

pod() { k get deployment capstan -n capstan-system -o "jsonpath={.spec.template.spec$1}"; }
container() { pod ".containers[0]$1"; }
is() { [ "$("$1" "$2")" = "$3" ] || fail "$1$2 is \"$("$1" "$2")\" instead of \"$3\""; }
is pod .serviceAccountName capstan
is pod .securityContext.runAsNonRoot true
is container .securityContext.readOnlyRootFilesystem true
is container .securityContext.allowPrivilegeEscalation false
is container .securityContext.capabilities '{"drop":["ALL"]}'
is container .securityContext.privileged ""
is pod .volumes ""
[ -n "$(container .resources.requests.cpu)" ] || fail "no CPU is requested"
[ -n "$(container .resources.requests.memory)" ] || fail "no memory is requested"

# Access to the pods: the policy selects these pods and their port, and admits one namespace.
policy() { k get networkpolicy capstan -n capstan-system -o "jsonpath={.spec$1}"; }
[ "$(policy .podSelector.matchLabels)" = "$(k get deployment capstan -n capstan-system -o 'jsonpath={.spec.selector.matchLabels}')" ] ||
  fail "the NetworkPolicy is about other pods: $(policy .podSelector)"
is policy .policyTypes '["Ingress"]'
is policy '.ingress[*].from' '[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"monitoring"}}}]'
is policy '.ingress[*].ports[*].port' "$(container '.ports[?(@.name=="health")].containerPort')"
is policy '.ingress[*].ports[*].protocol' TCP

# Its arguments, and the requests of its probes.
mapfile -t arguments < <(container .args | python3 -c 'import json, sys; print("\n".join(json.load(sys.stdin)))')
[ "${arguments[0]}" = run ] || fail "the Deployment does not run: ${arguments[*]}"
[ "$(container .livenessProbe.httpGet.port)$(container .readinessProbe.httpGet.port)" = healthhealth ] || fail "a probe asks another port"
[[ " ${arguments[*]} " == *" --health-address=0.0.0.0:$(container '.ports[?(@.name=="health")].containerPort') "* ]] ||
  fail "port health is not where the program listens: ${arguments[*]}"
run "${arguments[@]:1}" --health-address=127.0.0.1:0
health() { grep -F "serving health and metrics" "$scratch/run.log" | grep -o '127\.0\.0\.1:[0-9]*' | head -1; }
heard() { [ -n "$(health)" ]; }
wait_for heard || { head -20 "$scratch/run.log" >&2; finish; }
for probe in livenessProbe readinessProbe; do
  wait_for curl -fsS "http://$(health)$(container ".$probe.httpGet.path")" || fail "no answer to $probe"
done
cluster stays
wait_for ready stays || tail -10 "$scratch/run.log" >&2

# The CRD is deleted, and with it the object; the cluster is kept.
k delete crd digitaloceanclusters.anutosh491.dev --wait=false > /dev/null
told() { [ "$(reason stays Synced)" = CRDDeleted ]; }
wait_for told || tail -10 "$scratch/run.log" >&2
[ "$(clusters)" = 1 ] || fail "the cluster is deleted with the CRD"
kill -9 "$operator"; wait "$operator" 2> /dev/null

# Without the operator's kustomization nothing runs any more, and everything else is left.
k delete -k "$deploy/operator" > "$scratch/deleted" 2>&1 || { fail "delete -k deploy/operator"; cat "$scratch/deleted" >&2; }
grep -qi 'networkpolicy.*"capstan" deleted' "$scratch/deleted" || fail "the NetworkPolicy stays without the operator: $(cat "$scratch/deleted")"
! grep -Eqi "^namespace|customresourcedefinition" "$scratch/deleted" || fail "it deletes more than the operator: $(cat "$scratch/deleted")"
[ "$(k get namespace capstan-system -o 'jsonpath={.metadata.deletionTimestamp}')" = "" ] || fail "the namespace goes with the operator"
k get doks stays > /dev/null || fail "the object goes with the operator"
[ "$(clusters)" = 1 ] || fail "the cluster goes with the operator"
finish
