#!/usr/bin/env bash
# Unsuitable plugins are refused with one sentence each, and the others are listed; nothing crashes.
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
good=$(dirname "$capstan")/../lib/capstan/plugins/libcapstan_digitalocean.so

expect 0 "$capstan" plugins list
prints "digitalocean 0."; prints "DigitalOceanCluster (anutosh491.dev/v1alpha1)"
expect 0 "$capstan" plugins inspect "$good"
prints "name     digitalocean"; prints "anutosh491.dev/DigitalOceanCluster"

mkdir "$scratch/empty"
expect 1 "$capstan" plugins list --plugin-dir="$scratch/empty"; one_line_saying "$scratch/empty"
expect 1 "$capstan" plugins list --plugin-dir="$scratch/none"; one_line_saying "$scratch/none"

mkdir "$scratch/mixed"
cp "$good" "$scratch/mixed/good.so"
head -c 20000 "$good" > "$scratch/mixed/truncated.so"
echo "this is text" > "$scratch/mixed/text.so"
: > "$scratch/mixed/nothing.so"
# Another machine: the ELF header's e_machine (offset 18) says AArch64.
cp "$good" "$scratch/mixed/machine.so" && printf '\xb7' | dd of="$scratch/mixed/machine.so" bs=1 seek=18 conv=notrunc status=none
expect 0 "$capstan" plugins list --plugin-dir="$scratch/mixed"
prints "digitalocean 0."
[ "$(wc -l < "$scratch/err")" = 4 ] || { fail "not one line for each of the four bad plugins:"; cat "$scratch/err" >&2; }
for name in truncated text nothing machine; do
  grep -q "mixed/$name.so" "$scratch/err" || fail "no sentence about $name.so"
done
# Irregular files are not opened, and files that others can write are not loaded unless that is
# allowed.
mkdir "$scratch/odd" && mkfifo "$scratch/odd/fifo.so" && mkdir "$scratch/odd/folder.so" && cp "$good" "$scratch/odd/open.so" && chmod 666 "$scratch/odd/open.so"
expect 1 timeout 60 "$capstan" plugins list --plugin-dir="$scratch/odd"
grep -q "fifo.so is no regular file" "$scratch/err" || fail "no sentence about the FIFO"
grep -q "folder.so is a folder" "$scratch/err" || fail "no sentence about the folder"
grep -q "open.so was refused: the file can be written by others" "$scratch/err" || fail "no sentence about the open file"
expect 0 "$capstan" plugins list --plugin-dir="$scratch/odd" --allow-writable-plugins
prints "digitalocean 0."
expect 1 timeout 60 "$capstan" plugins inspect "$scratch/odd/fifo.so"; one_line_saying "no regular file"
expect 1 "$capstan" plugins inspect "$scratch/mixed/text.so"; one_line_saying "text.so"
expect 2 "$capstan" plugins frobnicate; one_line_saying "plugins"

expect 0 "$capstan" crds
prints "kind: CustomResourceDefinition"; prints "x-kubernetes-validations"
expect 0 "$capstan" crds digitalocean --no-cel
prints "kind: CustomResourceDefinition"; prints_not "x-kubernetes-validations"
expect 1 "$capstan" crds nebula; one_line_saying "nebula"
# --- For programs.
expect 0 "$capstan" plugins list -o json; prints '"name":"digitalocean"'; prints '"kind":"DigitalOceanCluster"'
expect 0 "$capstan" plugins list -o yaml; prints "items:"
expect 0 "$capstan" plugins list -o json; prints '"catalogs":["versions","sizes","regions"]'
expect 0 "$capstan" plugins list; prints "lists versions, sizes, regions"
expect 0 "$capstan" plugins inspect "$good"; prints "lists    versions, sizes, regions"
expect 0 "$capstan" plugins inspect "$good" -o json; prints '"catalogs":["versions","sizes","regions"]'; prints '"abi":"1.'; prints '"name":"digitalocean"'
expect 0 "$capstan" plugins inspect "$good" -o yaml; prints "catalogs:"; prints "name: digitalocean"
old=$(dirname "${BASH_SOURCE[0]}")/../abi/frozen/libcapstan_frozen_1_0.so
expect 0 "$capstan" plugins inspect "$old"; prints "lists    nothing"
expect 2 "$capstan" plugins inspect "$good" -o xml; one_line_saying "--output"
expect 2 "$capstan" plugins list -o xml; one_line_saying "--output"
expect 0 "$capstan" crds -o json
python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); assert d["kind"] == "List" and d["items"][0]["kind"] == "CustomResourceDefinition"' "$scratch/out" || fail "crds -o json"
expect 0 "$capstan" crds -o yaml; prints "kind: CustomResourceDefinition"
expect 2 "$capstan" crds -o xml; one_line_saying "--output"
expect 0 "$capstan" explain reasons -o json; prints '"reason":"NameTaken"'
expect 0 "$capstan" explain reasons -o yaml; prints "items:"
expect 0 "$capstan" version -o json; prints '"abi":"1.'
finish
