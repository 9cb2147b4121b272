#!/usr/bin/env bash
# The API server is unavailable for minutes, killed or frozen: no busy loop, no growing memory, few
# log lines, and recovery without intervention.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
whole=$scratch
away=150 # seconds

# outage NAME: one of two concurrent ones, in a separate shell.
outage() {
  scratch=$whole/$1
  mkdir -p "$scratch"
  export HOME=$scratch
  trap end_started EXIT
  start_servers --data-dir="$scratch/data"
  install
  export DIGITALOCEAN_API_URL=$cloud_url
  run
  cluster before
  wait_for ready before || { tail -5 "$scratch/run.log" >&2; finish; }
  pause 3
  ticks() { awk '{print $14 + $15}' "/proc/$operator/stat"; }
  memory() { awk '/^VmRSS/ {print $2}' "/proc/$operator/status"; }
  local ticks_before memory_before lines_before port cloud_port
  ticks_before=$(ticks) memory_before=$(memory) lines_before=$(wc -l < "$scratch/run.log")
  port=$(field server) port=${port##*:}
  cloud_port=${cloud_url##*:}

  [ "$1" = killed ] && kill -9 "$stack" || kill -STOP "$stack"
  pause "$away"
  local cpu=$(($(ticks) - ticks_before)) grown=$(($(memory) - memory_before)) said=$(($(wc -l < "$scratch/run.log") - lines_before))
  echo "$1: $cpu ticks, $grown kB more, $said lines"
  [ "$cpu" -lt $((away * 2)) ] || fail "$1: $cpu ticks of CPU in $away s without an API server"
  [ "$grown" -lt 8192 ] || fail "$1: $grown kB of memory more than before"
  [ "$said" -lt 60 ] || { fail "$1: $said log lines"; tail -20 "$scratch/run.log" >&2; }
  [ "$said" -gt 0 ] || fail "$1: not a word about it"
  tail -n "$said" "$scratch/run.log" | grep -q "127.0.0.1:$port\|lease" || fail "$1: the log does not name the server or the lease"

  if [ "$1" = killed ]; then
    wait "$stack" 2> /dev/null
    start_servers --data-dir="$scratch/data" --apiserver-port="$port" --digitalocean-port="$cloud_port"
  else
    kill -CONT "$stack"
  fi
  kill -0 "$operator" || fail "$1: the operator is gone"
  cluster after
  wait_for ready after || { fail "$1: it does not recover"; tail -20 "$scratch/run.log" >&2; }
  [ "$(clusters)" = 2 ] || fail "$1: not two clusters but $(clusters)"
  finish
}
(outage killed) > "$whole/killed.out" 2>&1 &
killed=$!
(outage frozen) > "$whole/frozen.out" 2>&1 &
frozen=$!
wait "$killed" || fail "killed"
wait "$frozen" || fail "frozen"
cat "$whole/killed.out" "$whole/frozen.out" >&2
finish
