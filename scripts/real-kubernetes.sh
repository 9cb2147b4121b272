#!/usr/bin/env bash
# A real Kubernetes API on this machine, for development and tests: kube-apiserver and etcd on
# 127.0.0.1, running as your own user.
#
#   real-kubernetes.sh up DIR [--port N]   starts both with all their files in DIR, and prints the
#                                          path of the kubeconfig
#   real-kubernetes.sh down DIR            stops what `up` started in DIR; the data stays until you
#                                          remove DIR
#   real-kubernetes.sh build               ensures that both programs exist, and prints their paths
#
# The programs are taken from KUBEBUILDER_ASSETS if that is set, otherwise from PATH, otherwise from
# the cache, otherwise they are fetched: etcd from Debian's package, kube-apiserver 1.20 built from
# Debian's source package `kubernetes` (Debian 12 only; without root and without installing
# anything; the build takes some 10 minutes and 3 GB, the result 120 MB in
# ~/.cache/capstan/real-kubernetes).
#
# DIR gets: kubeconfig (client certificate, group system:masters), kubeconfig-token (the same user
# by bearer token), token, ca.crt, sa.key (signs ServiceAccount tokens), etcd-url, *.log, *.pid.
# RBAC is on. There is no controller-manager: no garbage collection, and a deleted namespace stays.
# Users with access to this machine's loopback can connect to etcd.
set -euo pipefail
cache=${XDG_CACHE_HOME:-$HOME/.cache}/capstan/real-kubernetes
say() { echo "real-kubernetes: $*" >&2; }
die() { say "$*"; exit 1; }
needs() { for tool in "$@"; do command -v "$tool" > /dev/null || die "$tool is missing: install it (apt-get install $tool)"; done; }

# ---- The programs: find_programs sets $apiserver and $etcd.
elsewhere="set KUBEBUILDER_ASSETS to a folder that holds kube-apiserver and etcd (as setup-envtest fetches them)"
find_programs() {
  if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
    apiserver=$KUBEBUILDER_ASSETS/kube-apiserver etcd=$KUBEBUILDER_ASSETS/etcd
    for program in "$apiserver" "$etcd"; do
      [ -x "$program" ] || die "KUBEBUILDER_ASSETS is set, but $program is not there or not a program: correct it, or unset it"
    done
    return
  fi
  apiserver=$(command -v kube-apiserver || true) etcd=$(command -v etcd || true)
  [ -n "$apiserver" ] || apiserver=$cache/kube-apiserver
  [ -n "$etcd" ] || etcd=$cache/etcd
  [ -x "$apiserver" ] && [ -x "$etcd" ] && return
  mkdir -p "$cache"
  exec 9> "$cache/lock"
  flock 9 # concurrent calls would build twice
  [ -x "$etcd" ] || fetch_etcd
  [ -x "$apiserver" ] || build_apiserver
  exec 9>&-
}

only_on_debian() { # only_on_debian WHAT
  local name="" codename=""
  # shellcheck disable=SC1090
  name=$(. "${OS_RELEASE:-/etc/os-release}" 2> /dev/null && echo "${PRETTY_NAME:-}") || true
  # shellcheck disable=SC1090
  codename=$(. "${OS_RELEASE:-/etc/os-release}" 2> /dev/null && echo "${VERSION_CODENAME:-}") || true
  [ "$codename" = bookworm ] && command -v apt-get > /dev/null && return
  die "$1 is not on PATH, and can be fetched on Debian 12 only (this is ${name:-an unknown system}): $elsewhere"
}

