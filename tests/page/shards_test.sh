#!/usr/bin/env bash
# Two replicas that divide the work (--shards): the page of each shows the objects of its shards and
# names these, both together show all; `capstan explain` says who owns the object's shard and asks
# that replica.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
start_servers
install
export DIGITALOCEAN_API_URL=$cloud_url
pages=()
for number in 0 1; do
  port=$(free_port)
  pages+=("http://127.0.0.1:$port")
  "$capstan" run --kubeconfig="$scratch/kubeconfig" --shards=4 --create-settle=2s --web-address="127.0.0.1:$port" > "$scratch/run-$number.log" 2>&1 &
  started+=($!)
done
state() { curl -s "${pages[$1]}/api/state" > "$scratch/state-$1"; }
# all EXPRESSION: true for the states a and b of the two pages.
all() {
  state 0 && state 1 && python3 -c 'import json, sys
a, b = (json.load(open(f)) for f in sys.argv[2:])
names = lambda s: {o["name"] for o in s["objects"]}
sys.exit(0 if eval(sys.argv[1]) else 1)' "$1" "$scratch/state-0" "$scratch/state-1"
}
says_all() { all "$1" || { fail "the pages do not say: $1"; cat "$scratch"/state-? >&2; }; }
wait_for all 'len(a["shards"]["owned"]) == len(b["shards"]["owned"]) == 2' || { tail -n 5 "$scratch"/run-*.log >&2; finish; }
for i in $(seq 8); do cluster "shared-$i"; done
everything='names(a) | names(b) == {f"shared-{i}" for i in range(1, 9)}'
wait_for all "$everything"
says_all 'not names(a) & names(b) and names(a) and names(b)'
says_all 'sorted(a["shards"]["owned"] + b["shards"]["owned"]) == [0, 1, 2, 3] and a["shards"]["count"] == 4 and a["shards"]["members"] == 2'

# --- One object: only on the page of its owner.
first() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["objects"][0]["name"])' "$scratch/state-0"; }
name=$(first)
path=api/objects/DigitalOceanCluster/default/$name
wait_for settled "$name"
[ "$(curl -s -o "$scratch/body" -w '%{http_code}' "${pages[0]}/$path")" = 200 ] || fail "its owner does not show $name"
grep -q '"operation":"create"' "$scratch/body" || fail "its owner shows no effects of $name"
[ "$(curl -s -o "$scratch/body" -w '%{http_code}' "${pages[1]}/$path")" = 404 ] || fail "the other one shows $name"
curl -s "${pages[1]}/debug/objects/default/$name" | grep -q '"recordings":\[\],"shards":{"count":4,"owned":\[' || fail "the other one does not say what it owns"

# --- explain: the owner of the shard, and its effects from that replica.
shard=$(k get doks "$name" -o 'jsonpath={.metadata.labels.capstan\.dev/shard}')
owner=$(k get lease -n capstan-system "capstan-shard-$shard" -o 'jsonpath={.spec.holderIdentity}')
explain=("$capstan" explain "doks/$name" --kubeconfig="$scratch/kubeconfig")
expect 0 "${explain[@]}" --operator-url="${pages[0]}"; prints "shard $shard: lease held by $owner, renewed"; prints "create"
expect 0 "${explain[@]}"; prints "pod ${owner%%_*} cannot be reached"

# --- The other replica ends: its objects move to the remaining page.
kill "${started[-1]}"
wait "${started[-1]}"
only() { curl -s "${pages[0]}/api/state" > "$scratch/state-0"; cp "$scratch/state-0" "$scratch/state-1"; python3 -c 'import json, sys
d = json.load(open(sys.argv[1])); sys.exit(0 if len(d["objects"]) == 8 and d["shards"]["owned"] == [0, 1, 2, 3] else 1)' "$scratch/state-0"; }
wait_for only || tail -n 5 "$scratch"/run-*.log >&2
finish
