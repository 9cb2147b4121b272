#!/usr/bin/env bash
# Every file in examples/digitalocean/ can be applied unchanged and has the promised effect. A file
# that is not known here fails.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
sources=$3
start_stack

apply() { # FILE: replaces only the placeholder of a token
  sed "s/replace-with-your-token/$(field digitalocean_token)/" "$1" > "$scratch/applied.yaml"
  k apply -f "$scratch/applied.yaml" > "$scratch/apply.log" 2>&1 || { fail "$1 is refused"; cat "$scratch/apply.log" >&2; return 1; }
}
# leads_to_ready FILE NAME: it becomes ready, and is deleted without leftovers.
leads_to_ready() {
  apply "$1" || return
  wait_for settled "$2" || { k describe doks "$2" >&2; return; }
  k delete doks "$2" --timeout=90s > /dev/null || fail "$2 does not go"
  [ "$(clusters)" = 0 ] || fail "$1 leaves clusters behind: $(clusters)"
}

# The commands in a file's comments.
commands() { sed -n 's/^# *\(kubectl .*\)$/\1/p' "$1"; }
type_in() { # FILE: they succeed unchanged
  local line lines=0
  while read -r line; do
    lines=$((lines + 1))
    KUBECONFIG=$scratch/kubeconfig bash -c "$line" > "$scratch/out" 2>&1 < /dev/null || { fail "$1: $line"; cat "$scratch/out" >&2; }
  done < <(commands "$1")
  [ "$lines" -gt 0 ] || fail "$1 tells no command any more"
}
of() { # NAME EXPRESSION: about the cluster of an object in the cloud, `d`
  cloud GET "/v2/kubernetes/clusters/$(k get doks "$1" -o 'jsonpath={.status.clusterID}')" |
    python3 -c 'import json, sys; d = json.load(sys.stdin)["kubernetes_cluster"]; print(eval(sys.argv[1]))' "$2"
}
is() { [ "$(of "$1" "$2")" = "$3" ]; }
goes() { # NAME FILE
  k delete doks "$1" --timeout=90s > /dev/null || { fail "$1 does not go"; k describe doks "$1" >&2; }
  [ "$(clusters)" = 0 ] || fail "$2 leaves clusters behind: $(clusters)"
}

adopts() {
  local id
  id=$(make_cluster legacy main)
  wait_for runs "$id"
  apply "$1" || return
  looked() { [ "$(reason legacy Synced)" = ObserveOnly ]; }
  wait_for looked || { k describe doks legacy >&2; return; }
  is legacy "d['id']" "$id" || fail "another cluster was adopted"
  type_in "$1"
  grep -q autoUpgrade "$scratch/out" || fail "$1: the plan does not say what differs: $(cat "$scratch/out")"
  is legacy "d['auto_upgrade']" False || fail "it was changed under Observe"
  k patch doks legacy --type=merge -p '{"spec":{"managementPolicy":"Full"}}' > /dev/null
  wait_for is legacy "d['auto_upgrade']" True
  wait_for settled legacy
  k delete doks legacy --timeout=90s > /dev/null || fail "legacy does not go"
  runs "$id" || fail "the adopted cluster went with its object"
  cloud DELETE "/v2/kubernetes/clusters/$id"
  none() { [ "$(clusters)" = 0 ]; }
  wait_for none
}
takes_everything_along() {
  apply "$1" || return
  wait_for settled short-lived || { k describe doks short-lived >&2; return; }
  cloud POST "/by-hand/clusters/$(of short-lived "d['id']")/associated" '{"kind":"load_balancer","name":"ingress"}' > "$scratch/made"
  watching short-lived said
  goes short-lived "$1"
  wait_for grep -q "$(sed 's/.*"id":"\([^"]*\)".*/\1/' "$scratch/made")" "$scratch/said" || fail "$1: what goes with it was not shown"
  kill "$watching" 2> /dev/null; wait "$watching" 2> /dev/null
}
is_protected() {
  apply "$1" || return
  wait_for settled production || { k describe doks production >&2; return; }
  is production "d['ha'] and d['control_plane_firewall']['enabled'] and d['name']" shop-production || fail "$1: not what it says"
  k delete doks production --wait=false > /dev/null
  kept() { [ "$(reason production Synced)" = DeletionProtected ]; }
  wait_for kept
  [ "$(clusters)" = 1 ] || fail "the protected cluster is gone"
  k patch doks production --type=merge -p '{"spec":{"deletionProtection":false}}' > /dev/null
  wait_for 60 gone production || k describe doks production >&2 # it was deleted before
  [ "$(clusters)" = 0 ] || fail "$1 leaves clusters behind: $(clusters)"
}
replaces() {
  apply "$1" || return
  wait_for settled rolling || { k describe doks rolling >&2; return; }
  local id
  id=$(of rolling "d['id']")
  type_in "$1"
  wait_for is rolling "[(p['size'], p['count']) for p in d['node_pools']]" "[('s-4vcpu-8gb', 2)]"
  wait_for settled rolling
  is rolling "d['id']" "$id" || fail "$1: another cluster"
  goes rolling "$1"
}
upgrades() {
  apply "$1" || return
  wait_for settled upgraded || { k describe doks upgraded >&2; return; }
  is upgraded "d['version'][:5]" 1.34. || fail "$1: it is $(of upgraded "d['version']")"
  type_in "$1"
  wait_for is upgraded "d['version'][:5]" 1.36.
  wait_for settled upgraded
  goes upgraded "$1"
}

k create secret generic digitalocean-token --from-literal=token="$(field digitalocean_token)" > /dev/null
for file in "$sources"/examples/digitalocean/*.yaml; do
  echo "-- $file"
  case $(basename "$file") in
    adopt.yaml) adopts "$file" ;;
    autoscaling.yaml) leads_to_ready "$file" autoscaling ;;
    cluster.yaml) leads_to_ready "$file" team-a ;;
    deletion.yaml) takes_everything_along "$file" ;;
    local.yaml) leads_to_ready "$file" playground ;;
    production.yaml) is_protected "$file" ;;
    quickstart.yaml) leads_to_ready "$file" quickstart ;;
    rolling-replacement.yaml) replaces "$file" ;;
    upgrade.yaml) upgrades "$file" ;;
    *) fail "$file: this test does not know what it promises; say it here" ;;
  esac
done
finish
