#!/usr/bin/env bash
# on_real_kubernetes.sh PROGRAM FOLDER oldest|aggregated [--gtest_filter=...]: runs the live cases
# on a real kube-apiserver in FOLDER.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/expect.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../real_kubernetes/real_server.sh"
program=$1
more=()
[ "$3" = aggregated ] && more=(--aggregate credentials.capstan.dev/v1)
shift 3
mkdir "$scratch/files" && cd "$scratch" || exit 1
start_kubernetes ${more[@]+"${more[@]}"}

issue() { # NAME ALGORITHM DAYS: files/NAME.{crt,key}, a user NAME for the server's authority
  # shellcheck disable=SC2086
  openssl genpkey -algorithm $2 -out "files/$1.key" 2> /dev/null &&
    openssl req -new -key "files/$1.key" -subj "/CN=$1" -out "$1.csr" 2> /dev/null &&
    openssl x509 -req -in "$1.csr" -CA kubernetes/ca.crt -CAkey kubernetes/ca.key -CAcreateserial -days "$3" -out "files/$1.crt" 2> /dev/null ||
    { echo "openssl cannot make the certificate of $1" >&2; exit 1; }
}
issue rsa-user "RSA -pkeyopt rsa_keygen_bits:2048" 2
issue ec-user "EC -pkeyopt ec_paramgen_curve:P-256" 2
issue ed25519-user ED25519 2
issue expired-user "EC -pkeyopt ec_paramgen_curve:P-256" 0
openssl ec -in files/ec-user.key -out files/sec1.key 2> /dev/null
openssl rsa -traditional -in files/rsa-user.key -out files/pkcs1.key 2> /dev/null
openssl pkcs8 -topk8 -in files/ec-user.key -passout pass:secret -out files/encrypted.key 2> /dev/null

server=$(server_of kubernetes/kubeconfig)
server=${server#https://}
serve proxy connect_proxy proxy.log "$server"
serve guarded connect_proxy guarded.log "$server" proxy-user:pr0xy-passw0rd
CAPSTAN_LIVE_FOLDER=$scratch CAPSTAN_LIVE_SERVER=$server timeout 600 "$program" "$@"
