# bash python_test.sh PROGRAM SCRATCH_FOLDER: Kubernetes' Python client (Debian's
# python3-kubernetes) with the embedded API server.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh"
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=
for candidate in python3 /usr/bin/python3; do
  "$candidate" -c 'import kubernetes' 2> /dev/null && { python=$candidate; break; }
done
[ -n "$python" ] || { echo "python3-kubernetes is not here: the Python client is not tried"; exit 77; }
"$capstan" apiserver --ready-file="$scratch/ready" > "$scratch/out" 2> "$scratch/err" &
started+=($!)
wait_for test -s "$scratch/ready" || { cat "$scratch/err" >&2; finish; }
KUBECONFIG="$scratch/ready.kubeconfig" timeout 300 "$python" "$folder/python_client/client_test.py" > "$scratch/python.out" 2>&1 \
  || { fail "the client's tests"; cat "$scratch/python.out" >&2; }
finish
