# Sourced after expect.sh or stack.sh: a real Kubernetes API in $scratch/kubernetes. If
# CAPSTAN_KUBERNETES_UP names no program that starts one, the test is skipped.
[ -n "${CAPSTAN_KUBERNETES_UP:-}" ] || { echo "skipped: CAPSTAN_KUBERNETES_UP is not set"; exit 77; }
stop_kubernetes() { "$(dirname "$CAPSTAN_KUBERNETES_UP")/down" "$scratch/kubernetes" > /dev/null 2>&1; }
trap 'end_started; stop_kubernetes' EXIT
# start_kubernetes [--aggregate GROUP/VERSION]: tries twice, because a port that was free when it
# was chosen may be taken a moment later.
start_kubernetes() {
  local try
  for try in 1 2; do
    "$CAPSTAN_KUBERNETES_UP" "$scratch/kubernetes" "$@" > "$scratch/up.log" 2>&1 && return
    cat "$scratch/up.log" >&2
    stop_kubernetes
    rm -rf "$scratch/kubernetes"
  done
  exit 1
}
server_of() { sed -n 's/.*server: "\(.*\)", cert.*/\1/p' "$1"; } # KUBECONFIG
