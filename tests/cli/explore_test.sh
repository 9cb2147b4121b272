#!/usr/bin/env bash
# `capstan explore` runs the operator with a plugin and a failure at every effect, without a cluster
# and without a cloud.
. "$(dirname "${BASH_SOURCE[0]}")/stack.sh"
build=$(dirname "$capstan")/..
digitalocean=$build/lib/capstan/plugins/libcapstan_digitalocean.so
directory=$build/examples/plugins/libcapstan_directory.so
unset DIGITALOCEAN_API_URL DIGITALOCEAN_ACCESS_TOKEN DIRECTORY_ROOT
for count in 1 2; do
  cat > "$scratch/web$count.yaml" << Y
apiVersion: anutosh491.dev/v1alpha1
kind: DigitalOceanCluster
metadata: {name: web}
spec: {region: nyc1, version: latest, nodePools: [{name: web, size: s-2vcpu-2gb, count: $count}]}
Y
done
explore=("$capstan" explore --plugin="$digitalocean" --object="$scratch/web1.yaml")

# --- Bad input: one sentence, exit status 2.
expect 2 "$capstan" explore; one_line_saying "--plugin=FILE --object=FILE"
expect 2 "$capstan" explore "$digitalocean"; one_line_saying "takes no operands"
expect 2 "$capstan" explore --plugin="$scratch/none.so" --object="$scratch/web1.yaml"; one_line_saying "none.so"
expect 2 "$capstan" explore --plugin="$scratch/web1.yaml" --object="$scratch/web1.yaml"; one_line_saying "web1.yaml"
expect 2 "$capstan" explore --plugin="$digitalocean" --object="$scratch/none.yaml"; one_line_saying "none.yaml"
sed 's/count: 1/count: many/' "$scratch/web1.yaml" > "$scratch/wrong.yaml"
expect 2 "$capstan" explore --plugin="$digitalocean" --object="$scratch/wrong.yaml"; one_line_saying "spec.nodePools"
expect 2 "${explore[@]}" --schedule=12:nonsense; one_line_saying "EFFECT:MISHAP"
expect 2 "${explore[@]}" --schedule=99999:409; one_line_saying "99999:409 never strikes"
expect 2 "${explore[@]}" --mishaps=nonsense; one_line_saying "there is no mishap \"nonsense\""
expect 2 "${explore[@]}" --budget=1 --mishaps=409 --html="$scratch/none/page.html"; one_line_saying "check that its folder exists"
expect 2 "$capstan" explore --plugin="$directory" --object="$scratch/web1.yaml"; one_line_saying "start a simulator"
for schedule in -8:409 8x:409 1x2:409 8:409, 99999999999:409 "8:409 "; do
  expect 2 "${explore[@]}" --schedule="$schedule"; one_line_saying "EFFECT:MISHAP"
done
expect 2 "${explore[@]}" --schedule=8:409,8:429; one_line_saying "effect 8 has two mishaps"
expect 2 "${explore[@]}" --schedule=8:user-edit; one_line_saying "cannot meet user-edit"
expect 2 "${explore[@]}" --mishaps=crd-deleted; one_line_saying "cannot meet crd-deleted"
for number in --budget=-1 --budget=many --budget=99999999999 --pairs=-2 --jobs=-1 --jobs=2000; do
  expect 2 "${explore[@]}" "$number"; one_line_saying "${number%%=*}"
done
: > "$scratch/empty"
mkdir "$scratch/folder"
head -c 30000000 /dev/zero | tr '\0' x > "$scratch/huge"
for odd in "$scratch/empty" "$scratch/folder" "$scratch/huge" /dev/null; do
  expect 2 "$capstan" explore --plugin="$digitalocean" --object="$odd"; one_line_saying "$odd"
  expect 2 "${explore[@]}" --changed="$odd"; one_line_saying "$odd"
  expect 2 "$capstan" explore --plugin="$odd" --object="$scratch/web1.yaml"; one_line_saying "$odd"
