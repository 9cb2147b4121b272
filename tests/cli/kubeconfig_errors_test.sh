#!/usr/bin/env bash
# A kubeconfig that is missing, malformed, or without the context gets one line that names file and
# reason, and exit 1.
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
unset KUBECONFIG
export HOME=$scratch

expect 1 "$capstan" run --kubeconfig="$scratch/none"; one_line_saying "$scratch/none"
printf 'clusters: [unclosed\n' > "$scratch/malformed"
expect 1 "$capstan" run --kubeconfig="$scratch/malformed"; one_line_saying "$scratch/malformed"
cat > "$scratch/good" << K
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: here, context: {cluster: c, user: u}}]
current-context: here
K
expect 1 "$capstan" run --kubeconfig="$scratch/good" --context=there; one_line_saying "there"
expect 1 "$capstan" run; one_line_saying "kubeconfig"
finish
