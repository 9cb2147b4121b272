#!/usr/bin/env bash
# scripts/real-kubernetes.sh starts a real server from existing programs, a client works with it,
# and `down` leaves nothing. script_for_users_test.sh CONFORMANCE_BINARY SCRATCH
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh"
suite=$1
[ -n "${CAPSTAN_KUBERNETES_UP:-}" ] || { echo "skipped: CAPSTAN_KUBERNETES_UP is not set"; exit 77; }
script=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../scripts" && pwd)/real-kubernetes.sh
scratch=$(cd "$scratch" && pwd)
server=$scratch/server
cleanup() {
  "$script" down "$server" > /dev/null 2>&1
  "$(dirname "$CAPSTAN_KUBERNETES_UP")/down" "$scratch/unpacked" > /dev/null 2>&1
  [ -z "${squatter:-}" ] || kill "$squatter" 2> /dev/null
}
trap cleanup EXIT

# The programs that CAPSTAN_KUBERNETES_UP uses; it unpacks them when it first runs.
assets=${CAPSTAN_KUBERNETES_BIN:-${XDG_CACHE_HOME:-$HOME/.cache}/capstan-kubernetes}
if [ ! -x "$assets/kube-apiserver" ]; then
  "$CAPSTAN_KUBERNETES_UP" "$scratch/unpacked" > "$scratch/up.log" 2>&1 || { cat "$scratch/up.log" >&2; exit 1; }
fi
export XDG_CACHE_HOME=$scratch/cache # nothing built earlier
export KUBEBUILDER_ASSETS=$assets

# Bad input gets one sentence that says what to do.
refused() { # refused WORDS COMMAND...
  local words=$1
  shift
  expect 1 "$@"
  one_line_saying "$words"
}
mkdir -p "$scratch/empty" "$scratch/half" "$scratch/bin"
ln -sf "$assets/kube-apiserver" "$scratch/half/kube-apiserver"
refused "KUBEBUILDER_ASSETS is set, but $scratch/empty/kube-apiserver is not there" env KUBEBUILDER_ASSETS="$scratch/empty" "$script" up "$server"
refused "KUBEBUILDER_ASSETS is set, but $scratch/half/etcd is not there" env KUBEBUILDER_ASSETS="$scratch/half" "$script" up "$server"
printf 'PRETTY_NAME="Elsewhere 7"\nVERSION_CODENAME=nowhere\n' > "$scratch/os-release"
other=(env -u KUBEBUILDER_ASSETS OS_RELEASE="$scratch/os-release")
refused "etcd is not on PATH, and can be fetched on Debian 12 only (this is Elsewhere 7)" "${other[@]}" PATH="$scratch/half:/usr/bin:/bin" "$script" up "$server"
ln -sf "$assets/etcd" "$scratch/bin/etcd"
refused "kube-apiserver is not on PATH, and can be fetched on Debian 12 only" "${other[@]}" PATH="$scratch/bin:/usr/bin:/bin" "$script" up "$server"
refused "--port takes a number" "$script" up "$server" --port http
python3 -c 'import socket, sys, time; s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True); time.sleep(900)' > "$scratch/port" &
squatter=$!
wait_for test -s "$scratch/port"
refused "port $(cat "$scratch/port") of 127.0.0.1 is taken" "$script" up "$server" --port "$(cat "$scratch/port")"
refused "is not there: nothing to stop" "$script" down "$scratch/never"
expect 2 "$script" sideways

# Up: an administrator by certificate and by token, rights for the others, tokens for
# ServiceAccounts.
expect 0 "$script" up "$server"
prints "$server/kubeconfig"
refused "is running" "$script" up "$server"
k() { timeout 120 kubectl --kubeconfig="$server/kubeconfig" "$@"; }
k get namespace default > /dev/null || fail "the certificate's administrator is refused"
timeout 90 kubectl --kubeconfig="$server/kubeconfig-token" get namespace default > /dev/null || fail "the token's administrator is refused"
k create namespace there > /dev/null && k create serviceaccount somebody -n there > /dev/null || fail "nothing can be created"
k auth can-i list secrets -n there --as=system:serviceaccount:there:somebody > "$scratch/may" 2>&1 && fail "everybody may do everything: $(cat "$scratch/may")"
token=$(k create --raw /api/v1/namespaces/there/serviceaccounts/somebody/token -f <(echo '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}') |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["status"]["token"])')
[ "$(curl -s --cacert "$server/ca.crt" -o "$scratch/out" -w '%{http_code}' -H "Authorization: Bearer $token" "$(sed -n 's/.*server: "\([^"]*\)".*/\1/p' "$server/kubeconfig")/api/v1/namespaces/there/secrets")" = 403 ] ||
  { fail "a ServiceAccount's token is not known, or may do too much:"; cat "$scratch/out" >&2; }
[ "$(stat -c %a "$server/kubeconfig" "$server/token" "$server/sa.key" | sort -u)" = 600 ] || fail "others may read its keys"
CAPSTAN_TEST_KUBECONFIG=$server/kubeconfig timeout 300 "$suite" --gtest_filter='*StaleResourceVersion*/cluster:*Bookmark*/cluster' > "$scratch/suite.log" 2>&1 ||
  { fail "the conformance suite finds it wanting"; tail -20 "$scratch/suite.log" >&2; }
grep -q "^\[  PASSED  \] [1-9]" "$scratch/suite.log" || fail "no case of the conformance suite ran"

# down leaves no process, and up continues with the same data.
pids=$(cat "$server"/*.pid)
expect 0 "$script" down "$server"
for pid in $pids; do
  state=$(ps -o stat= -p "$pid" || true)
  [[ -z $state || $state == Z* ]] || fail "process $pid is left: $(ps -o args= -p "$pid")"
done
expect 0 "$script" up "$server"
k get namespace there > /dev/null || fail "what was stored is gone"
expect 0 "$script" down "$server"
finish
