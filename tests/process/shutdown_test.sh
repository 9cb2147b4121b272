#!/usr/bin/env bash
# SIGTERM in the middle of a create: the process waits for the answer, records its id, releases the
# lease, and exits with 0 within 20 seconds. A cloud that does not answer in that time does not
# block the process, and the next one creates nothing twice.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
start_servers
install
slow() { # NAME SECONDS: a slow connection to the cloud
  serve "$1" slow_proxy "$cloud_url" "$scratch/$1.posts" "$2"
  export DIGITALOCEAN_API_URL=http://$address
}
# stop: SIGTERM; the process must exit with 0 in its 20 seconds plus the delay of a busy machine,
# long before an endless cloud would let it.
stop() {
  local began=$SECONDS took
  kill -TERM "$operator"
  wait "$operator"
  local status=$?
  took=$((SECONDS - began))
  [ "$status" = 0 ] || fail "exit status $status at SIGTERM"
  [ "$took" -le 45 ] || fail "it took $took seconds to end"
  [ -z "$(holder)" ] || fail "the lease is still held by $(holder)"
}
external() { k get doks "$1" -o "jsonpath={.status.external.$2}"; }

slow patient 3
run
wait_for grep -q " leading " "$scratch/run.log"
cluster asked-to-stop
wait_for grep -q arrived "$scratch/patient.posts"
stop
wait_for grep -q answered "$scratch/patient.posts" || fail "the answer of the cloud was not waited for"
[ -n "$(external asked-to-stop id)" ] || fail "the id of what was made is not written down: $(k get doks asked-to-stop -o 'jsonpath={.status}')"
[ -z "$(external asked-to-stop pending)" ] || fail "the intent is still there"
grep -q "stopping: running reconciles may finish" "$scratch/run.log" || fail "it does not say that it stops"
! grep -q "cut short" "$scratch/run.log" || fail "it was not waited for"
[ "$(clusters)" = 1 ] || fail "not one cluster but $(clusters)"

slow endless 600
: > "$scratch/run.log"
run
wait_for ready asked-to-stop
cluster never-answered
wait_for grep -q arrived "$scratch/endless.posts"
stop
: > "$scratch/run.log"
[ -n "$(external never-answered pending)" ] || fail "the intent is gone, so that nobody knows of what may have been made"
DIGITALOCEAN_API_URL=$cloud_url run
wait_for ready never-answered || tail -5 "$scratch/run.log" >&2
[ "$(clusters)" = 2 ] || fail "not two clusters but $(clusters)"
stop
! grep -q "cut short" "$scratch/run.log" || fail "with nothing to do it waited for something"
finish
