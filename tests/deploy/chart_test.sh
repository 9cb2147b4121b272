#!/usr/bin/env bash
# The Helm chart renders, with helm if it is installed and otherwise with render_chart.py; a
# Kubernetes API accepts the result; the permissions equal those of deploy/operator; values that the
# schema does not allow are refused: chart_test.sh CAPSTAN SOURCE
set -euo pipefail
capstan=$1 source=$2
command -v kubectl > /dev/null || { echo "no kubectl here"; exit 77; }
scratch=$(mktemp -d)
trap 'kill "$server" 2> /dev/null || true; wait 2> /dev/null || true; rm -rf "$scratch"' EXIT
chart=$source/deploy/chart
render() { # [VALUES.json]
  if command -v helm > /dev/null; then helm template capstan "$chart" -n capstan-system ${1:+-f "$1"}; else python3 "$source/tests/deploy/render_chart.py" "$chart" ${1:+"$1"}; fi
}
"$capstan" local --operator=false --environment-out="$scratch/env" > "$scratch/local.log" 2>&1 &
server=$!
for _ in $(seq 300); do [ -s "$scratch/env" ] && break; kill -0 "$server"; sleep 0.1; done
. "$scratch/env"
for namespace in capstan-system team-a team-b; do kubectl create namespace $namespace > /dev/null; done
known=$(kubectl api-resources --no-headers -o name | sed 's/\..*//' | sort -u)
# Kinds that the embedded server does not have are excluded by name.
apply() {
  python3 - "$1" "$scratch/known.yaml" "$known" << 'PYTHON'
import re, sys
plural = lambda kind: {"NetworkPolicy": "networkpolicies"}.get(kind, kind.lower() + "s")
known = set(sys.argv[3].split())
documents = open(sys.argv[1]).read().split("\n---\n")
keep = [d for d in documents if plural(re.search(r"^kind: (\w+)", d, re.M).group(1)) in known]
assert len(keep) >= 5, len(keep)
open(sys.argv[2], "w").write("\n---\n".join(keep))
PYTHON
  kubectl apply --dry-run=server -f "$scratch/known.yaml" > /dev/null
}
render > "$scratch/plain.yaml"
apply "$scratch/plain.yaml"
grep -q 'kind: ClusterRoleBinding' "$scratch/plain.yaml"
grep -q 'image: capstan:0.1.0' "$scratch/plain.yaml"
cat > "$scratch/values.json" << 'JSON'
{"namespaces": ["team-a", "team-b"], "ownerId": "here", "replicas": 3, "shards": 12, "extraFlags": ["--workers=2"], "watchSecrets": true, "serviceMonitor": {"enabled": true},
 "environmentToken": {"secretName": "token", "namespaces": ["team-a"]}, "nodeSelector": {"a": "b"}, "image": {"repository": "registry.example/capstan"},
 "traces": {"endpoint": "http://collector:4318", "headersSecret": "collector"}}
JSON
render "$scratch/values.json" > "$scratch/full.yaml"
apply "$scratch/full.yaml"
for wanted in 'verbs: [get, create, patch, list, watch]' '--shards=12' 'verbs: [get, create, patch, delete, list]' '--namespaces=team-a,team-b' '--owner-id=here' '--workers=2' 'replicas: 3' 'kind: ServiceMonitor' 'registry.example/capstan:0.1.0' 'namespace: team-b' 'name: OTEL_EXPORTER_OTLP_ENDPOINT' 'value: "http://collector:4318"' 'name: collector, key: headers'; do
  grep -qF -- "$wanted" "$scratch/full.yaml" || { echo "the chart does not render $wanted"; exit 1; }
done
! grep -q 'kind: ClusterRoleBinding' "$scratch/full.yaml" || { echo "rights in two namespaces become rights everywhere"; exit 1; }
# Every flag in the chart is a flag of the program.
"$capstan" run --help > "$scratch/help"
grep -ohE -- '--[a-z][a-z-]+' "$scratch/full.yaml" | sort -u | while read -r flag; do
  grep -q -- "^  $flag " "$scratch/help" || { echo "capstan run has no flag $flag"; exit 1; }
done
# The permissions equal those of the plain manifests.
rules() { grep -v '^ *#' "$1" | grep -E '^- apiGroups|^  (resources|resourceNames|verbs):' | sort; }
diff <(rules "$source/deploy/operator/rbac.yaml") <(rules "$scratch/plain.yaml") || { echo "the chart's rights differ from deploy/operator/rbac.yaml"; exit 1; }
for bad in '{"replicas": 0}' '{"replica": 2}' '{"shards": -1}' '{"namespaces": ["Not_A_Name"]}' '{"logFormat": "xml"}' '{"extraFlags": ["workers"]}' '{"healthPort": "http"}' '{"traces": {"endpoint": "collector:4318"}}'; do
  echo "$bad" > "$scratch/bad.json"
  ! render "$scratch/bad.json" > /dev/null 2> "$scratch/refusal" || { echo "the schema takes $bad"; exit 1; }
done
