#!/usr/bin/env bash
# Builds an OCI image archive of the operator with Debian's tools, without a container engine:
#   build-image.sh [BUILD_FOLDER [OUTPUT]]   (default: build/release, BUILD_FOLDER/capstan-oci.tar)
# The build folder must have been built. Any engine can load the archive: podman load -i, skopeo
# copy oci-archive:FILE docker://... MIRROR names another Debian mirror.
# /usr/share/capstan/packages.txt in the image lists its packages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1:-build/release}
output=$(realpath -m "${2:-$build/capstan-oci.tar}")
for tool in mmdebstrap umoci cpack; do
  command -v "$tool" > /dev/null || { echo "build-image: there is no $tool; install mmdebstrap, umoci and cmake" >&2; exit 1; }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
scripts/build-packages.sh "$build" "$scratch/packages" "" capstan capstan-provider-digitalocean > /dev/null
version=$(dpkg-deb -f "$scratch"/packages/capstan_*.deb Version)
# The dependencies of the two packages, without versions and without each other.
needed=$(for deb in "$scratch"/packages/capstan_*.deb "$scratch"/packages/capstan-provider-*.deb; do dpkg-deb -f "$deb" Depends; done |
  tr ',' '\n' | sed 's/(.*//; s/|.*//; s/[[:space:]]//g' | grep -v '^capstan' | sort -u | paste -sd,)
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2> /dev/null || echo 0)}
mmdebstrap --quiet --variant=essential --include="$needed" \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
  --customize-hook='mkdir -p "$1/packages"' \
  --customize-hook="for deb in $scratch/packages/capstan_*.deb $scratch/packages/capstan-provider-*.deb; do cp \"\$deb\" \"\$1/packages/\"; done" \
  --customize-hook='chroot "$1" sh -c "dpkg --force-depends -i /packages/*.deb"' \
  --customize-hook='chroot "$1" dpkg --audit; rm -rf "$1/packages"' \
  --customize-hook='mkdir -p "$1/usr/share/capstan"; chroot "$1" dpkg-query -W -f "\${Package} \${Version}\n" > "$1/usr/share/capstan/packages.txt"' \
  --customize-hook='echo "capstan:x:65532:65532::/nonexistent:/usr/sbin/nologin" >> "$1/etc/passwd"; echo "capstan:x:65532:" >> "$1/etc/group"' \
  --customize-hook='rm -rf "$1"/var/cache/* "$1"/var/log/* "$1"/var/lib/apt/lists/*' \
  bookworm "$scratch/root.tar" "${MIRROR:-http://deb.debian.org/debian}" > "$scratch/log" 2>&1 || { tail -20 "$scratch/log" >&2; exit 1; }
umoci --log=error init --layout "$scratch/image"
umoci --log=error new --image "$scratch/image:$version"
umoci --log=error raw add-layer --image "$scratch/image:$version" "$scratch/root.tar"
umoci --log=error config --image "$scratch/image:$version" --config.user 65532:65532 --config.entrypoint /usr/bin/capstan \
  --config.cmd run --config.cmd --leader-elect --config.cmd --log-format=json --config.cmd --health-address=0.0.0.0:8081 \
  --config.exposedports 8081/tcp --config.label "org.opencontainers.image.title=capstan" --config.label "org.opencontainers.image.version=$version"
mkdir -p "$(dirname "$output")"
tar -C "$scratch/image" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -cf "$output" .
echo "$output"
