#!/usr/bin/env bash
# A connection Secret that a user edits or deletes is restored within seconds, however long its
# object has been at rest; a second edit within a minute is restored by the next observation.
. "$(dirname "${BASH_SOURCE[0]}")/stack.sh"
start_servers
install
export DIGITALOCEAN_API_URL=$cloud_url
run
cluster web
wait_for settled web || { tail -5 "$scratch/run.log" >&2; finish; }
secret_is_good() {
  k get secret web-kubeconfig -o 'jsonpath={.data.kubeconfig}' 2> /dev/null | base64 -d 2> /dev/null | grep -q '^ *server: http'
}
wait_for secret_is_good || finish
pause 3
edited=$SECONDS
k patch secret web-kubeconfig --type=merge -p '{"data":{"kubeconfig":"Z2FyYmFnZQ=="}}' > /dev/null || fail "edit the Secret"
wait_for secret_is_good
[ $((SECONDS - edited)) -le 30 ] || fail "an edit is mended after $((SECONDS - edited)) seconds"
k delete secret web-kubeconfig > /dev/null
wait_for secret_is_good
kill -TERM "$operator"; wait "$operator" || fail "it does not end with 0"
finish
