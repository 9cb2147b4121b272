#!/usr/bin/env bash
# `capstan explain` finds an operator in a pod by itself: the pod that holds the Lease, through the
# Kubernetes API. It says what an object is waiting for and until when: an approval, the quota, its
# own write; and who holds the lease.
. "$(dirname "${BASH_SOURCE[0]}")/stack.sh"
start_servers
install
export DIGITALOCEAN_API_URL=$cloud_url
port=$(free_port)
run --health-address="127.0.0.1:$port"
cluster web
wait_for settled web
pod=$(holder) pod=${pod%%_*}
serve kubernetes pod_proxy "$(field server)" "$pod" 8081 "http://127.0.0.1:$port" "$scratch/pod.requests"
sed -e "s|server: .*|server: http://$address|" -e /certificate-authority-data/d "$scratch/kubeconfig" > "$scratch/by-proxy"
unset CAPSTAN_OPERATOR_URL
explain=("$capstan" explain doks/web --kubeconfig="$scratch/by-proxy")
expect 0 "${explain[@]}"
prints "create"; prints "reconciled again in"; prints "lease held by ${pod}_"
grep -qx "/api/v1/namespaces/capstan-system/pods/$pod:8081/proxy/debug/objects/default/web" "$scratch/pod.requests" || fail "the pod was not asked"
expect 0 "${explain[@]}" -o json; prints '"operation":"create"'; prints '"operator":"lease held by'
# Unavailable parts are reported, and the rest is explained nevertheless.
expect 0 "${explain[@]}" --operator-port=9; prints "pod $pod cannot be reached through the Kubernetes API"; prints "is ready and matches its spec"

# --- Until when: an approval.
k patch doks web --type=merge -p '{"spec":{"nodePools":[{"name":"web","size":"s-2vcpu-2gb","count":2}]}}' > /dev/null
two() { settled web && [ "$(k get doks web -o 'jsonpath={.status.observedGeneration}')" = 2 ]; }
wait_for two
k patch doks web --type=merge -p '{"spec":{"nodePools":[{"name":"web","size":"s-2vcpu-2gb","count":1}]}}' > /dev/null
approval() { [ "$(reason web Synced)" = ApprovalNeeded ]; }
wait_for approval
expect 0 "${explain[@]}"; prints "approval of plan $(k get doks web -o 'jsonpath={.status.plan.hash}')"

# --- There is no leader any more.
kill "$operator"
wait "$operator"
expect 0 "${explain[@]}"; prints "no operator runs: nobody holds the Lease"

# --- Colours and bars only on a terminal, and no colours with NO_COLOR.
on_terminal() { timeout 60 script -qec "$*" /dev/null > "$scratch/out" < /dev/null; }
command -v script > /dev/null || finish
escape=$'\033'
TERM=xterm on_terminal "${explain[*]}" || fail "explain on a terminal"
prints "$escape["
NO_COLOR=1 TERM=xterm on_terminal "${explain[*]}" || fail "explain under NO_COLOR"
prints_not "$escape["
expect 0 "${explain[@]}"; prints_not "$escape"
wait=("$capstan" wait doks/web --for=synced --timeout=2s --kubeconfig="$scratch/kubeconfig")
TERM=xterm on_terminal "${wait[*]}"
prints "ApprovalNeeded"; prints "$escape[K"
NO_COLOR=1 TERM=xterm on_terminal "${wait[*]}"
! grep -q "$escape\[[0-9;]*m" "$scratch/out" || fail "wait has colours under NO_COLOR"
finish
