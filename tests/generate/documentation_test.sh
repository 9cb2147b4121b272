#!/usr/bin/env bash
# docs/generating.md: its short schema is valid, and each of its commands works as described, one
# after the other in an empty folder: documentation_test.sh CAPSTAN SOURCE BUILD
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh" "$1" "$(mktemp -d)"
source=$2 build=$3
trap 'end_started; rm -rf "$scratch"' EXIT
page=$source/docs/generating.md
work=$scratch/work
mkdir -p "$work"
cp "$build/bin/website" "$work/website" || fail "the example operator is not built"
awk '/^```yaml/ {on = 1; next} /^```/ {on = 0} on' "$page" > "$work/website.yaml"
# The page requests its kinds from a server.
"$capstan" local --operator=false --kubeconfig-out="$scratch/kubeconfig" --ready-file="$scratch/ready" --data-dir="$scratch/data" \
  2> "$scratch/server.log" &
started+=($!)
wait_for test -s "$scratch/ready" || finish
export KUBECONFIG=$scratch/kubeconfig PATH=$(dirname "$capstan"):$PATH
cd "$work" || exit 1
commands=$(sed -n 's/^    \(capstan\|kubectl\) /\1 /p' "$page")
[ "$(wc -l <<< "$commands")" -ge 5 ] || fail "docs/generating.md has fewer commands than it had"
while read -r command; do
  bash -c "$command" > "$scratch/out" 2>&1 < /dev/null || { fail "docs/generating.md: $command"; cat "$scratch/out" >&2; }
done <<< "$commands"
for file in crd.yaml website.hpp website.cpp own_kinds.hpp own_kinds.cpp rbac.yaml; do
  [ -s "$file" ] || fail "docs/generating.md says $file is written"
done
# The output is valid: the server accepts it.
kubectl apply -f crd.yaml > "$scratch/out" 2>&1 || { fail "the CRD is refused"; cat "$scratch/out" >&2; }
kubectl create namespace website-system > /dev/null
kubectl apply -f rbac.yaml > "$scratch/out" 2>&1 || { fail "the roles are refused"; cat "$scratch/out" >&2; }
finish
