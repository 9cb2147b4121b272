#!/usr/bin/env bash
# Installs missing build dependencies of Capstan from Debian packages.
#   install-dependencies.sh [--tests] [--ci]
set -euo pipefail
packages=(g++ cmake ninja-build ccache pkg-config libpoco-dev libboost-dev libgflags-dev libgoogle-glog-dev libsimdjson-dev
  libyaml-dev libexpected-dev libre2-dev libhowardhinnant-date-dev libzstd-dev prometheus-cpp-dev libssl-dev
  zlib1g-dev libsqlite3-dev ca-certificates)
for argument in "$@"; do
  case $argument in
    --tests) packages+=(libgtest-dev libgmock-dev curl python3 openssl valgrind)
             command -v kubectl > /dev/null || packages+=(kubernetes-client) ;;
    --ci) packages+=(clang clang-format libclang-rt-14-dev git xz-utils prometheus) ;;
    *) echo "install-dependencies.sh: unknown argument $argument; known: --tests --ci" >&2; exit 2 ;;
  esac
done
missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2> /dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
sudo=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo > /dev/null || { echo "These packages are missing and neither root nor sudo is at hand: ${missing[*]}" >&2; exit 1; }
  sudo=(sudo)
fi
echo "Installing: ${missing[*]}"
log=$(mktemp)
install() {
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" > "$log" 2>&1
}
# Package lists can be missing or outdated: fetch them only when needed.
install || { "${sudo[@]}" apt-get update > /dev/null && install; } || { tail -20 "$log" >&2; exit 1; }
rm -f "$log"
