#!/usr/bin/env bash
# image_test.sh SOURCE BUILD: scripts/build-image.sh creates an OCI archive; its root file system,
# unpacked and entered as the image's user, runs the program with its plugin and a whole local
# stack.
set -euo pipefail
source=$1 build=$2
skip() { echo "skipped: $*"; exit 77; }
[ "$(id -u)" = 0 ] || skip "entering another root file system needs root"
for tool in mmdebstrap umoci cpack; do command -v "$tool" > /dev/null || skip "there is no $tool"; done
scratch=$(mktemp -d)
mounted=
trap '[ -z "$mounted" ] || umount "$mounted" || true; rm -rf "$scratch"' EXIT
timeout 15 bash -c 'exec 3<> /dev/tcp/deb.debian.org/80' 2> /dev/null || [ -n "${MIRROR:-}" ] || [ -n "${http_proxy:-}" ] || skip "no Debian mirror answers"
"$source/scripts/build-image.sh" "$build" "$scratch/image.tar"
mkdir "$scratch/layout" && tar -C "$scratch/layout" -xf "$scratch/image.tar"
tag=$(umoci list --layout "$scratch/layout")
umoci --log=error unpack --image "$scratch/layout:$tag" "$scratch/bundle"
root=$scratch/bundle/rootfs
python3 - "$scratch/bundle/config.json" << 'PYTHON'
import json, sys
process = json.load(open(sys.argv[1]))["process"]
assert process["user"]["uid"] == 65532 and process["args"][:2] == ["/usr/bin/capstan", "run"], process
PYTHON
mount -t proc proc "$root/proc" 2> /dev/null && mounted=$root/proc || skip "/proc cannot be mounted here"
inside() { chroot --userspec=65532:65532 "$root" "$@"; }
inside /usr/bin/capstan version
inside /usr/bin/capstan plugins list | grep digitalocean
inside /usr/bin/env HOME=/ TMPDIR=/tmp /usr/bin/capstan quickstart --cluster-seconds=1 | tail -3
grep '^libssl3 ' "$root/usr/share/capstan/packages.txt"
[ ! -e "$root/usr/bin/gcc" ] || { echo "the image holds a compiler"; exit 1; }
echo "$(du -sm "$root" | cut -f1) MB in the root file system, $(stat -c %s "$scratch/image.tar") bytes of archive"
