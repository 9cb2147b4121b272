#!/usr/bin/env bash
# Without any single rule of deploy/ the operator is refused something in the life cycle of a
# cluster, and reports it. One exception, which only some clusters need: finalizers (admission
# plugin OwnerReferencesPermissionEnforcement).
. "$(dirname "${BASH_SOURCE[0]}")/start_with_rights.sh"

# The refusal: in the log, or on the object.
refused() {
  refusals > /dev/null && return 0
  k get doks "$1" -o 'jsonpath={.status.conditions[*].message}' | grep -q forbidden
}
# A permission of rule NUMBER in $scratch/role.json, as arguments for kubectl auth can-i.
right() {
  python3 - "$scratch/role.json" "$1" << 'P'
import json, sys
rule = json.load(open(sys.argv[1]))["rules"][int(sys.argv[2])]
resource, _, part = rule["resources"][0].partition("/")
group = rule["apiGroups"][0]
print(rule["verbs"][0], resource + (f".{group}" if group else "") + "".join(f"/{name}" for name in rule.get("resourceNames", [])[:1]),
      f"--subresource={part}" if part else "")
P
}
without() { # without KIND RULE_NUMBER WHAT
  local name=without-$2-${1//role*/}
  name=$(echo "${name//[^a-z0-9-]/}x$2" | sed 's/-x/-/')
  k get "$1" capstan -n capstan-system -o json > "$scratch/role.json"
  k patch "$1" capstan -n capstan-system --type=json -p "[{\"op\":\"remove\",\"path\":\"/rules/$2\"}]" > /dev/null || { fail "patch $1"; return; }
  # shellcheck disable=SC2046
  lost=($(right "$2") -n "$([ "$1" = role ] && echo capstan-system || echo default)")
  wait_for may_not "${lost[@]}"
  : > "$scratch/run.log"
  # Only the rule about Leases needs an election; elsewhere the lease of the one killed before would
  # only cost time.
  [ "$1 $2" = "role 0" ] && elect=--leader-elect || elect=--noleader-elect
  run --create-settle=1s $elect
  cluster "$name" "deletionPolicy: Retain, "
  wait_for eval "ready $name || refused $name"
  if ! refused "$name"; then # otherwise it shows when the object is deleted
    k delete doks "$name" --wait=false > /dev/null
    wait_for refused "$name" || { echo "without $1 rule $2 ($3) nothing was refused" >&2; tail -5 "$scratch/run.log" >&2; }
  fi
  k delete doks "$name" --wait=false > /dev/null 2>&1
  kill -9 "$operator"; wait "$operator" 2> /dev/null
  k patch doks "$name" --type=merge -p '{"metadata":{"finalizers":null}}' > /dev/null 2>&1
  put_back
}
put_back() {
  python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); d["metadata"].pop("resourceVersion"); json.dump(d, open(sys.argv[1], "w"))' "$scratch/role.json"
  k apply -f "$scratch/role.json" > /dev/null 2>&1 || fail "put the rule back"
  wait_for may "${lost[@]}"
}
adopted() { [ -n "$(k get doks "$1" -o 'jsonpath={.status.clusterID}')" ]; }
# without_verb VERB POSITION: removes a verb of the rule about Leases, in the life cycle of an
# adopted cluster. A cluster is adopted and released.
without_verb() {
  local name=adopted-$1
  k get role capstan -n capstan-system -o json > "$scratch/role.json"
  k patch role capstan -n capstan-system --type=json -p "[{\"op\":\"remove\",\"path\":\"/rules/0/verbs/$2\"}]" > /dev/null || { fail "patch role"; return; }
  [ -z "$(k get role capstan -n capstan-system -o 'jsonpath={.rules[0].verbs}' | grep "\"$1\"")" ] || fail "$1 is not at position $2 any more"
  lost=("$1" leases.coordination.k8s.io -n capstan-system)
  wait_for may_not "${lost[@]}"
  make_alike "$name"
  : > "$scratch/run.log"
  run --create-settle=1s --noleader-elect
  cluster "$name" "adopt: {name: $name}, "
  wait_for eval "adopted $name || refused $name"
  k delete doks "$name" --wait=false > /dev/null
  wait_for refused "$name" || { fail "without verb $1 on leases nothing was refused"; tail -5 "$scratch/run.log" >&2; }
  kill -9 "$operator"; wait "$operator" 2> /dev/null
  k patch doks "$name" --type=merge -p '{"metadata":{"finalizers":null}}' > /dev/null 2>&1
  put_back
}
without clusterrole 0 "its own kinds"
without clusterrole 1 "their status"
without clusterrole 3 "Secrets by name"
without clusterrole 4 "Events"
without clusterrole 5 "the uid of kube-system"
without clusterrole 6 "which kinds have no plugin"
without role 0 "the Lease"
without role 1 "the record of what was let go"
without_verb delete 3
finish
