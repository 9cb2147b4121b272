# bash envtest_test.sh PROGRAM SCRATCH_FOLDER: the program in place of kube-apiserver and etcd,
# started and used like by envtest: with flags, its own server certificate and a client certificate.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh"
assets=$scratch/assets
certs=$scratch/certs
mkdir "$certs"
"$capstan" apiserver --write_test_binaries="$assets" > "$scratch/out" || fail "the binaries were not written"
grep -qxF "export KUBEBUILDER_ASSETS=$assets" "$scratch/out" || { fail "no line for the shell"; cat "$scratch/out" >&2; }
"$assets/kube-apiserver" --help | grep -q -- --secure-port || fail "kube-apiserver --help"
"$assets/kube-apiserver" --help | grep -q insecure-port && fail "there is no insecure port"

issue() { # NAME SUBJECT AUTHORITY [EXTENSIONS]
  openssl req -newkey rsa:2048 -nodes -keyout "$certs/$1.key" -out "$certs/$1.csr" -subj "$2" 2> /dev/null
  openssl x509 -req -in "$certs/$1.csr" -CA "$certs/$3.crt" -CAkey "$certs/$3.key" -CAcreateserial -out "$certs/$1.crt" \
    -days 7 -extfile <(echo "${4:-}") 2> /dev/null
}
for authority in server-ca client-ca; do
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$certs/$authority.key" -out "$certs/$authority.crt" \
    -subj "/CN=$authority" -days 7 2> /dev/null
done
issue apiserver /CN=localhost server-ca 'subjectAltName=DNS:localhost,IP:127.0.0.1'
issue admin '/O=system:masters/CN=admin' client-ca
issue guest '/O=team/CN=guest' client-ca
etcd_port=$(free_port)
api_port=$(free_port)
"$assets/etcd" --data-dir="$scratch/etcd" --listen-peer-urls="http://127.0.0.1:$(free_port)" \
  --advertise-client-urls="http://127.0.0.1:$etcd_port" --listen-client-urls="http://127.0.0.1:$etcd_port" 2> "$scratch/etcd.err" &
started+=($!)
wait_for curl -fs "http://127.0.0.1:$etcd_port/health" > /dev/null
"$assets/kube-apiserver" --allow-privileged=true --authorization-mode=RBAC --bind-address=127.0.0.1 --cert-dir="$certs" \
  --client-ca-file="$certs/client-ca.crt" --disable-admission-plugins=ServiceAccount --etcd-servers="http://127.0.0.1:$etcd_port" \
  --secure-port="$api_port" --service-account-issuer="https://127.0.0.1:$api_port/" --service-account-key-file="$certs/sa.crt" \
  --service-account-signing-key-file="$certs/sa.key" --service-cluster-ip-range=10.0.0.0/24 2> "$scratch/api.err" &
started+=($!)
api=https://127.0.0.1:$api_port
wait_for curl -fks "$api/healthz" > /dev/null || { cat "$scratch/api.err" >&2; finish; }

as() { # USER ARGUMENTS...: curl with this user's certificate
  curl -s --cacert "$certs/server-ca.crt" --cert "$certs/$1.crt" --key "$certs/$1.key" "${@:2}"
}
as admin "$api/api/v1/namespaces/default" | grep -q '"phase":"Active"' || fail "the administrator's certificate lets nobody in"
as guest "$api/api/v1/namespaces" | grep -q 'User \\"guest\\" cannot list resource \\"namespaces\\"' \
  || fail "a user without roles may list namespaces"
as admin -X POST -H 'Content-Type: application/json' "$api/apis/rbac.authorization.k8s.io/v1/clusterrolebindings" \
  -d '{"metadata":{"name":"team"},"roleRef":{"kind":"ClusterRole","name":"view","apiGroup":"rbac.authorization.k8s.io"},"subjects":[{"kind":"Group","name":"team"}]}' \
  | grep -q '"name":"team"' || fail "no binding was made"
as guest "$api/api/v1/namespaces" | grep -q '"kind":"NamespaceList"' || fail "the binding gives no rights"
curl -s --cacert "$certs/server-ca.crt" "$api/api/v1/namespaces" | grep -q 'system:anonymous' || fail "who shows nothing is somebody"
curl -s --cacert "$certs/server-ca.crt" -H 'X-Capstan-Peer-Name: admin' -H 'X-Capstan-Peer-Group: system:masters' \
  "$api/api/v1/namespaces" | grep -q 'system:anonymous' || fail "a header makes an administrator"
for process in "${started[@]}"; do kill "$process"; done
for process in "${started[@]}"; do wait "$process" || fail "a server ended with status $?"; done
started=()
finish
