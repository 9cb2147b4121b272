#!/usr/bin/env bash
# Every kustomization in deploy/ builds, and the embedded API server accepts the kinds it has:
# kustomize_test.sh CAPSTAN SOURCE
set -euo pipefail
capstan=$1 source=$2
command -v kubectl > /dev/null || { echo "no kubectl here"; exit 77; }
scratch=$(mktemp -d)
trap 'kill "$server" 2> /dev/null || true; wait 2> /dev/null || true; rm -rf "$scratch"' EXIT
"$capstan" local --operator=false --environment-out="$scratch/env" > "$scratch/local.log" 2>&1 &
server=$!
for _ in $(seq 300); do [ -s "$scratch/env" ] && break; kill -0 "$server"; sleep 0.1; done
. "$scratch/env"
kubectl apply -k "$source/deploy/namespace" > /dev/null
kubectl create namespace team-a > /dev/null
kubectl create namespace team-b > /dev/null
for folder in operator overlays/high-availability overlays/sharded overlays/development overlays/namespaced; do
  kubectl kustomize "$source/deploy/$folder" > "$scratch/all.yaml"
  grep -q 'name: capstan' "$scratch/all.yaml"
  # Kinds that the embedded server does not have are excluded by name; it validates everything else.
  known=$(kubectl api-resources --no-headers -o name | sed 's/\..*//' | sort -u)
  python3 - "$scratch/all.yaml" "$scratch/known.yaml" "$known" << 'PYTHON'
import re, sys
documents = open(sys.argv[1]).read().split("\n---\n")
known = set(sys.argv[3].split())
plural = lambda kind: {"NetworkPolicy": "networkpolicies", "PodDisruptionBudget": "poddisruptionbudgets"}.get(kind, kind.lower() + "s")
keep = [d for d in documents if plural(re.search(r"^kind: (\w+)", d, re.M).group(1)) in known]
assert len(keep) >= 5, len(keep)
open(sys.argv[2], "w").write("\n---\n".join(keep))
PYTHON
  kubectl apply --dry-run=server -f "$scratch/known.yaml" > /dev/null || { echo "deploy/$folder is refused"; exit 1; }
done
kubectl apply --dry-run=server -k "$source/deploy/watch-secrets" > /dev/null || { echo "deploy/watch-secrets is refused"; exit 1; }
kubectl kustomize "$source/deploy/overlays/high-availability" | grep -q 'replicas: 3'
kubectl kustomize "$source/deploy/overlays/sharded" > "$scratch/sharded.yaml"
for wanted in 'replicas: 3' '--shards=12' '  - list'; do grep -q -- "$wanted" "$scratch/sharded.yaml" || { echo "the sharded overlay has no $wanted"; exit 1; }; done
kubectl kustomize "$source/deploy/overlays/namespaced" > "$scratch/namespaced.yaml"
! grep -q 'kind: ClusterRoleBinding' "$scratch/namespaced.yaml" || { echo "the namespaced overlay binds rights everywhere"; exit 1; }
# The monitoring needs kinds of the Prometheus operator: it builds, and contains one of each.
kubectl kustomize "$source/deploy/monitoring" > "$scratch/monitoring.yaml"
for kind in Service ServiceMonitor PrometheusRule; do
  [ "$(grep -c "^kind: $kind\$" "$scratch/monitoring.yaml")" = 1 ] || { echo "deploy/monitoring has no $kind"; exit 1; }
done
for folder in crds deletion-protection; do kubectl kustomize "$source/deploy/$folder" > "$scratch/one.yaml" && [ -s "$scratch/one.yaml" ]; done