# Separate package lists and downloads, so that the machine's own need not be current and stay
# unchanged.
apt() {
  apt-get -q -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State="$work/apt" \
    -o Dir::State::status=/var/lib/dpkg/status -o Dir::Cache="$work/apt-cache" -o Debug::NoLocking=1 -o APT::Sandbox::User="$(id -un)" "$@"
}
prepare_apt() {
  [ -z "${work:-}" ] || return 0
  work=$cache/work
  rm -rf "$work"
  mkdir -p "$work/apt/lists/partial" "$work/apt-cache/archives/partial" "$work/packages"
  local mirror
  mirror=$(apt-get indextargets --format "\$(REPO_URI) \$(CODENAME) \$(COMPONENT)" "Created-By: Packages" 2> /dev/null |
    awk '$2 == "bookworm" && $3 == "main" { print $1; exit }')
  mirror=${mirror:-http://deb.debian.org/debian}
  printf '%s %s bookworm main\n' deb "$mirror" deb-src "$mirror" > "$work/sources.list"
  apt update > "$cache/build.log" 2>&1 || die "Debian's package lists cannot be fetched from $mirror (see $cache/build.log): check the network"
}
# Unpacks Debian packages into $work/packages without installing them.
unpack() {
  (cd "$work/packages" && apt download "$@" >> "$cache/build.log" 2>&1 && for deb in ./*.deb; do dpkg -x "$deb" . && rm "$deb"; done) ||
    die "Debian's package $* cannot be fetched (see $cache/build.log): check the network, or $elsewhere"
}
fetch_etcd() {
  only_on_debian etcd
  prepare_apt
  say "fetching etcd from Debian"
  unpack etcd-server
  mv "$work/packages/usr/bin/etcd" "$etcd"
}
build_apiserver() {
  only_on_debian kube-apiserver
  needs make dpkg-source
  [ "$(df -Pk "$cache" | awk 'NR == 2 { print $4 }')" -gt 4000000 ] || die "$cache needs 4 GB of free disk to build kube-apiserver: make room, or $elsewhere"
  prepare_apt
  say "building kube-apiserver from Debian's source, which takes some 10 minutes this once (log: $cache/build.log)"
  local go
  go=$(apt-cache depends golang-go 2> /dev/null | awk '$1 == "Depends:" && $2 ~ /^golang-[0-9.]+-go$/ { print $2; exit }')
  go=${go:-golang-1.19-go}
  unpack "$go" "${go%-go}-src" golang-github-modern-go-reflect2-dev
  command -v rsync > /dev/null || unpack rsync libpopt0 libxxhash0
  command -v jq > /dev/null || unpack jq libjq1 libonig5
  (cd "$work" && apt source --download-only kubernetes >> "$cache/build.log" 2>&1 && dpkg-source -x kubernetes_*.dsc source >> "$cache/build.log" 2>&1) ||
    die "Debian's source package kubernetes cannot be fetched (see $cache/build.log): check the network, or $elsewhere"
  # The vendored copy is too old for this Go version: the server would crash under load.
  rm -rf "$work/source/vendor/github.com/modern-go/reflect2"
  cp -r "$work/packages/usr/share/gocode/src/github.com/modern-go/reflect2" "$work/source/vendor/github.com/modern-go/"
  local root=$work/packages/usr/lib/${go%-go}
  root=${root/golang-/go-}
  (
    cd "$work/source"
    unset GOPATH GOFLAGS
    export GOROOT=$root GOCACHE=$work/go-cache HOME=$work GOPROXY=off CGO_ENABLED=0
    export PATH=$root/bin:$work/packages/usr/bin:$PATH
    LD_LIBRARY_PATH=$(echo "$work"/packages/usr/lib/*-linux-gnu) nice make WHAT=cmd/kube-apiserver
  ) >> "$cache/build.log" 2>&1 || die "kube-apiserver does not build; the end of $cache/build.log says why: $(tail -1 "$cache/build.log")"
  cp "$work/source/_output/bin/kube-apiserver" "$apiserver.new"
  mv "$apiserver.new" "$apiserver"
  chmod -R u+w "$work" && rm -rf "$work"
}

# ---- Starting and stopping
listens() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }
free_port() {
  local port
  for _ in $(seq 50); do
    port=$((20000 + RANDOM % 12000)) # below the kernel's ephemeral ports
    case " ${ports:-} " in *" $port "*) continue ;; esac
    listens "$port" || { echo "$port"; return; }
  done
  die "no free port was found on 127.0.0.1"
}
running() { [ -f "$1" ] && kill -0 "$(cat "$1")" 2> /dev/null; }
start() { # start NAME PROGRAM ARGUMENTS…
  local name=$1
  shift
  nohup setsid "$@" > "$name.log" 2>&1 < /dev/null &
  echo $! > "$name.pid"
}
wait_for() { # wait_for NAME URL…: until it answers
  local name=$1
  shift
  for _ in $(seq 600); do
    curl -fs --max-time 5 "$@" > /dev/null 2>&1 && return
    running "$name.pid" || { stop .; die "$name ended; the last words of $PWD/$name.log: $(tail -1 "$name.log")"; }
    sleep 0.1
  done
  stop .
  die "$name did not answer within a minute; see $PWD/$name.log"
}
signed() { # signed NAME SUBJECT [EXTENSIONS]: NAME.key and NAME.crt, signed by our authority
  openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2" 2> /dev/null
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -out "$1.crt" -days 365 -extfile <(printf '%s\n' "${3:-}") 2> /dev/null
  rm "$1.csr"
}
kubeconfig() { # kubeconfig FILE USER
  cat > "$1" << K
apiVersion: v1
kind: Config
clusters: [{name: real, cluster: {server: "https://127.0.0.1:$port", certificate-authority-data: $(base64 -w0 ca.crt)}}]
users: [{name: admin, user: $2}]
contexts: [{name: real, context: {cluster: real, user: admin}}]
current-context: real
K
}
up() {
  needs curl openssl setsid
  mkdir -p "$dir" 2> /dev/null && [ -w "$dir" ] || die "$dir cannot be written: name another folder"
  for pid in "$dir"/*.pid; do ! running "$pid" || die "a server of $dir is running (pid $(cat "$pid")): first $0 down $dir"; done
  [ -z "$port" ] || ! listens "$port" || die "port $port of 127.0.0.1 is taken: choose another by --port, or leave that out for any free one"
  find_programs
  cd "$dir"
  umask 077
  local etcd_port peer_port token
  ports=$port
  [ -n "$port" ] || port=$(free_port)
  ports="$ports $port"; etcd_port=$(free_port)
  ports="$ports $etcd_port"; peer_port=$(free_port)

  # The data need not survive a power failure; not every etcd has the option.
  local fast=()
  ! "$etcd" --help 2>&1 | grep -q unsafe-no-fsync || fast=(--unsafe-no-fsync)
  start etcd "$etcd" --data-dir "$PWD/etcd" "${fast[@]}" --listen-client-urls "http://127.0.0.1:$etcd_port" \
    --advertise-client-urls "http://127.0.0.1:$etcd_port" --listen-peer-urls "http://127.0.0.1:$peer_port" \
    --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" --initial-cluster "default=http://127.0.0.1:$peer_port"
  if [ ! -f ca.crt ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=real-kubernetes -days 365 2> /dev/null
    signed server /CN=kube-apiserver "subjectAltName=IP:127.0.0.1,IP:10.0.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default.svc"
    signed admin /O=system:masters/CN=admin
    openssl genrsa -out sa.key 2048 2> /dev/null
    openssl rand -hex 24 > token
    echo "$(cat token),admin,admin,system:masters" > tokens.csv
  fi
  token=$(cat token)
  echo "http://127.0.0.1:$etcd_port" > etcd-url
  kubeconfig kubeconfig "{client-certificate-data: $(base64 -w0 admin.crt), client-key-data: $(base64 -w0 admin.key)}"
  kubeconfig kubeconfig-token "{token: $token}"
  wait_for etcd "http://127.0.0.1:$etcd_port/health"
  start kube-apiserver "$apiserver" --etcd-servers="http://127.0.0.1:$etcd_port" --bind-address=127.0.0.1 --secure-port="$port" \
    --tls-cert-file=server.crt --tls-private-key-file=server.key --client-ca-file=ca.crt --token-auth-file=tokens.csv \
    --service-account-issuer=https://kubernetes.default.svc --service-account-signing-key-file=sa.key --service-account-key-file=sa.key \
    --authorization-mode=RBAC --service-cluster-ip-range=10.0.0.0/24 --disable-admission-plugins=ServiceAccount --allow-privileged
  # The token is passed in a file, because all users can read a command line.
  printf 'Authorization: Bearer %s\n' "$token" > .header
  local ask=(--cacert ca.crt -H @.header)
  wait_for kube-apiserver "${ask[@]}" "https://127.0.0.1:$port/readyz"
  wait_for kube-apiserver "${ask[@]}" "https://127.0.0.1:$port/api/v1/namespaces/default"
  rm .header
  echo "$PWD/kubeconfig"
}
stop() { # the API server first, so that it does not log errors about etcd
  local name pid
  for name in kube-apiserver etcd; do
    running "$1/$name.pid" || { rm -f "$1/$name.pid"; continue; }
    pid=$(cat "$1/$name.pid")
    kill "$pid" 2> /dev/null || true
    for _ in $(seq 100); do
      kill -0 "$pid" 2> /dev/null && [ "$(ps -o stat= -p "$pid" | cut -c1)" != Z ] || break
      sleep 0.1
    done
    kill -9 "$pid" 2> /dev/null || true
    rm -f "$1/$name.pid"
  done
}

usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
command=${1:-} dir=${2:-} port=""
case $command in
  up)
    [ -n "$dir" ] || usage
    if [ $# -gt 2 ]; then
      [ "$3" = --port ] && [ $# = 4 ] || usage
      port=$4
      [[ $port =~ ^[0-9]+$ ]] && [ "$port" -ge 1 ] && [ "$port" -le 65535 ] || die "--port takes a number from 1 to 65535, not '$port'"
    fi
    up ;;
  down)
    [ -n "$dir" ] && [ $# = 2 ] || usage
    [ -d "$dir" ] || die "$dir is not there: nothing to stop"
    stop "$dir" ;;
  build)
    [ $# = 1 ] || usage
    find_programs
    printf '%s\n' "$apiserver" "$etcd" ;;
  *) usage ;;
esac
