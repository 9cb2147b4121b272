#!/usr/bin/env bash
# Prints the path of Debian's own kubectl (package kubernetes-client, 1.20), which is unpacked
# without affecting the installed kubectl.
set -euo pipefail
folder=${XDG_CACHE_HOME:-$HOME/.cache}/capstan/kubernetes-client
if [ ! -x "$folder/usr/bin/kubectl" ]; then
  mkdir -p "$folder"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  chmod 755 "$work"
  (cd "$work" && apt-get download kubernetes-client > download.log 2>&1 && dpkg -x kubernetes-client_*.deb "$folder") ||
    { tail -5 "$work/download.log" >&2; exit 1; }
fi
echo "$folder/usr/bin/kubectl"
