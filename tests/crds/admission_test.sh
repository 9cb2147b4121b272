#!/usr/bin/env bash
# Each rule of the CRD refuses exactly what it should: on the embedded server, or on the newest real
# one. Usage: admission_test.sh PROGRAM FOLDER embedded|aggregated SOURCE_FOLDER
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh"
mode=$3
sources=$4
command -v kubectl > /dev/null || { echo "kubectl is needed; scripts/test.sh installs it" >&2; exit 1; }
export XDG_CACHE_HOME=${XDG_CACHE_HOME:-$HOME/.cache} HOME=$scratch
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ "$mode" = embedded ]; then
  kubeconfig=$scratch/kubeconfig
  "$capstan" local --operator=false --kubeconfig-out="$kubeconfig" --ready-file="$scratch/ready" > "$scratch/local.log" 2>&1 &
  started+=($!)
  wait_for test -s "$scratch/ready" || { cat "$scratch/local.log" >&2; finish; }
  "$capstan" crds | kubectl --kubeconfig="$kubeconfig" apply -f - > /dev/null || { fail "the CRD is refused"; finish; }
else
  . "$here/../real_kubernetes/real_server.sh"
  start_kubernetes --aggregate anutosh491.dev/v1alpha1
  kubeconfig=$scratch/kubernetes/kubeconfig
  # Posted manually: the server of custom resources has no core API, which newer kubectls request
  # first.
  server=$(server_of "$scratch/kubernetes/crds-kubeconfig")
  "$capstan" crds --cel > "$scratch/crd.yaml"
  curl -fsSk -o /dev/null -H "Authorization: Bearer admintoken" -H "Content-Type: application/yaml" --data-binary @"$scratch/crd.yaml" \
    "$server/apis/apiextensions.k8s.io/v1/customresourcedefinitions" || { fail "the CRD is refused"; finish; }
fi
# A kind may not accept objects yet immediately after it is served.
served() { kubectl --kubeconfig="$kubeconfig" create --dry-run=server --validate=false -f "$sources/examples/digitalocean/local.yaml"; }
wait_for served || finish
timeout 600 python3 -B "$here/admission.py" "$kubeconfig" "$sources/crds/digitaloceanclusters.yaml" || fail "see above"
finish
