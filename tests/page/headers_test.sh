#!/usr/bin/env bash
# The responses of the page's server: only GET, a strict content security policy, only loopback host
# names, no secret; and the refusal of invalid addresses.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
start_stack
. "$scratch/environment"
page=$CAPSTAN_OPERATOR_URL
port=${page##*:}
status() { curl -s -o "$scratch/body" -D "$scratch/head" -w '%{http_code}' "$@"; }
[ "$(status "$page/")" = 200 ] || fail "the page is not there"
grep -qi "^content-security-policy: default-src 'none'; script-src 'self';" "$scratch/head" || fail "no strict Content-Security-Policy"
! grep -qi "unsafe" "$scratch/head" || fail "the policy allows what is unsafe"
grep -qi "^x-content-type-options: nosniff" "$scratch/head" || fail "types may be guessed"
for file in page.js style.css api/state; do [ "$(status "$page/$file")" = 200 ] || fail "$file is not there"; done
! grep -REqi 'https?://[a-z]' "$scratch/body" || fail "another host is named"
for method in POST PUT PATCH DELETE; do [ "$(status -X $method "$page/api/state")" = 405 ] || fail "$method is answered"; done
[ "$(status -H "Host: evil.example:$port" "$page/api/state")" = 421 ] || fail "a name that leads to loopback is answered"
[ "$(status -H "Host: localhost:$port" "$page/api/state")" = 200 ] || fail "localhost is not answered"
[ "$(status "$page/none")" = 404 ] || fail "a page that is not there"
[ "$(status "$page/api/objects/DigitalOceanCluster/default/none")" = 404 ] || fail "an object that is not there"
[ "$(status "$page/api/objects/..%2f..%2fetc/passwd")" = 404 ] || fail "a path out of it"
secret=
cluster web
wait_for settled web
[ "$(status "$page/api/objects/DigitalOceanCluster/default/web")" = 200 ] || fail "an object"
grep -q '"operation":"create"' "$scratch/body" || fail "no effects"
curl -s "$page/api/state" "$page/api/objects/DigitalOceanCluster/default/web" "$page/debug/objects/default/web" > "$scratch/all"
! grep -qF "$token" "$scratch/all" || fail "the token is shown"
# Live: a stream reports events.
timeout 20 curl -sN "$page/api/events" > "$scratch/stream" &
started+=($!)
wait_for grep -q '^event: state' "$scratch/stream"
k delete doks web --wait=false > /dev/null
wait_for grep -q '"deleting":true' "$scratch/stream"
# Behind a reverse proxy with another name that requests the page as http://127.0.0.1:PORT, live
# updates included.
serve proxy recording_proxy "$page" "$scratch/proxy.requests"
[ "$(status -H "Host: capstan.example" "http://$address/")" = 200 ] || fail "the page is not there behind a reverse proxy"
timeout 20 curl -sN "http://$address/api/events" > "$scratch/proxied" &
started+=($!)
wait_for grep -q '^event: state' "$scratch/proxied"
cluster behind
wait_for grep -q '"name":"behind"' "$scratch/proxied"
# Addresses that cannot be served.
expect 2 "$capstan" run --kubeconfig="$scratch/kubeconfig" --web-address=nonsense; one_line_saying "--web-address"
expect 1 "$capstan" run --kubeconfig="$scratch/kubeconfig" --web-address="127.0.0.1:$port"
grep -q "127.0.0.1:$port" "$scratch/err" || fail "the address in use is not named"
expect 2 "$capstan" local --web-address=nonsense; one_line_saying "--web-address"
finish
