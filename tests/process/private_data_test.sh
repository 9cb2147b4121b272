#!/usr/bin/env bash
# The files in --data-dir are accessible only to their owner, whatever the umask, also if they
# existed before.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
private() { # FOLDER: others cannot read, write or enter any of it
  local open
  open=$(find "$1" -perm /077 -printf '%M %p\n')
  [ -z "$open" ] || fail "others may look at: $open"
  [ "$(find "$1" -name '*.sqlite*' | wc -l)" -ge 4 ] || fail "not the databases and their logs: $(ls "$1")"
}
umask 000
start_servers --data-dir="$scratch/data"
k create secret generic private --from-literal=token=PRIVATE > /dev/null || fail "make a Secret"
private "$scratch/data"
kill -9 "$stack"
wait "$stack" 2> /dev/null
# As an earlier version left it.
chmod 0755 "$scratch/data"
chmod 0644 "$scratch/data"/*
start_servers --data-dir="$scratch/data"
private "$scratch/data"
[ "$(k get secret private -o 'jsonpath={.data.token}' | base64 -d)" = PRIVATE ] || fail "the Secret is lost"
chmod 1777 "$(mkdir "$scratch/shared" && echo "$scratch/shared")"
expect 1 "$capstan" local --operator=false --data-dir="$scratch/shared"
one_line_saying "is a folder that others share"
finish
