# Sourced by the scripts next to it: bash x_test.sh PROGRAM SCRATCH_FOLDER kubectl|oldest. Starts
# only the embedded API server and provides: k ARGUMENTS..., says TEXT, refuses TEXT ARGUMENTS...
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh"
age=$3
kubectl=kubectl
if [ "$3" = oldest ]; then
  # Without a second kubectl there is nothing to compare; ctest shows the test as skipped.
  kubectl=${CAPSTAN_KUBECTL120:-}
  [ -n "$kubectl" ] || exit 77
fi
command -v "$kubectl" > /dev/null || { echo "kubectl is needed; scripts/test.sh installs it" >&2; exit 1; }
mkdir "$scratch/home"
export HOME="$scratch/home" KUBECONFIG="$scratch/kubeconfig"
out=$scratch/out

# Runs kubectl; it must succeed.
k() {
  timeout 60 "$kubectl" "$@" > "$out" 2>&1 < /dev/stdin || { fail "kubectl $*"; cat "$out" >&2; }
}
# The last output contains this text.
says() { grep -qF -- "$1" "$out" || { fail "the output does not say \"$1\":"; head -30 "$out" >&2; }; }
says_not() { ! grep -qF -- "$1" "$out" || { fail "the output says \"$1\":"; head -30 "$out" >&2; }; }
# refuses TEXT ARGUMENTS...: kubectl fails with this text.
refuses() {
  local text=$1
  shift
  timeout 60 "$kubectl" "$@" > "$out" 2>&1 && fail "kubectl $* succeeded"
  says "$text"
}
# times_out ARGUMENTS...: kubectl times out with its message. On a busy machine a short time may be
# over before the wait begins, which has another message: then with more time.
times_out() {
  local time
  for time in 1 5 25; do
    timeout 120 "$kubectl" wait "$@" --timeout="${time}s" > "$out" 2>&1 && { fail "kubectl wait $* succeeded"; return; }
    grep -qF "timed out waiting for the condition" "$out" && return
  done
  says "timed out waiting for the condition"
}
says_line() { grep -qxF -- "$1" "$out" || { fail "no line of the output is \"$1\":"; head -30 "$out" >&2; }; }
# is VALUE: the complete last output.
is() { [ "$(cat "$out")" = "$1" ] || fail "the output is \"$(cat "$out")\" instead of \"$1\""; }
# Whether this is the newer of the two: features unknown to an old kubectl are not tested with it.
newer() { [ "$age" != oldest ]; }
# watching FILE ARGUMENTS...: kubectl in the background, until its watch is open on the server. Its
# output goes to FILE, its process to $watching. Changes before the watch is open would be missed,
# as they should.
watching() {
  timeout 120 "$kubectl" "${@:2}" -v=6 > "$scratch/$1" 2> "$scratch/$1.log" &
  watching=$!
  wait_for grep -Eq 'watch=true.*200' "$scratch/$1.log" || cat "$scratch/$1.log" >&2
}
"$capstan" local --operator=false --kubeconfig-out="$KUBECONFIG" --ready-file="$scratch/ready" \
  > "$scratch/local.out" 2> "$scratch/local.err" &
started+=($!)
wait_for 20 test -s "$scratch/ready" || { cat "$scratch/local.err" >&2; finish; }

widgets() {
  cat << 'Y'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget, shortNames: [wd], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        type: object
        description: A widget for a test.
        properties:
          spec:
            type: object
            description: What is wanted.
            required: [size]
            properties:
              size: {type: integer, minimum: 1, description: How big it is.}
              colour: {type: string, default: grey}
              parts: {type: array, items: {type: string}}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
Y
}
widget() { # NAME SIZE
  printf 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: %s}\nspec: {size: %s}\n' "$1" "$2"
}
