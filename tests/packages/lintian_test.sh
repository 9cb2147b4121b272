#!/usr/bin/env bash
# lintian_test.sh SOURCE BUILD: the packages are built, have the expected contents, and lintian
# finds nothing.
set -euo pipefail
source=$1 build=$2
skip() { echo "skipped: $*"; exit 77; }
command -v lintian > /dev/null || skip "there is no lintian"
command -v dpkg-shlibdeps > /dev/null || skip "there is no dpkg-dev"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$source/scripts/build-packages.sh" "$build" "$scratch"
# One line each, by which apt search distinguishes them.
synopses=$(for deb in "$scratch"/*.deb; do dpkg-deb -f "$deb" Description | head -1; done)
[ "$(sort -u <<< "$synopses" | wc -l)" = 4 ] && ! grep -qi framework <<< "$synopses" || { echo "packages have the same first line: $synopses"; exit 1; }
contents() { dpkg-deb -c "$scratch"/$1_*.deb | awk '{print $6}'; }
for file in ./usr/bin/capstan ./lib/systemd/system/capstan.service ./etc/capstan/run.flags ./usr/share/man/man1/capstan.1.gz \
  ./usr/share/man/man1/capstan-explain.1.gz ./usr/share/bash-completion/completions/capstan ./usr/share/zsh/vendor-completions/_capstan; do
  contents capstan | grep -qx "$file" || { echo "capstan lacks $file"; exit 1; }
done
contents capstan-provider-digitalocean | grep -qx ./usr/lib/capstan/plugins/libcapstan_digitalocean.so
contents capstan-dev | grep -qx ./usr/include/capstan/plugin.h
contents capstan-doc | grep -q operations.md
if command -v systemd-analyze > /dev/null; then
  dpkg-deb -x "$scratch"/capstan_*.deb "$scratch/root"
  systemd-analyze verify --root="$scratch/root" --recursive-errors=no capstan.service 2> "$scratch/unit" || true
  ! grep -E 'capstan.service:[0-9]+' "$scratch/unit" || exit 1
fi
lintian --no-cfg --allow-root --tag-display-limit 0 --fail-on error,warning --suppress-tags-from-file "$source/packaging/debian/lintian-tags" "$scratch"/*.deb
