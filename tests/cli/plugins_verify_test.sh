#!/usr/bin/env bash
# `capstan plugins verify` runs the conformance suite with a plugin, as TAP; it creates nothing real
# without a flag.
. "$(dirname "${BASH_SOURCE[0]}")/stack.sh"
build=$(dirname "$capstan")/..
digitalocean=$build/lib/capstan/plugins/libcapstan_digitalocean.so
directory=$build/examples/plugins/libcapstan_directory.so
unset DIRECTORY_ROOT
verify=("$capstan" plugins verify)

# --- Without a simulator and without consent nothing is sent, and it says what to do.
expect 1 "${verify[@]}" "$scratch/none.so"; one_line_saying "none.so"
expect 1 "${verify[@]}" "$digitalocean"; one_line_saying "DIGITALOCEAN_API_URL=http://127.0.0.1:PORT"; grep -q -- --yes "$scratch/err" || fail "--yes is not named"
expect 1 "${verify[@]}" "$digitalocean" --yes; one_line_saying "--object=FILE"
expect 2 "${verify[@]}" "$digitalocean" --poll-seconds=0; one_line_saying "--poll-seconds"
expect 2 "${verify[@]}"; one_line_saying "verify FILE"

# --- A plugin without HTTP.
for size in 2 5; do
  printf '{"apiVersion":"directory.example/v1","kind":"DirectoryCluster","metadata":{"name":"d"},"spec":{"size":%s}}' "$size" > "$scratch/d$size.json"
done
export DIRECTORY_ROOT=$scratch/clusters
expect 1 "${verify[@]}" "$directory" --object="$scratch/d2.json"; one_line_saying "add --yes"
expect 0 "${verify[@]}" "$directory" --object="$scratch/d2.json" --dry; prints "TAP version 13"; prints "1..7"; prints_not "not ok"
prints "ok 5 - Its CRD, with the operator's fields, is installed and served"; prints "ok 6 - The object is admitted as it stands"
prints "ok 7 - A status of the operator is written and read back whole"
[ ! -e "$DIRECTORY_ROOT" ] || fail "--dry made something"
expect 0 "${verify[@]}" "$directory" --object="$scratch/d2.json" --changed="$scratch/d5.json" --yes --poll-seconds=0.1
prints "ok 1 - The manifest is complete and serves the kind"; prints "# SKIP the provider does not use HTTP"; prints_not "not ok"
[ "$(grep -c '^ok ' "$scratch/out")" = "$(sed -n 's/^1\.\.//p' "$scratch/out")" ] || fail "the plan does not count the findings"
[ -z "$(ls -A "$DIRECTORY_ROOT")" ] || fail "it left something behind: $(ls -A "$DIRECTORY_ROOT")"
printf '{"apiVersion":"directory.example/v1","kind":"DirectoryCluster","metadata":{"name":"d"},"spec":{"size":0}}' > "$scratch/d0.json"
expect 1 "${verify[@]}" "$directory" --object="$scratch/d0.json" --yes; one_line_saying "spec.size"
# A folder where nothing can be created: the findings say so.
touch "$scratch/file"
DIRECTORY_ROOT=$scratch/file expect 1 "${verify[@]}" "$directory" --object="$scratch/d2.json" --yes --poll-seconds=0.1 --patience-seconds=1
prints "not ok"; prints "1.."

# --- A plugin that ends the process: one line that names the check.
for name in crashes exits; do
  printf '{"apiVersion":"bad.example/v1","kind":"%s","metadata":{"name":"d"},"spec":{}}' "$name" > "$scratch/$name.json"
  expect 1 "${verify[@]}" "$build/tests/abi/bad/$name.so" --object="$scratch/$name.json" --yes
  prints "ok 1 - "; prints 'in "Get of an id that no object has says not found"; fix the plugin'
done
prints "Bail out! the plugin ended the process (exit status 3)"

# --- DigitalOcean's plugin against the simulated API of `capstan local`.
start_servers --provisioning-seconds=0.3
export DIGITALOCEAN_API_URL=$cloud_url
for count in 1 2; do
  cat > "$scratch/web$count.yaml" << Y
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: web}
spec: {region: nyc1, version: latest, nodePools: [{name: web, size: s-2vcpu-2gb, count: $count}]}
Y
done
expect 1 "${verify[@]}" "$digitalocean" --object="$scratch/web1.yaml"; one_line_saying "DIGITALOCEAN_ACCESS_TOKEN"
export DIGITALOCEAN_ACCESS_TOKEN=$token
expect 0 "${verify[@]}" "$digitalocean" --object="$scratch/web1.yaml" --changed="$scratch/web2.yaml" --poll-seconds=0.2 --patience-seconds=120
prints_not "not ok"; prints "ok 1 - "; prints "Adopt puts both tags on it in one request"
[ "$(grep -c SKIP "$scratch/out")" = 0 ] || fail "left out: $(grep SKIP "$scratch/out")"
! grep -q "$DIGITALOCEAN_ACCESS_TOKEN" "$scratch/out" "$scratch/err" || fail "the token is in the output"
none_left() { [ "$(clusters)" = 0 ]; }
wait_for 20 none_left
# An unreachable cloud is one line.
DIGITALOCEAN_API_URL=http://127.0.0.1:1 expect 1 "${verify[@]}" "$digitalocean" --object="$scratch/web1.yaml"
prints "Bail out! cannot reach http://127.0.0.1:1"; prints_not "not ok"; prints_not "ok 5"
# Invalid credentials: nothing is created, and it fails.
DIGITALOCEAN_ACCESS_TOKEN=dop_v1_wrong expect 1 "${verify[@]}" "$digitalocean" --object="$scratch/web1.yaml" --poll-seconds=0.1 --patience-seconds=1
prints "not ok"
finish
