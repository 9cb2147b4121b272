#!/usr/bin/env bash
# `capstan get`, `wait`, `explain` and `orphans` show what an object is, what it is waiting for and
# what to do, and report errors in one sentence.
. "$(dirname "${BASH_SOURCE[0]}")/stack.sh"
start_stack
. "$scratch/environment"
[ -n "${CAPSTAN_OPERATOR_URL:-}" ] || fail "the environment file names no operator"
secret=
cluster web

# --- wait follows it until it is ready; get and explain show that.
expect 0 "$capstan" wait doks/web --for=synced --timeout=90s; prints "DigitalOceanCluster default/web is synced"
expect 0 "$capstan" get; prints "NAMESPACE"; prints "web"; prints "InSync"
expect 0 "$capstan" get doks/web -o json
python3 - "$scratch/out" << 'P' || fail "get -o json"
import json, sys
item, = json.load(open(sys.argv[1]))["items"]
assert item["ready"] == "True" and item["nodes"] == 1 and item["monthlyCost"] > 0 and item["id"], item
P
expect 0 "$capstan" get doks -o yaml; prints "items:"; prints "ready: \"True\""
expect 0 "$capstan" explain doks/web
prints "is ready and matches its spec"; prints "nothing to do"; prints "create"; prints "reconciled again in"
! grep -q $'\033' "$scratch/out" || fail "colours without a terminal"
[ "$(wc -l < "$scratch/out")" -le 24 ] || fail "more than a screen"
expect 0 "$capstan" explain doks/web -o json; prints '"recording"'; prints '"operation":"create"'
# The operator's record, saved and read again.
curl -fsS "$CAPSTAN_OPERATOR_URL/debug/objects/default/web" > "$scratch/recording" || fail "/debug/objects"
CAPSTAN_OPERATOR_URL='' expect 0 "$capstan" explain doks/web --recording-file="$scratch/recording"; prints "create"
# Without access to an operator it explains from the object alone.
CAPSTAN_OPERATOR_URL=http://127.0.0.1:1 expect 0 "$capstan" explain doks/web; prints "does not answer"

# --- A required approval is shown with the command that gives it.
k patch doks web --type=merge -p '{"spec":{"nodePools":[{"name":"web","size":"s-2vcpu-2gb","count":2}]}}' > /dev/null
expect 0 "$capstan" wait doks/web --for=synced --timeout=90s
k patch doks web --type=merge -p '{"spec":{"nodePools":[{"name":"web","size":"s-2vcpu-2gb","count":1}]}}' > /dev/null
approval() { [ "$(reason web Synced)" = ApprovalNeeded ]; }
wait_for approval
expect 0 "$capstan" explain doks/web; prints "ApprovalNeeded"; prints "destroys"; prints "capstan.dev/approve="
expect 4 "$capstan" wait doks/web --for=synced --timeout=1s; grep -q "not synced after 1s: ApprovalNeeded" "$scratch/err" || fail "wait does not say why"
"$capstan" explain doks/web > "$scratch/out"
eval "$(grep -o 'kubectl annotate .*' "$scratch/out" | head -1)" > /dev/null || fail "the advice of explain does not work"
expect 0 "$capstan" wait doks/web --for=synced --timeout=90s

# --- Reasons.
expect 0 "$capstan" explain nametaken; prints "NameTaken (condition Synced)"; prints "Choose another name"
expect 0 "$capstan" explain ApprovalNeeded -o json; prints '"remedy"'
expect 0 "$capstan" explain reasons; prints "OutcomeUnknown"

# --- Orphans: none, then one whose object was deleted without its finalizer.
expect 0 "$capstan" orphans; prints "no orphans"
id=$(k get doks web -o 'jsonpath={.status.clusterID}')
kill "$stack"; wait "$stack" 2> /dev/null
rm -f "$scratch/ready"
start_stack
. "$scratch/environment"
# The cloud is new too: its cluster is created manually, with the tags that our operator would set.
owner=$(k get namespace kube-system -o 'jsonpath={.metadata.uid}')
cloud POST /v2/kubernetes/clusters "{\"name\":\"left\",\"region\":\"nyc1\",\"version\":\"latest\",\"tags\":[\"capstan:11111111-2222-3333-4444-555555555555\",\"capstan-owner:$owner\"],
  \"node_pools\":[{\"name\":\"x\",\"size\":\"s-2vcpu-2gb\",\"count\":1}]}" > /dev/null
make_cluster foreign > /dev/null
expect 0 "$capstan" orphans; prints "left"; prints "created for uid 11111111-2222-3333-4444-555555555555"; prints_not "foreign"
expect 0 "$capstan" orphans -o json; prints '"name":"left"'; prints '"monthlyCost"'
[ "$(clusters)" = 2 ] || fail "orphans deleted something"
cluster web
expect 0 "$capstan" wait doks/web --timeout=90s
expect 0 "$capstan" orphans; prints "left"; prints_not " web "

# --- wait waits for a deletion; --watch shows changes.
"$capstan" get doks --watch > "$scratch/watch" 2>&1 &
started+=($!)
wait_for grep -q web "$scratch/watch"
k delete doks web --wait=false > /dev/null
expect 0 "$capstan" wait doks/web --for=deleted --timeout=90s; prints "is deleted"
wait_for grep -qi delet "$scratch/watch"

# --- Errors, one sentence each.
expect 2 "$capstan" explain; one_line_saying "one KIND/NAME or REASON"
expect 1 "$capstan" explain NoSuchReason; one_line_saying 'no reason is called "NoSuchReason"'
expect 1 "$capstan" explain droplet/web; one_line_saying 'no plugin serves the kind "droplet"'
expect 1 "$capstan" explain doks/none; one_line_saying "there is no DigitalOceanCluster default/none"
expect 1 "$capstan" explain doks/none --recording-file="$scratch/none"; one_line_saying "none"
expect 2 "$capstan" explain NameTaken -o xml; one_line_saying "--output"
expect 1 "$capstan" get droplets; one_line_saying 'no plugin serves the kind "droplets"'
expect 1 "$capstan" get doks/none; one_line_saying "there is no DigitalOceanCluster none in namespace default"
expect 2 "$capstan" get doks other; one_line_saying "at most one KIND"
expect 1 "$capstan" wait doks/none --timeout=5s; one_line_saying "there is no DigitalOceanCluster default/none"
expect 2 "$capstan" wait doks/web --for=happy; one_line_saying "--for"
expect 2 "$capstan" wait doks/web --timeout=soon; one_line_saying "--timeout"
expect 2 "$capstan" orphans now; one_line_saying "takes no arguments"
expect 1 "$capstan" get --kubeconfig="$scratch/no-kubeconfig"; one_line_saying "no-kubeconfig"
printf '{"recordings":3}' > "$scratch/broken"
cluster again
expect 0 "$capstan" wait doks/again --timeout=90s
expect 1 "$capstan" explain doks/again --recording-file="$scratch/broken"; one_line_saying "this is no recording"
finish
