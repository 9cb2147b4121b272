#!/usr/bin/env bash
# An author's operator (examples/website) behaves like `capstan run`: a second process of its name
# is refused, it follows a kubeconfig that changes on disk, an unread log does not block it, and it
# stops in time.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
website=$(dirname "$capstan")/website
crd=$(dirname "${BASH_SOURCE[0]}")/../../examples/website/crd.yaml

start_website_servers() {
  "$capstan" apiserver --ready-file="$scratch/ready" --kubeconfig-out="$scratch/kubeconfig" > "$scratch/server.log" 2>&1 &
  started+=("$!")
  wait_for 30 test -s "$scratch/ready" || { cat "$scratch/server.log" >&2; finish; }
  k apply -f "$crd" > /dev/null || { fail "apply the CRD"; finish; }
}
site() { # NAME
  k apply -f - > /dev/null << Y || fail "apply website $1"
apiVersion: example.dev/v1
kind: Website
metadata: {name: $1, namespace: default}
spec: {title: "$1"}
Y
}
# as ACCOUNT: from now on the operator's kubeconfig has a token of a new service account with all
# permissions.
as() {
  k create serviceaccount "$1" > /dev/null
  k create clusterrolebinding "$1" --clusterrole=cluster-admin --serviceaccount="default:$1" > /dev/null
  sed -e '/client-certificate-data:/d' -e '/client-key-data:/d' -e '/^ *token:/d' "$scratch/kubeconfig" |
    python3 -c '
import sys, yaml
config = yaml.safe_load(sys.stdin)
for user in config["users"]: user["user"] = {"token": sys.argv[1]}
yaml.safe_dump(config, sys.stdout)' "$(k create token "$1")" > "$scratch/operator.new"
  mv "$scratch/operator.new" "$scratch/operator"
}
published() { k get configmap "$1-page"; }
metric() { curl -fsS "http://127.0.0.1:$port/metrics" | grep "^$1 " | cut -d' ' -f2; }
readyz() { curl -fsS "http://127.0.0.1:$port/readyz"; }

start_website_servers
as first
mkfifo "$scratch/log"
exec 7<> "$scratch/log"
port=$(free_port)
"$website" --kubeconfig="$scratch/operator" --log-level=debug --health-address="127.0.0.1:$port" 2>&7 7>&- &
operator=$!
started+=("$operator")
wait_for readyz || fail "it is not ready"
site one
wait_for published one || fail "one is not published"

# --- A second one of its name is refused in one line, and the first continues.
expect 1 "$website" --kubeconfig="$scratch/operator"
one_line_saying "website"

# --- Nobody reads the log, which fills up quickly: work continues, and lines wait in the queue.
python3 - "$scratch/log" << 'P'
import os, sys
pipe = os.open(sys.argv[1], os.O_WRONLY | os.O_NONBLOCK)
try:
    while True: os.write(pipe, b"." * 4095 + b"\n")
except BlockingIOError:
    pass
P
site two
wait_for published two || fail "two is not published while nobody reads the log"
wait_for readyz || fail "it is not ready while nobody reads the log"

# --- Its account is deleted and the kubeconfig on disk has another one: it is used without a
# restart.
as second
k delete serviceaccount first > /dev/null
site three
wait_for published three || fail "the kubeconfig that changed was not taken over"
[ "$(metric capstan_log_lines_dropped_total)" = 0 ] || fail "lines were dropped although there was room"
kill -0 "$operator" 2> /dev/null || fail "it ended"

# --- It stops in time, although nobody reads.
began=$SECONDS
kill -TERM "$operator"
wait "$operator" || fail "exit status $? at SIGTERM"
[ $((SECONDS - began)) -le 45 ] || fail "it took $((SECONDS - began)) seconds to end"
finish
