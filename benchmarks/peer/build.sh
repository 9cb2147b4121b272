#!/usr/bin/env bash
# Builds the peer program from source:  build.sh OUTPUT
#
# Uses Debian's golang-k8s-client-go-dev if it is installed (forky has 0.36), else the module in
# go.mod, which the first build downloads. Exit status 3: Go is not installed.
set -euo pipefail
[ $# = 1 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
command -v go > /dev/null || { echo "benchmarks/peer: there is no Go here" >&2; exit 3; }
output=$(realpath -m "$1")
cd "$(dirname "${BASH_SOURCE[0]}")"
export CGO_ENABLED=0
if [ -d /usr/share/gocode/src/k8s.io/client-go ]; then
  GO111MODULE=off GOPATH=/usr/share/gocode go build -o "$output" main.go
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cp main.go go.mod "$work"
  cd "$work"
  go mod tidy
  go build -o "$output" .
fi
