# bash node_test.sh PROGRAM SCRATCH_FOLDER: Kubernetes' JavaScript client with the embedded API
# server.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh"
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v node > /dev/null && command -v npm > /dev/null || { echo "Node is not here: the JavaScript client is not tried"; exit 77; }
mkdir "$scratch/node"
cp "$folder"/node_client/* "$scratch/node/"
(cd "$scratch/node" && npm install --no-audit --no-fund > "$scratch/npm.out" 2>&1) \
  || { echo "the JavaScript client cannot be installed: $(tail -1 "$scratch/npm.out")"; exit 77; }
"$capstan" apiserver --ready-file="$scratch/ready" > "$scratch/out" 2> "$scratch/err" &
started+=($!)
wait_for test -s "$scratch/ready" || { cat "$scratch/err" >&2; finish; }
(cd "$scratch/node" && KUBECONFIG="$scratch/ready.kubeconfig" timeout 300 node --test client.test.mjs > "$scratch/node.out" 2>&1) \
  || { fail "the client's tests"; cat "$scratch/node.out" >&2; }
finish
