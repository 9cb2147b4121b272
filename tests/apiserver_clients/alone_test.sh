# bash alone_test.sh PROGRAM SCRATCH_FOLDER: `capstan apiserver` runs by itself, reports when it is
# ready, and keeps its data.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh"
start() {
  rm -f "$scratch/ready"
  "$capstan" apiserver --ready-file="$scratch/ready" --data-dir="$scratch/data" > "$scratch/out" 2> "$scratch/err" &
  started+=($!)
  wait_for test -s "$scratch/ready" || { cat "$scratch/err" >&2; finish; }
  kubeconfig=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["kubeconfig"])' "$scratch/ready")
}
k() { timeout 60 kubectl --kubeconfig "$kubeconfig" "$@" > "$scratch/k.out" 2>&1 || { fail "kubectl $*"; cat "$scratch/k.out" >&2; }; }
says() { grep -qF -- "$1" "$scratch/k.out" || { fail "the output does not say \"$1\":"; cat "$scratch/k.out" >&2; }; }
command -v kubectl > /dev/null || { echo "kubectl is not here: nothing to ask with"; exit 77; }
start
k create configmap kept --from-literal=a=b
k create deployment web --image=nginx:1
k get deployment web -o 'jsonpath={.spec.strategy.type}'
says RollingUpdate
k get service kubernetes
says 443/TCP
kill "${started[0]}" && wait "${started[0]}" || fail "it ended with status $?"
started=()
start
k get configmap kept -o 'jsonpath={.data.a}'
says b
finish
