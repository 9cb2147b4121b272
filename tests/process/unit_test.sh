#!/usr/bin/env bash
# The systemd unit: systemd accepts it, and its ExecStart line, with the files that it names in this
# scratch folder, runs an operator that works, stops at SIGTERM within the unit's limit with status
# 0, and runs as a user other than root.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/stack.sh"
debian=$(dirname "${BASH_SOURCE[0]}")/../../packaging/debian
unit=$debian/capstan.service
setting() { sed -n "s/^$1=//p" "$unit"; }
if command -v systemd-analyze > /dev/null; then
  mkdir -p "$scratch/root/etc/systemd/system" "$scratch/root/usr/bin"
  cp "$unit" "$scratch/root/etc/systemd/system/" && cp "$capstan" "$scratch/root/usr/bin/capstan"
  systemd-analyze verify --root="$scratch/root" --recursive-errors=no capstan.service 2> "$scratch/verified" || true
  ! grep -E 'capstan\.service:[0-9]+' "$scratch/verified" || fail "systemd finds something wrong with the unit"
fi
start_servers
install
mkdir -p "$scratch/etc" "$scratch/credentials"
# A port that no other process has, whatever runs concurrently.
sed "s/:8081/:0/" "$debian/run.flags" > "$scratch/etc/run.flags"
cp "$scratch/kubeconfig" "$scratch/credentials/kubeconfig"
line=$(setting ExecStart)
line=${line//\/usr\/bin\/capstan/$capstan} line=${line//\/etc\/capstan/$scratch/etc}
[[ $line != *" /etc/"* && $line == "$capstan run "* ]] || fail "ExecStart is not as expected: $line"
environment=$(sed -n 's/^Environment=//p' "$unit")
[ "$environment" = "KUBECONFIG=%d/kubeconfig" ] || fail "Environment is not as expected: $environment"
as=()
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null; then
  chmod -R a+rX "$scratch" "$(dirname "$capstan")"
  setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$capstan" -a -r "$scratch/credentials/kubeconfig" &&
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --bounding-set=-all)
fi
env DIGITALOCEAN_API_URL="$cloud_url" KUBECONFIG="$scratch/credentials/kubeconfig" "${as[@]}" $line > "$scratch/unit.log" 2>&1 &
service=$!
started+=("$service")
cluster web
wait_for settled web || { fail "the unit's operator does not work"; tail -5 "$scratch/unit.log" >&2; }
limit=$(setting TimeoutStopSec)
begun=$SECONDS
kill -TERM "$service"
wait "$service"
status=$?
[ "$status" = 0 ] || fail "the unit's operator ends with $status"
[ $((SECONDS - begun)) -lt "${limit%s}" ] || fail "it takes longer to stop than TimeoutStopSec"
finish
