#!/usr/bin/env bash
# Builds the Debian packages for another release in a clean system of that release, because they
# depend on its libraries:
#   build-packages-for.sh RELEASE [FOLDER [VERSION]...]
# FOLDER (default: build/RELEASE) gets the system, the build and packages/VERSION; VERSION defaults
# to that of the project. Needs root, mmdebstrap, 2 GB of disk, and the time of a build without
# tests. MIRROR names another Debian mirror. Prints the files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
fail() { echo "build-packages-for: $*" >&2; exit 1; }
[ $# -ge 1 ] || { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
[ "$(id -u)" = 0 ] || fail "a clean system is entered as root"
command -v mmdebstrap > /dev/null || fail "there is no mmdebstrap; install it"
# Mounts that disappear with this script, however it ends.
[ -n "${CAPSTAN_IN_NAMESPACE:-}" ] || CAPSTAN_IN_NAMESPACE=1 exec unshare --mount "${BASH_SOURCE[0]}" "$@"
release=$1
[ -n "${2:-}" ] && folder=$(realpath -m "$2") || folder=$PWD/build/$release
versions=("${@:3}")
[ ${#versions[@]} -gt 0 ] || versions=("$(sed -n 's/^project(capstan VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)")
root=$folder/system
mkdir -p "$folder/packages"
if [ ! -f "$folder/system.ready" ]; then
  rm -rf "$root"
  mmdebstrap --quiet --variant=minbase --include=ca-certificates,dpkg-dev,file "$release" "$root" "${MIRROR:-http://deb.debian.org/debian}" \
    > "$folder/system.log" 2>&1 || fail "no clean $release can be made here: $(tail -1 "$folder/system.log")"
  touch "$folder/system.ready"
fi
mkdir -p "$root/source" "$root/built" "$root/packages"
mount --bind . "$root/source"
mount -o remount,ro,bind "$root/source"
mount --bind "$folder/packages" "$root/packages"
mount -t proc proc "$root/proc" || fail "/proc cannot be mounted here"
mount --bind /dev "$root/dev" || fail "/dev cannot be mounted here"
cp /etc/resolv.conf /etc/hosts "$root/etc/" 2> /dev/null || true
for proxy in http_proxy https_proxy; do
  [ -z "${!proxy:-}" ] || echo "Acquire::${proxy%_proxy}::Proxy \"${!proxy}\";" > "$root/etc/apt/apt.conf.d/$proxy"
done
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive HOME=/tmp "$@"; }
inside /source/scripts/install-dependencies.sh
inside sh -c 'cmake -S /source -B /built -G Ninja -DCMAKE_BUILD_TYPE=Release -DCAPSTAN_BUILD_TESTS=OFF > /built/cmake.log 2>&1' ||
  fail "it cannot be configured on $release: $(tail -3 "$root/built/cmake.log")"
inside sh -c 'ninja -C /built > /built/ninja.log 2>&1' || fail "it does not build on $release; see $root/built/ninja.log"
for version in "${versions[@]}"; do
  inside /source/scripts/build-packages.sh /built "/packages/$version" "$version" | sed "s|^/packages|$folder/packages|"
done
