#!/usr/bin/env bash
# Nobody reads the operator's log: it continues and is ready, stops in time, and lines that are read
# late are complete.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
start_servers
install
export DIGITALOCEAN_API_URL=$cloud_url
mkfifo "$scratch/log"
# stalled [FLAGS...]: the operator, with its log on a full pipe that this shell holds open and
# nobody reads.
stalled() {
  exec 7<> "$scratch/log"
  python3 - "$scratch/log" << 'P'
import os, sys
pipe = os.open(sys.argv[1], os.O_WRONLY | os.O_NONBLOCK)
try:
    while True: os.write(pipe, b"." * 4095 + b"\n")
except BlockingIOError:
    pass
P
  port=$(free_port)
  "$capstan" run --kubeconfig="$scratch/kubeconfig" --leader-elect --create-settle=2s --log-format=json \
    --health-address="127.0.0.1:$port" "$@" 2>&7 7>&- &
  operator=$!
  started+=("$operator")
}
metric() { curl -fsS "http://127.0.0.1:$port/metrics" | grep "^$1 " | cut -d' ' -f2; }
readyz() { curl -fsS "http://127.0.0.1:$port/readyz"; }
ends() { # SECONDS
  local began=$SECONDS
  kill -TERM "$operator"
  wait "$operator"
  local status=$?
  [ "$status" = 0 ] || fail "exit status $status at SIGTERM"
  [ $((SECONDS - began)) -le "$1" ] || fail "it took $((SECONDS - began)) seconds to end"
}

stalled
wait_for readyz || fail "it is not ready"
for name in one two three; do cluster "$name"; done
for name in one two three; do wait_for ready "$name" || fail "$name is not made while nobody reads the log"; done
[ "$(metric capstan_log_lines_dropped_total)" = 0 ] || fail "lines were dropped although there was room"
k delete doks one --wait=false > /dev/null
wait_for gone one || fail "one is not removed while nobody reads the log"
# Now a reader starts, and finds every line complete.
cat <&7 > "$scratch/read" 2> /dev/null &
reader=$!
started+=("$reader")
told() { grep -q '"message":"stopping: running reconciles may finish"' "$scratch/read"; }
kill -TERM "$operator"
wait "$operator" || fail "exit status $? at SIGTERM"
wait_for told || fail "what was said last was not read"
kill "$reader"
wait "$reader" 2> /dev/null
exec 7>&-
grep -v '^\.*$' "$scratch/read" | python3 -c '
import json, sys
lines = [json.loads(line) for line in sys.stdin]
assert len(lines) > 5, lines
assert any("serving health and metrics" == line["message"] for line in lines), lines' || fail "a line of the log is not whole"

stalled
wait_for readyz || fail "it is not ready"
ends 45
exec 7>&-
finish