done
expect 2 "${explore[@]}" --html="$scratch/folder"; one_line_saying "cannot write $scratch/folder"

# --- So does capstan-explore, with the scenarios of this project.
scenario=("$build/bin/capstan-explore" --scenario=create-delete)
expect 2 "$build/bin/capstan-explore" --scenario=nonsense; one_line_saying "create-delete-at-once"
expect 2 "$build/bin/capstan-explore" --schedule=8:409; one_line_saying "--scenario="
expect 2 "${scenario[@]}" --lives=long; one_line_saying "short or full"
expect 2 "${scenario[@]}" --nonsense; one_line_saying "unknown flag --nonsense"
expect 2 "${scenario[@]}" nonsense; one_line_saying "takes no operands"
for number in --budget=-1 --budget=many --pairs=-2 --walks=-1 --reach=0 --jobs=-1 --seed=-1; do
  expect 2 "${scenario[@]}" "$number"; one_line_saying "${number%%=*}"
done
expect 2 "${scenario[@]}" --schedule=8:watch-lost; one_line_saying "cannot meet watch-lost"
expect 2 "${scenario[@]}" --schedule=9999:409; one_line_saying "9999:409 never strikes"
expect 0 "${scenario[@]}" --schedule=8:crash-before; prints "0 violations"
expect 0 "$build/bin/capstan-explore" --help; prints "--reach"
"${scenario[@]}" --lives=full --pairs=-1 > "$scratch/out" 2> "$scratch/err" &
pid=$!
started+=("$pid")
wait_for grep -q "schedules" "$scratch/err"
kill -INT "$pid"
wait "$pid"
[ $? = 0 ] || fail "an interrupted exploration that found nothing fails"
prints "stopped before the end"

# --- One run with an edit, undisturbed and with failures.
expect 0 "${explore[@]}" --schedule=none; prints "effects, 0 violations"
expect 0 "${explore[@]}" --changed="$scratch/web2.yaml" --schedule=9:crash-after-commit; prints "with 9:crash-after-commit"; prints "0 violations"
expect 0 "${explore[@]}" --changed="$scratch/web2.yaml" --mishaps=crash-after-commit,409,watch-delayed --budget=6 --html="$scratch/page.html"
prints "7 schedules"; prints "0 violations"; prints "lives a minute"
grep -q '^<!doctype html>' "$scratch/page.html" || fail "no page is written"
! grep -qE '(src|href)="?https?:' "$scratch/page.html" || fail "the page needs something from elsewhere"

# --- A refused region is a finding: a state that is not even reached undisturbed is reported with
# the command that reproduces it.
sed 's/count: 1/count: 500/' "$scratch/web1.yaml" > "$scratch/toomany.yaml"
expect 1 "$capstan" explore --plugin="$digitalocean" --object="$scratch/toomany.yaml"
prints "violated: does not come about: Ready"; prints "again with: capstan explore --plugin=$digitalocean --object=$scratch/toomany.yaml --schedule=none"

# --- Ctrl-C ends it; it reports the progress so far.
"${explore[@]}" > "$scratch/out" 2> "$scratch/err" &
pid=$!
started+=("$pid")
wait_for grep -q "schedules" "$scratch/err"
kill -INT "$pid"
wait "$pid"
[ $? = 0 ] || fail "an interrupted exploration that found nothing fails"
prints "stopped before the end"

# --- A simulator on this machine instead of the built-in one.
start_servers --provisioning-seconds=0
export DIGITALOCEAN_API_URL=$cloud_url
expect 2 "${explore[@]}"; one_line_saying "DIGITALOCEAN_ACCESS_TOKEN"
export DIGITALOCEAN_ACCESS_TOKEN=$token
expect 0 "${explore[@]}" --schedule=9:crash-after-commit; prints "0 violations"
finish
