#!/usr/bin/env bash
# other_release_test.sh SOURCE BUILD RELEASE: packages depend on the libraries of the release that
# they are built on. apt of RELEASE, another one, refuses them with the names of the libraries that
# it lacks, and docs/operations.md documents that. Nothing is installed: apt's lists are downloaded
# into a folder, and apt only simulates. MIRROR names another Debian mirror.
set -euo pipefail
source=$1 build=$2 release=$3
skip() { echo "skipped: $*"; exit 77; }
for tool in apt-get cpack dpkg-shlibdeps; do command -v "$tool" > /dev/null || skip "there is no $tool"; done
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f "$keys" ] || skip "there are no keys of Debian's archive"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch"/{lists/partial,archives/partial,etc/apt.conf.d,etc/preferences.d,packages}
: > "$scratch/status"
echo "deb [signed-by=$keys] ${MIRROR:-http://deb.debian.org/debian} $release main" > "$scratch/etc/sources.list"
there=(-o Dir::Etc="$scratch/etc" -o Dir::Etc::sourcelist="$scratch/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null
  -o Dir::State::lists="$scratch/lists" -o Dir::State::status="$scratch/status" -o Dir::Cache="$scratch" -o Acquire::Languages=none)
timeout 300 apt-get "${there[@]}" update > "$scratch/update" 2>&1 || skip "apt does not reach a mirror: $(tail -1 "$scratch/update")"
grep -q "$release" <(ls "$scratch/lists") || skip "apt does not reach a mirror of $release"
"$source/scripts/build-packages.sh" "$build" "$scratch/packages" "" capstan > /dev/null
if apt-get "${there[@]}" install --simulate "$scratch"/packages/capstan_*.deb > "$scratch/said" 2>&1; then
  echo "$release takes these packages: docs/operations.md says that it does not"
  exit 1
fi
missing=$(grep -oE 'Depends: [a-z0-9.+-]+' "$scratch/said" | sed 's/.*: //' | sort -u | tr '\n' ' ')
[ -n "$missing" ] || { echo "apt does not say what is missing:"; cat "$scratch/said"; exit 1; }
echo "$release has no: $missing"
grep -q 'install on the release of Debian that they were built on' "$source/docs/operations.md" || { echo "docs/operations.md does not say so"; exit 1; }
