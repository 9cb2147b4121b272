#!/usr/bin/env bash
# The quickstart shows a whole life cycle in plain lines, in less than a minute, and exits with 0.
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
began=$SECONDS
expect 0 "$capstan" quickstart --cluster-seconds=2
[ $((SECONDS - began)) -lt 60 ] || fail "it took $((SECONDS - began)) s"
prints "[ok] Kubernetes API is up"
prints "[ok] CRD digitaloceanclusters.anutosh491.dev is installed"
prints "[ok] DigitalOceanCluster default/quickstart is applied"
prints "[ok] DigitalOceanCluster default/quickstart is Ready"
prints "endpoint   http"
prints "node pool  web: 2 of 2 nodes ready"
prints "node pool  batch: 1 of 1 nodes ready"
prints "kubeconfig Secret default/quickstart-kubeconfig"
prints "[ok] DigitalOceanCluster default/quickstart is deleted"
prints "it is gone, nothing is left behind"
prints_not $'\033'
prints_not "dop_v1_"
finish
