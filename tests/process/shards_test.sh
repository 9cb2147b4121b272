#!/usr/bin/env bash
# Three operators that divide the work (--shards): each has its share; the share of one that is
# killed, frozen or stopped moves to the others, within lease duration + 5 s; no object is created
# twice and none is left behind.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
start_servers
install
export DIGITALOCEAN_API_URL=$cloud_url
declare -a members
member() { # NUMBER [FLAGS...]
  local number=$1
  shift
  "$capstan" run --kubeconfig="$scratch/kubeconfig" --shards=6 --create_settle=2s "$@" >> "$scratch/run-$number.log" 2>&1 &
  members[$number]=$!
  started+=("$!")
}
# The number of shards of each owner, as "2 2 2".
shares() {
  k get leases -n capstan-system -l capstan.dev/shards=capstan -o json | at "' '.join(str(n) for n in sorted(__import__('collections').Counter(
    i['spec']['holderIdentity'] for i in d['items'] if '-shard-6-' in i['metadata']['name'] and i['spec'].get('holderIdentity')).values()))"
}
shared() { [ "$(shares)" = "$1" ]; }
holder_of() { grep -o 'holder[=":]*[^ ",]*_[-0-9a-f]\{36\}' "$scratch/run-$1.log" | head -1 | grep -o '[^=":]*$'; }
all_settled() { local name; for name in "$@"; do settled "$name" || return 1; done; }
names() { local i; for i in $(seq "$1" "$2"); do echo "shared-$i"; done; }
made() { for name in "$@"; do cluster "$name"; done; }

for number in 1 2 3; do member "$number"; done
wait_for shared "2 2 2" || { tail -n 5 "$scratch"/run-*.log >&2; finish; }
made $(names 1 9)
wait_for all_settled $(names 1 9) || { tail -n 5 "$scratch"/run-*.log >&2; finish; }
[ "$(clusters)" = 9 ] || fail "not nine clusters but $(clusters)"
wrong=$(k get doks -o json | at "[i['metadata']['name'] for i in d['items'] if not i['metadata'].get('labels', {}).get('capstan.dev/shard', '').startswith('6-')]")
[ "$wrong" = "[]" ] || fail "without the label of a shard: $wrong"

# A manually edited label is restored, and the object keeps its owner.
before=$(k get doks shared-1 -o 'jsonpath={.metadata.labels.capstan\.dev/shard}')
other=6-$(((${before#6-} + 1) % 6))
k label doks shared-1 --overwrite capstan.dev/shard=$other > /dev/null
right_again() { [ "$(k get doks shared-1 -o 'jsonpath={.metadata.labels.capstan\.dev/shard}')" = "$before" ]; }
wait_for right_again

# ---- One is killed in the middle of creates.
dead=$(holder_of 1)
[ -n "$dead" ] || { fail "the log does not name the holder"; head -3 "$scratch/run-1.log" >&2; finish; }
made $(names 10 14)
kill -9 "${members[1]}"
renewed=$(k get leases -n capstan-system -l capstan.dev/shards=capstan -o json | at "[i['spec']['renewTime'] for i in d['items'] if '-member-' in i['metadata']['name'] and i['spec']['holderIdentity'] == '$dead'][0]")
made $(names 15 18)
wait_for shared "3 3" || { tail -n 5 "$scratch"/run-*.log >&2; finish; }
took=$(k get leases -n capstan-system -l capstan.dev/shards=capstan -o json | at "round((max(T(i['spec']['acquireTime']) for i in d['items'] if '-shard-6-' in i['metadata']['name']) - T('$renewed')).total_seconds(), 1) if (
  T := lambda s: __import__('datetime').datetime.fromisoformat(s.replace('Z', '+00:00'))) else 0")
echo "the shards of a killed member moved $took s after its last sign of life"
[ "${took%.*}" -lt 20 ] || fail "they moved after $took s, which is more than lease duration + 5 s"
wait_for all_settled $(names 1 18) || { tail -n 5 "$scratch"/run-*.log >&2; finish; }
[ "$(clusters)" = 18 ] || fail "not 18 clusters but $(clusters)"

# ---- One freezes longer than its Lease, and thaws.
kill -STOP "${members[2]}"
wait_for shared "6"
made $(names 19 21)
wait_for all_settled $(names 19 21)
kill -CONT "${members[2]}"
wait_for grep -q "lost the membership" "$scratch/run-2.log"
wait_for shared "3 3"
[ "$(clusters)" = 21 ] || fail "not 21 clusters but $(clusters)"

# ---- Another division, and an operator without shards, are refused.
member 4 --shards=4
wait_for grep -q "refused: other replicas divide the work in another way" "$scratch/run-4.log"
kill -TERM "${members[4]}"
wait "${members[4]}" || fail "the refused one does not end well"
expect 1 "$capstan" run --kubeconfig="$scratch/kubeconfig"
grep -q "another operator works on this cluster: shards-6 holds Lease capstan-system/capstan. Start this one with the --shards" "$scratch/err" || { fail "it is not said who is in the way"; cat "$scratch/err" >&2; }

# ---- One is asked to stop, and the other deletes everything.
kill -TERM "${members[2]}"
wait "${members[2]}" || fail "exit status $? at SIGTERM"
wait_for shared "6"
! grep -q "cut short" "$scratch/run-2.log" || fail "with nothing to do it waited for something"
k delete doks --all --wait=false > /dev/null
wait_for 300 eval '[ -z "$(k get doks -o name)" ]'
[ "$(clusters)" = 0 ] || fail "$(clusters) clusters are left behind"
[ -z "$(k get secret digitalocean-token -o 'jsonpath={.metadata.finalizers}')" ] || wait_for eval '[ -z "$(k get secret digitalocean-token -o "jsonpath={.metadata.finalizers}")" ]'
finish
