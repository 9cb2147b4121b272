#!/usr/bin/env bash
# SIGTERM in the middle of a create: the answer is waited for, its id is written down, the lease is given back, exit 0 within 20 seconds. A
# cloud that does not answer in that time does not hold the process, and the next one makes nothing twice.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
start_servers
install
slow() { # NAME SECONDS: a slow way to the cloud
  serve "$1" slow_proxy "$cloud_url" "$scratch/$1.posts" "$2"
  export DIGITALOCEAN_API_URL=http://$address
}
# stop: SIGTERM; the process must end with 0 in $1 seconds.
stop() {
  local began=$SECONDS
  kill -TERM "$operator"
  wait "$operator"
  local status=$?
  [ "$status" = 0 ] || fail "exit status $status at SIGTERM"
  [ $((SECONDS - began)) -le "$1" ] || fail "it took $((SECONDS - began)) seconds to end"
  [ -z "$(holder)" ] || fail "the lease is still held by $(holder)"
}
external() { k get doks "$1" -o "jsonpath={.status.external.$2}"; }

slow patient 5
run
wait_for 30 grep -q " leading " "$scratch/run.log"
cluster asked-to-stop
wait_for 30 grep -q arrived "$scratch/patient.posts"
stop 20
grep -q answered "$scratch/patient.posts" || fail "the answer of the cloud was not waited for"
[ -n "$(external asked-to-stop id)" ] || fail "the id of what was made is not written down: $(k get doks asked-to-stop -o 'jsonpath={.status}')"
[ -z "$(external asked-to-stop pending)" ] || fail "the intent is still there"
grep -q "stopping: running reconciles may finish" "$scratch/run.log" || fail "it does not say that it stops"
[ "$(clusters)" = 1 ] || fail "not one cluster but $(clusters)"

slow endless 60
: > "$scratch/run.log"
run
wait_for 30 ready asked-to-stop
cluster never-answered
wait_for 30 grep -q arrived "$scratch/endless.posts"
stop 23 # 20 for what runs, and the lease
[ -n "$(external never-answered pending)" ] || fail "the intent is gone, so that nobody knows of what may have been made"
DIGITALOCEAN_API_URL=$cloud_url run
wait_for 60 ready never-answered || tail -5 "$scratch/run.log" >&2
[ "$(clusters)" = 2 ] || fail "not two clusters but $(clusters)"
stop 5 # with nothing to do
finish
