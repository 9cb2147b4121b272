#!/usr/bin/env bash
# Does to the servers in a folder what no API offers:   cluster_control.sh kill|start|snapshot|restore DIR
#   kill      kill -9 of the API servers; etcd stays
#   start     starts again, as they were, all servers that do not run
#   snapshot  keeps what etcd has on its disk now, as a crash would find it
#   restore   puts that back, while the API servers are killed
# DIR holds NAME.pid and NAME.log of etcd, kube-apiserver and perhaps apiextensions-apiserver, and
# etcd's data in etcd/.
set -euo pipefail
what=$1
cd "$2"
names=()
for name in etcd kube-apiserver apiextensions-apiserver; do [ ! -f "$name.pid" ] || names+=("$name"); done
# A zombie process is not alive.
alive() { [[ "$(sed 's/.*) //' "/proc/$(cat "$1.pid")/stat" 2> /dev/null)" == [^Z]* ]]; }
for name in "${names[@]}"; do
  [ -f "$name.cmdline" ] || cat "/proc/$(cat "$name.pid")/cmdline" > "$name.cmdline"
done
stop() {
  kill -9 "$(cat "$1.pid")" 2> /dev/null || return 0
  while alive "$1"; do sleep 0.02; done
}
begin() {
  mapfile -d '' -t command < "$1.cmdline"
  nohup setsid "${command[@]}" >> "$1.log" 2>&1 < /dev/null &
  echo $! > "$1.pid"
}
case $what in
  kill) for name in "${names[@]}"; do [ "$name" = etcd ] || stop "$name"; done ;;
  start)
    for name in "${names[@]}"; do
      alive "$name" || begin "$name"
      [ "$name" != etcd ] || timeout 60 bash -c 'until curl -fs "$(cat etcd-url)/health" > /dev/null; do sleep 0.1; done'
    done ;;
  snapshot)
    pid=$(cat etcd.pid)
    kill -STOP "$pid"
    rm -rf etcd.snapshot
    cp -a etcd etcd.snapshot || true
    kill -CONT "$pid" ;;
  restore)
    stop etcd
    rm -rf etcd
    cp -a etcd.snapshot etcd ;;
  *) echo "cluster_control.sh: unknown: $what" >&2; exit 2 ;;
esac
